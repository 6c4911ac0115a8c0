"""What ``/backtrace audit`` answers: a channel's last presses, a line each. Plain text: whoever sends it escapes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.in_view import InView
from bot.slack.text import plain
from bot.store.audit import AuditEntry
from bot.store.links import LINKED, UNLINKED
from bot.store.offers import How
from bot.store.rollbacks import LEFT_OUT

USUAL, MOST = 10, 30
MOST_SAYS = 160

_ASKED = re.compile(r"audit(?:\s+(\d{1,3}))?", re.IGNORECASE)
_PRESSED = {
    "roll_back": 'pressed "Roll back"',
    "assign": 'pressed "Assign to author"',
    "page": 'pressed "Page on-call"',
    "not_culprit": 'pressed "Not the culprit"',
    "put_back": 'pressed "Put back"',
    "open_incident": 'pressed "Open incident"',
    "split": 'pressed "Split"',
    "switch_flag": 'pressed "Switch a flag off"',
    "flag_off": "confirmed that a flag is switched off",
    "cancel": 'pressed "Cancel deployment"',
    "cancel_confirmed": "confirmed that a deployment is cancelled",
    "agree": 'pressed "Agree"',
    "stop": 'pressed "Stop"',
    "roll_forward": 'pressed "Roll forward again"',
    "revert": 'pressed "Open revert merge request"',
    "claim": 'pressed "I\'m on it"',
}
_CONFIRMED = {
    How.RETRY: "confirmed a rollback",
    How.PIPELINE: "confirmed a rollback by a pipeline",
    How.LINK: "confirmed a rollback by hand",
    How.FORWARD: "confirmed a roll-forward",
    How.FORWARD_PIPELINE: "confirmed a roll-forward by a pipeline",
}
_LINK_WAYS = {
    "page": ", by the page",
    "device": ", by GitLab's page for devices",
    "gone": ", by being gone from Slack",
    "replaced": ", by linking another one",
}
_DIALOGS = ("roll_back", "roll_forward", "switch_flag", "cancel")
"""Buttons that open a dialog, whose confirmation is an entry of its own."""
NOBODY_KNOWS = "no answer is known"


def asked(words: str) -> int | None:
    """How many presses ``audit 20`` asks for; None where the words ask for something else."""
    found = _ASKED.fullmatch(words)
    return None if found is None else max(1, min(int(found[1] or USUAL), MOST))


def audit_words(entries: Sequence[AuditEntry], usernames: Mapping[str, str]) -> str:
    """``usernames`` maps Slack member ids to GitLab usernames."""
    if not entries:
        return "Nobody has pressed anything on Backtrace's cards in this channel."
    head = "The last presses in this channel, and who was linked in GitLab, the newest last, times in UTC:"
    return "\n".join((head, *(_line(entry, usernames) for entry in entries)))


def _line(entry: AuditEntry, usernames: Mapping[str, str]) -> str:
    if entry.kind in (LINKED, UNLINKED):
        return f"• {_when(entry.at)} Slack member {entry.slack_user} {_link(entry)}"
    who = entry.username or usernames.get(entry.slack_user) or f"Slack member {entry.slack_user}"
    return f"• {_when(entry.at)} {who} {_did(entry)}{''.join(_rest(entry))}"


def _link(entry: AuditEntry) -> str:
    """Who is told by the Slack id: the name is what was linked to it."""
    says = f"{entry.kind} the GitLab user {plain(entry.username, MOST_SAYS)} ({entry.gitlab_user_id})"
    return f"{says}{_LINK_WAYS.get(entry.way, '')}"


def _did(entry: AuditEntry) -> str:
    """What was done, and where that leads: of each leg by itself."""
    if entry.how is None:
        leads = "".join(_leads(entry.facts)) if entry.kind in ("roll_back", "roll_forward") else ""
        return f"{_PRESSED.get(entry.kind, entry.kind)}{leads}"
    label = plain(entry.label, MOST_SAYS)
    if entry.result == LEFT_OUT:
        whither = "roll-forward" if entry.how.is_forward else "rollback"
        return f"left {label} out of the {whither}"
    return f"{_CONFIRMED[entry.how]} of {label} (to deployment {entry.target_id})"


def _leads(seen: InView) -> Iterator[str]:
    legs = [leg for leg in seen.legs if leg.target is not None]
    if legs:
        each = (f"{plain(leg.label, MOST_SAYS)} to deployment {leg.target}" for leg in legs)
        yield f" ({', '.join(each)})"
    elif seen.target is not None:
        yield f" (to deployment {seen.target})"


def _rest(entry: AuditEntry) -> Iterator[str]:
    if entry.kind in _DIALOGS and entry.result == "done" and not entry.says:
        yield ", which opened the dialog; nothing is started by that"
    elif entry.says or (entry.result and entry.result != LEFT_OUT):
        yield f": {plain(entry.says, MOST_SAYS) or entry.result}"
    for request in entry.requests:
        yield f". GitLab, {request.request}: {plain(request.answer, MOST_SAYS) or NOBODY_KNOWS}"


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
