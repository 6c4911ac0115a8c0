"""Whatever else a program posts that reads like an alert: a home-made webhook, a sender without a reader of its own.

It has to say that something is wrong, or that it is over; deployments, merge requests, pipelines and people's rosters
are no alerts, though they speak of errors too.
"""

from __future__ import annotations

import re
from itertools import islice

from backtrace_core.alerts.fields import fields_of, first_of
from backtrace_core.alerts.labels import environment_of, labels_in, service_of
from backtrace_core.alerts.lines import lines_of
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.naming import leading_label
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.alerts.slack_text import unmarked
from backtrace_core.alerts.stack import frames_in
from backtrace_core.alerts.standing import (
    fires,
    is_green,
    is_no_alert,
    is_over,
    is_red,
    prints_wrong,
    says_over,
    says_wrong,
)
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_STATUS_WORDS = re.compile(
    r"^\s*(?::[\w+-]{1,40}:\s*|[🔥🚨🔴✅🟢⚠️]+\s*){0,3}"
    r"(?:[\[【](?:firing|resolved|recovered|alert|critical|ok|warning|復旧|回復|障害|恢复|告警)[^\]】\n]{0,40}[\]】]\s*"
    r"|(?:re-)?(?:triggered|recovered|resolved|firing|alert|warn|no data|problem|recovery"
    r"|behoben|résolu|resuelto|resolvido|risolto|已恢复|已解决|解決済み|告警)\s?[:\uff1a]\s*)?",
    re.IGNORECASE,
)
SENDER = "generic"
"""The sender of alerts that no reader of their own takes."""
_OTHER_VALUES = re.compile(r"\s{1,20}\([^()\n]{0,2000}\)\s{0,20}$")
_SINCE = re.compile(r"[\s,(-]{1,4}since \d{4}-\d\d-\d\d[T ][^\n]{0,40}$", re.IGNORECASE)
_IS_FIELD = re.compile(
    r"^(?:service|app|application|env|environment|host|status|state|severity|priority|time)\s?:", re.IGNORECASE
)
_WHAT = ("alert", "alert name", "title", "name", "summary", "message", "error", "description", "reason")
_STATE = ("status", "state", "alert state", "current state", "new state")
_EMOJI = re.compile(r":[a-z0-9_+-]{1,40}:")
_WORDS = re.compile(r"[^\W\d_]|[🔥🚨🔴⚠]")
_LONGEST_BODY, _NEAR = 2000, 2
_LONGEST_HEADING = 1000
_NUMBERS = re.compile(r"\d+(?:[.,:]\d+)*")


def recognises(message: SlackMessage) -> bool:
    """The last reader: whatever nobody else knows."""
    return bool(message.body.strip())


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    heading = _heading(message)
    above = message.first.pretext.partition("\n")[0] if message.first else ""
    if not _WORDS.search(_EMOJI.sub("", heading)):
        return NoAlert("It has no words.")
    if is_no_alert(heading) or is_no_alert(unmarked(above)):
        return NoAlert("It begins as news do: a deployment, a merge request, a pipeline, a roster, what somebody did.")
    status = _status(heading, message)
    if status is None:
        return NoAlert("Nothing says that something is wrong: no word for it in front, no red colour, no stack trace.")
    title = _title(heading, message)
    identity = _NUMBERS.sub("#", title)
    place, named = f"{heading}\n{message.body[:4000]}", leading_label(heading) or ""
    return Found(SENDER, status, title, identity, place=place, named=named)


def _title(heading: str, message: SlackMessage) -> str:
    """Without the status; where the message is a list of fields, the one that says what is wrong."""
    if _IS_FIELD.match(heading):
        return first_of(fields_of(message), *_WHAT) or heading
    title = _SINCE.sub("", _STATUS_WORDS.sub("", heading, count=1))
    return _OTHER_VALUES.sub("", title).strip() or heading.strip()


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
    """The heading first; then the colour, a trace, the text."""
    colour = next((a.colour for a in message.attachments if a.colour), "")
    if not fires(heading):
        if is_over(heading) or is_over(first_of(fields_of(message), *_STATE)):
            return AlertStatus.RESOLVED
        if is_green(colour):
            return _at_rest(heading, message)
    if says_wrong(heading) or is_red(colour) or frames_in(message.marked):
        return AlertStatus.FIRING
    return AlertStatus.FIRING if _wrong_below(message) else None


def _wrong_below(message: SlackMessage) -> bool:
    """Below the first lines people's words for trouble count only where the message says, too, where it is."""
    body = message.body[:_LONGEST_BODY]
    near = "\n".join(islice(lines_of(message), _NEAR))
    if says_wrong(near) or prints_wrong(body):
        return True
    places = labels_in(body)
    return says_wrong(body) and (service_of(places, (), Catalog(())) or environment_of(places, "")) is not None


def _at_rest(heading: str, message: SlackMessage) -> AlertStatus | None:
    """Green ends what the heading says is wrong; of what it does not, good news is told, which may speak of errors."""
    if says_wrong(heading) or says_over(message.body):
        return AlertStatus.RESOLVED
    return AlertStatus.FIRING if frames_in(message.marked) else None
