"""What stands in a merge request that takes a change back. Pure.

No line of it begins with foreign text, and nothing is closed by it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from backtrace_core.model import Change
from bot.gitlab.text import inline, linked, quoting_title

_LABEL = re.compile(r"[\w./-]+#\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class RevertText:
    """``change`` is taken back for the incident of our ``incident_id``. ``why`` follows on "which": plain words of
    ours. ``incident`` is the GitLab incident's label, or empty; ``asked_by`` a GitLab username, or empty; ``told`` what
    is known of a rollback.
    """

    incident_id: str
    change: Change
    why: str
    service: str
    alert: str
    incident: str = ""
    card_url: str = ""
    asked_by: str = ""
    told: str = ""


def branch_of(text: RevertText) -> str:
    """A name that tells what it is for, the same each time: the merge request is found again by it."""
    change = text.change
    name = str(change.iid) if change.iid is not None else change.sha[:8]
    key = hashlib.sha256(f"{text.incident_id} {change.key}".encode()).hexdigest()[:8]
    return f"backtrace/revert-{name}-{key}"


def title_of(text: RevertText) -> str:
    return quoting_title("Revert", text.change.title or text.change.label)


def description_of(text: RevertText, shas: tuple[str, ...]) -> str:
    change = text.change
    commits = ", ".join(inline(sha[:12]) for sha in shas)
    lines = (
        f"Takes back {linked(f'{change.label} {change.title}'.strip(), change.url)}, which {text.why}.",
        f"The trouble: {inline(text.alert)}, in {inline(text.service)}.",
        f"Related to {text.incident}" if _LABEL.fullmatch(text.incident) else "",
        f"Since the rollback: {inline(text.told)}" if text.told else "",
        f"Reverted here, newest first: {commits}." if commits else "",
        (
            f"Opened by Backtrace for {inline(text.asked_by) or 'somebody in Slack'}. Look at it before you merge: "
            "a revert takes the whole change back, and what was built upon it since may need it."
        ),
        f"{linked('The card in Slack', text.card_url)} has the reasons." if text.card_url else "",
    )
    return "\n\n".join(line for line in lines if line)
