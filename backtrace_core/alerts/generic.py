"""Whatever else a program posts that reads like an alert: a home-made webhook, a sender without a reader of its own.

It has to say that something is wrong, or that it is over; deployments, merge requests, pipelines and people's rosters
are no alerts, though they speak of errors too.
"""

from __future__ import annotations

import re

from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, alert_of
from backtrace_core.alerts.slack_text import unmarked
from backtrace_core.alerts.stack import frames_in
from backtrace_core.model import Alert, AlertStatus
from backtrace_core.scope import Catalog

_NO_ALERT = re.compile(
    r"\b(starting deploy|deploy(?:ment)? to \S{1,100} (?:succeeded|failed|canceled)|deployed|rolled back|handover"
    r"|on call|merge request|pull request|pipeline #?\d|synced|standup|posted an update|daily summary|weekly report"
    r"|created an? |more images than can be shown|acknowledged the alert|assigned to|commented on|watchdog)\b",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(resolved|recover(?:ed|y)|closed|back to normal|(?:is|are) up|\[?ok\]?|behoben|已恢复)(?![\w/])"
    r"|:white_check_mark:|:large_green_circle:|✅|🟢",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"\b(firing|fired|triggered|alert|alarm|critical|error|errors|exception|fatal|panic(?:ked)?|fail(?:ed|ing|ure|s)?"
    r"|down|outage|unhealthy|unavailable|degraded|timed? ?out|timeout|latency|crash(?:ed|ing|loop)?|oom(?:killed)?|5xx"
    r"|http 5\d\d|no data|unhandled\w{0,40}|warn(?:ing)?|st[öo]rung|backlog|breach(?:ed)?|exceed(?:ed|s)?|above"
    r"|spike)\b"
    r"|:rotating_light:|:fire:|:red_circle:|:warning:|🔥|🚨|🔴|⚠",
    re.IGNORECASE,
)
_RED = frozenset(("danger", "a30200", "d63232", "e74c3c", "ff0000", "fa4747", "e01e5a"))
_GREEN = frozenset(("good", "2eb886", "36a64f", "4dc771", "2eb67d"))
_STATUS_WORDS = re.compile(
    r"^\s*(?::[\w+-]{1,40}:\s*|[🔥🚨🔴✅🟢⚠️]+\s*){0,3}"
    r"(?:\[(?:firing|resolved|alert|critical|ok|warning)[^\]\n]{0,40}\]\s*"
    r"|(?:re-)?(?:triggered|recovered|resolved|firing|alert|warn|no data|已恢复):\s*)?",
    re.IGNORECASE,
)
_OTHER_VALUES = re.compile(r"\s{1,20}\([^()\n]{0,2000}\)\s{0,20}$")
_LONGEST_HEADING = 1000
_NUMBERS = re.compile(r"\d+(?:[.,:]\d+)*")


def recognises(message: SlackMessage) -> bool:
    """The last reader: whatever nobody else knows."""
    return bool(message.body.strip())


def read(message: SlackMessage, catalog: Catalog) -> Alert | None:
    heading = _heading(message)
    if _NO_ALERT.search(f"{message.text[:300]}\n{heading}"):
        return None
    status = _status(heading, message)
    if status is None:
        return None
    title = _OTHER_VALUES.sub("", _STATUS_WORDS.sub("", heading, count=1)).strip() or heading.strip()
    identity = _NUMBERS.sub("#", title)
    found = Found("generic", status, title, identity, place=f"{heading}\n{message.body[:4000]}")
    return alert_of(found, message, catalog)


def _heading(message: SlackMessage) -> str:
    """The first line with words: of the text, else of the attachment's title, a header, or any block."""
    first = message.first
    candidates = (
        message.text,
        first.title if first else "",
        *(block.text for block in message.blocks if block.kind == "header"),
        first.pretext if first else "",
        message.body,
    )
    lines = (line for text in candidates for line in unmarked(text).strip().split("\n")[:1])
    return next((line.strip()[:_LONGEST_HEADING] for line in lines if line.strip()), "")


def _status(heading: str, message: SlackMessage) -> AlertStatus | None:
    """A heading that fires outweighs one that is over (mixed groups fire); then the colour, a trace, the text."""
    colour = next((a.colour for a in message.attachments if a.colour), "")
    if _OVER.search(heading) and "firing" not in heading.lower():
        return AlertStatus.RESOLVED
    if _WRONG.search(heading) or colour in _RED or frames_in(message.marked):
        return AlertStatus.FIRING
    if colour in _GREEN and _OVER.search(message.body):
        return AlertStatus.RESOLVED
    return AlertStatus.FIRING if _WRONG.search(message.body[:2000]) else None
