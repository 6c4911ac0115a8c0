"""The modal of rolling forward again: what is deployed anew, what that brings, and what speaks against it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from bot.cards import LegView, RollbackView
from bot.slack import blocks
from bot.slack.modal import FORWARD, MOST_SAYS, SUBMIT_ID, listed, notice, refusal_modal
from bot.slack.modal_legs import BY, ticks
from bot.slack.sentences import MOST_NAME, deployment_link, moment
from bot.slack.text import escape, link


def forward_modal(view: RollbackView) -> dict[str, Any]:
    """Its submit is the confirmation, as for going back; with refusals it has none."""
    if view.refusals:
        return refusal_modal(view.refusals, way=FORWARD)
    parts = (
        blocks.section(_against(view), 2900),
        blocks.section(_what(view), 2900),
        ticks(view),
        blocks.section(listed(view, "It brings {changes} back"), 2900),
        blocks.context(_who(view), 500),
    )
    seen = json.dumps({"incident": view.incident_id, "seen": view.seen})
    submit = blocks.plain_text("Roll forward", blocks.MOST_BUTTON)
    made = notice(FORWARD.title, list(chain.from_iterable(parts)))
    return made | {"callback_id": SUBMIT_ID, "private_metadata": seen, "submit": submit}


def _against(view: RollbackView) -> Iterator[str]:
    if view.cautions:
        yield "*Before going forward:*"
        yield from (f"• {link(caution.url, caution.says, MOST_SAYS)}" for caution in view.cautions)


def _what(view: RollbackView) -> Iterator[str]:
    yield f"*This deploys again what the rollback replaced, {BY[view.how]}:*"
    yield from (_leg(leg) for leg in view.offered)
    for leg in view.legs:
        if leg not in view.offered:
            yield f"• {_label(leg)} stays as it is: {escape(leg.why_not, MOST_SAYS)}"


def _leg(leg: LegView) -> str:
    if leg.target is None:
        return ""
    was = f", first live {moment(leg.target.finished_at)}" if leg.target.finished_at else ""
    now = f"; live now: {deployment_link(leg.live)}" if leg.live is not None else ""
    return f"• {_label(leg)} to {deployment_link(leg.target)}{was}{now}"


def _label(leg: LegView) -> str:
    return f"*{escape(leg.label, MOST_NAME)}*"


def _who(view: RollbackView) -> Iterator[str]:
    yield f"In GitLab you are {escape(view.username, MOST_NAME)}, and may deploy there. The card will say who did it."
