"""What ``/backtrace audit`` answers: a channel's last presses, a line each. Plain text: whoever sends it escapes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.slack.text import plain
from bot.store.audit import CONFIRMED, AuditEntry

USUAL, MOST = 10, 30
MOST_SAYS = 160

_ASKED = re.compile(r"audit(?:\s+(\d{1,3}))?", re.IGNORECASE)
_PRESSED = {
    "roll_back": 'pressed "Roll back"',
    "assign": 'pressed "Assign to author"',
    "page": 'pressed "Page on-call"',
    "not_culprit": 'pressed "Not the culprit"',
    "open_incident": 'pressed "Open incident"',
    "split": 'pressed "Split"',
    "switch_flag": 'pressed "Switch a flag off"',
    "flag_off": "confirmed that a flag is switched off",
    "agree": 'pressed "Agree"',
    "stop": 'pressed "Stop"',
    "roll_forward": 'pressed "Roll forward again"',
    "revert": 'pressed "Open revert merge request"',
    "claim": 'pressed "I\'m on it"',
    CONFIRMED: "confirmed a rollback",
}
NOBODY_KNOWS = "no answer is known"


def asked(words: str) -> int | None:
    """How many presses ``audit 20`` asks for; None where the words ask for something else."""
    found = _ASKED.fullmatch(words)
    return None if found is None else max(1, min(int(found[1] or USUAL), MOST))


def audit_words(entries: Sequence[AuditEntry], usernames: Mapping[str, str]) -> str:
    """``usernames`` maps Slack member ids to GitLab usernames."""
    if not entries:
        return "Nobody has pressed anything on Backtrace's cards in this channel."
    head = "The last presses in this channel, the newest last, times in UTC:"
    return "\n".join((head, *(_line(entry, usernames) for entry in entries)))


def _line(entry: AuditEntry, usernames: Mapping[str, str]) -> str:
    who = entry.username or usernames.get(entry.slack_user) or f"Slack member {entry.slack_user}"
    return f"• {_when(entry.at)} {who} {_PRESSED.get(entry.kind, entry.kind)}{''.join(_rest(entry))}"


def _rest(entry: AuditEntry) -> Iterator[str]:
    target = entry.facts.get("target")
    if target is not None and entry.kind in ("roll_back", CONFIRMED):
        yield f" (to deployment {target})"
    if entry.says or entry.result:
        yield f": {plain(entry.says, MOST_SAYS) or entry.result}"
    for request in entry.requests:
        yield f". GitLab, {request.request}: {plain(request.answer, MOST_SAYS) or NOBODY_KNOWS}"


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
