"""The modal that confirms cancelling the suspects' deployments, where there is nothing to go back to. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from backtrace_core.model import Deployment, DeploymentStatus
from bot.slack import blocks
from bot.slack.modal import MOST_SAYS, SUBMIT_ID, View, notice
from bot.slack.sentences import MOST_NAME, deployment_link, moment, short
from bot.slack.text import escape, link

TITLE = "Cancel deployment"


@dataclass(frozen=True, slots=True)
class CancelView:
    """``running`` is what would be cancelled, ``live`` what is live in these places, ``why_none`` why nothing is gone
    back to."""

    incident_id: str
    running: tuple[Deployment, ...]
    live: tuple[Deployment, ...]
    why_none: str
    username: str

    @property
    def seen(self) -> str:
        """What the presser decides upon; it comes back with the submit."""
        return " ".join(str(one.id) for one in self.running)


def checking_cancel_modal() -> View:
    """Opened at once, since a trigger id lives three seconds."""
    wait = "Looking whether it still runs, and whether you may cancel it…"
    return notice(TITLE, blocks.section((wait, "If this stays for a minute, close it and press again."), 500))


def cancel_modal(view: CancelView) -> View:
    """What is cancelled, and what that leaves."""
    who = f"In GitLab you are {escape(view.username, MOST_NAME)}, and may deploy there. The card will say who did it."
    body = [*blocks.section(_lines(view), 2900), *blocks.context((who,), 500)]
    carried = json.dumps({"incident": view.incident_id, "seen": view.seen})
    submit = blocks.plain_text("Cancel it" if len(view.running) == 1 else "Cancel them", blocks.MOST_BUTTON)
    return notice(TITLE, body) | {"callback_id": SUBMIT_ID, "private_metadata": carried, "submit": submit}


def not_cancelled_modal(why: str) -> View:
    """Why it can't be done. Nothing was changed."""
    return notice(TITLE, blocks.section(("*Backtrace cancelled nothing.*", f"• {escape(why, MOST_SAYS)}"), 2900))


def cancelling_modal() -> View:
    """After the submit: the card tells how it ended."""
    return notice(TITLE, blocks.section(("Cancelling…", "The card says how it ends; this can be closed."), 500))


def _lines(view: CancelView) -> Iterator[str]:
    yield from (_runs(one) for one in view.running)
    jobs = "its job" if len(view.running) == 1 else "their jobs"
    yield f"This cancels {jobs} in GitLab. What was changed by then stays: nothing is taken back."
    yield f"Nothing is deployed instead. {escape(view.why_none, MOST_SAYS)}"
    for one in view.live:
        where = f" in {escape(one.environment, MOST_NAME)}" if len(view.live) > 1 else ""
        yield f"Live now{where}: {deployment_link(one)}."


def _runs(deployment: Deployment) -> str:
    verb = "is being" if deployment.status is DeploymentStatus.RUNNING else "waits to be"
    since = f" since {moment(deployment.started_at)}" if deployment.started_at else ""
    name = f"{link(deployment.url, f'Deployment {deployment.id}')} (`{short(deployment)}`)"
    return f"{name} {verb} rolled out to {escape(deployment.environment, MOST_NAME)}{since}."
