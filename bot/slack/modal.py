"""The rollback's modal in its five forms. Pure. Its submit is the confirmation; forms without one confirm nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from backtrace_core.model import ChangeRef, GoingBack
from bot.cards import RollbackView
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.modal_legs import ticks, what_goes_back
from bot.slack.sentences import MOST_NAME, change_link, counted, moment
from bot.slack.text import escape, is_member_id, link, mention

View = dict[str, Any]

SUBMIT_ID = "backtrace:roll_back_submit"
MOST_UNDONE = 12
MOST_SAYS = 400


@dataclass(frozen=True, slots=True)
class Way:
    """What a dialog calls itself, what it is about, and what is checked first."""

    title: str
    deed: str
    checks: str


BACK = Way("Roll back", "rollback", "the rollback target, what going back undoes")
FORWARD = Way("Roll forward again", "roll-forward", "what was rolled back, what going forward brings back")


def checking_modal(way: Way = BACK) -> View:
    """Opened at once, since a trigger id lives three seconds and the checks may take longer."""
    wait = f"Checking {way.checks}, and whether you may do it…"
    body = blocks.section((wait, "If this stays for a minute, close it and press again."), 500)
    return notice(way.title, body)


def rollback_modal(view: RollbackView) -> View:
    """The checked rollback. With refusals it says them, and has no submit button."""
    if view.refusals:
        return refusal_modal(view.refusals)
    parts = (
        blocks.section(_against(view), 2500),
        blocks.section(what_goes_back(view), 2900),
        ticks(view),
        blocks.section(listed(view, "It takes {changes} away"), 2900),
        blocks.section(_also(view), 2000),
        blocks.context(_who(view), 500),
    )
    seen = json.dumps({"incident": view.incident_id, "seen": view.seen})
    cancels = any(leg.cancel is not None for leg in view.offered)
    words = "Cancel and roll back" if cancels else "Roll back"
    if view.how is GoingBack.LINK:
        words = "Follow it"
    made = notice(BACK.title, list(chain.from_iterable(parts)))
    return made | {"callback_id": SUBMIT_ID, "private_metadata": seen, "submit": _words(words)}


def refusal_modal(reasons: Sequence[str], page: str = "", way: Way = BACK) -> View:
    """Why it can't be done now, or not by this person. Nothing was started. ``page``: where it can be done."""
    lines = [f"• {escape(reason, MOST_SAYS)}" for reason in reasons]
    if page:
        lines.append(f"This is {link(page, 'the environment in GitLab')}.")
    return notice(way.title, blocks.section((f"*Backtrace did not start a {way.deed}.*", *lines), 2900))


def busy_modal(slack_user: str, asked_at: datetime, way: Way = BACK) -> View:
    """Somebody else was first: who, and when."""
    # In a modal a mention shows the name, and notifies nobody.
    who = mention(slack_user) if is_member_id(slack_user) else "Somebody"
    words = f"{who} already started this {way.deed}, {moment(asked_at)}."
    return notice(way.title, blocks.section((words, "The card says how far it is."), 500))


def started_modal(says: str, way: Way = BACK) -> View:
    """``says`` tells what was started, beginning with a verb: "started a rollback of …"."""
    words = escape(says, MOST_SAYS)
    body = blocks.section((f"You {words}.", "The card follows it; this can be closed."), 900)
    return notice(way.title, body)


def waits_modal(until: datetime, way: Way = BACK) -> View:
    """What was confirmed waits for somebody else."""
    words = f"You asked for this {way.deed}. A second person has to press *Agree* on the card"
    body = blocks.section((f"{words}, until {moment(until)}.", "This can be closed."), 500)
    return notice(way.title, body)


def submitted(view: Mapping[str, Any]) -> tuple[str, str]:
    """The incident's id and what was seen, as :func:`rollback_modal` wrote them; empty where they can't be read."""
    try:
        carried = json.loads(view.get("private_metadata") or "{}")
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(carried, dict):
        return "", ""
    return str(carried.get("incident", "")), str(carried.get("seen", ""))


def _against(view: RollbackView) -> Iterator[str]:
    if view.not_shown_to_be_cause:
        yield f"*{escape(view.not_shown_to_be_cause, MOST_SAYS)}*"
    if view.cautions:
        yield "*Before going back:*"
        yield from (f"• {link(caution.url, caution.says, MOST_SAYS)}" for caution in view.cautions)


def listed(view: RollbackView, says: str) -> Iterator[str]:
    """What goes, or comes, with it; ``says`` has a place for how many ``{changes}``."""
    if not view.undoes:
        return
    yield f"*{says.format(changes=counted(len(view.undoes), 'change'))}:*"
    # The suspects first: they must not be among those that are only counted.
    first = sorted(view.undoes, key=lambda change: change.key not in view.suspects)
    yield from (f"• {_change(change, view)}" for change in first[:MOST_UNDONE])
    if len(first) > MOST_UNDONE:
        yield f"… and {len(first) - MOST_UNDONE} more"


def _also(view: RollbackView) -> Iterator[str]:
    if view.also:
        yield "*With these changes it also takes away:*"
        yield from (f"• {link(caution.url, caution.says, MOST_SAYS)}" for caution in view.also)


def _change(change: ChangeRef, view: RollbackView) -> str:
    by = f", by {escape(change.author, MOST_NAME)}" if change.author else ""
    if change.key not in view.suspects:
        return f"{change_link(change)}{by}"
    blamed = "likely culprit" if len(view.suspects) == 1 else "may be the cause"
    library = view.brought.get(change.key)
    return f"{change_link(change)}{by}: *{f'brings {escape(library, MOST_NAME)}, ' if library else ''}{blamed}*"


def _who(view: RollbackView) -> Iterator[str]:
    yield f"In GitLab you are {escape(view.username, MOST_NAME)}, and may deploy there. The card will say who did it."


def notice(title: str, body: list[Block]) -> View:
    """A modal that only says something."""
    return {
        "type": "modal",
        "callback_id": "backtrace:notice",
        "title": _words(title),
        "close": _words("Close"),
        "blocks": body,
    }


def _words(words: str) -> Block:
    return {"type": "plain_text", "text": words, "emoji": False}
