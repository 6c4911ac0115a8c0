"""CloudWatch alarms by Amazon Q Developer in chat applications, once AWS Chatbot.

A bold heading ``CloudWatch Alarm | name | region | Account: id``; the state in words, a field, an emoji or the colour.
The layout is known from AWS' pages alone, so any of these is enough.
"""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of
from backtrace_core.alerts.lines import first_match
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.naming import in_alarm
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.alerts.standing import is_green
from backtrace_core.alerts.times import plain_moment
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(
    r"^(?:\W{0,6}|:[\w+-]{1,40}: ?){0,3}CloudWatch Alarm\s*\|\s*([^|\n]{1,255}?)\s*\|\s*([\w-]{2,30})\s*\|\s*Account:",
    re.IGNORECASE,
)
_OVER_EMOJI = re.compile(r"^\W{0,3}(?::white_check_mark:|:large_green_circle:|✅|🟢)")
_BACK = re.compile(r"\bwas not (?:greater|less|lower)|\bwere not (?:greater|less|lower)|\bto OK\b")
_OVER = ("ok",)


def recognises(message: SlackMessage) -> bool:
    return first_match(_HEAD, message) is not None


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = first_match(_HEAD, message)
    if head is None:
        return NoAlert("It has no heading of a CloudWatch alarm.")
    name, fields = head[1], fields_of(message)
    service, environment = in_alarm(name)
    resolved = _is_over(message, head[0], first_of(fields, "new state", "current state", "state", "alarm state"))
    changed = first_of(fields, "state change time", "time", "timestamp")
    return Found(
        sender="aws_chatbot",
        status=AlertStatus.RESOLVED if resolved else AlertStatus.FIRING,
        title=name,
        identity=f"{name} {head[2]}",
        is_id=True,
        likely=service,
        place=name,
        environment=environment or None,
        started_at=None if resolved else plain_moment(changed),
        terms=tuple(value for key in ("metric", "metric name") if (value := first_of(fields, key))),
    )


def _is_over(message: SlackMessage, head: str, state: str) -> bool:
    if state:
        return state.lower().strip("` *") in _OVER
    colours = [attachment.colour for attachment in message.attachments if attachment.colour]
    return bool(_OVER_EMOJI.match(head) or _BACK.search(message.body[:8000])) or any(is_green(c) for c in colours)
