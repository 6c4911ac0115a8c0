"""Splunk On-Call, once VictorOps: ``CRITICAL: Incident #n entity``, ``RECOVERY``, ``ACKNOWLEDGEMENT``."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of
from backtrace_core.alerts.lines import head_of, is_called, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus, Severity
from backtrace_core.scope import Catalog

_HEAD = re.compile(
    r"^(?:\W{0,4}|:[\w+-]{1,40}: ?){0,3}"
    r"(CRITICAL|WARNING|RECOVERY|ACKNOWLEDGE?MENT|INFO|TRIGGERED|ACKED|RESOLVED)\b\s*[:-]?\s*"
    r"((?:Incident\s*)?(?:#(\d{1,12}))?\W{0,3}(.{1,900}))$",
    re.IGNORECASE,
)
_SEVERITY = {"critical": Severity.CRITICAL, "warning": Severity.MEDIUM}
_OVER = ("recovery", "resolved")


def recognises(message: SlackMessage) -> bool:
    known = links_to(message, "victorops.com") or is_called(message, "splunk on-call", "victorops")
    return known and _HEAD.match(head_of(message)) is not None


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = _HEAD.match(head_of(message))
    if head is None or head[1].lower() == "info":
        return NoAlert("Splunk On-Call wrote it, but no CRITICAL, WARNING or RECOVERY of an incident.")
    state = first_of(fields_of(message), "state", "status").lower()
    over = head[1].lower() in _OVER or (state in _OVER)
    entity = head[4].strip()
    return Found(
        sender="splunk_on_call",
        status=AlertStatus.RESOLVED if over else AlertStatus.FIRING,
        title=head[2].strip(),
        identity=entity,
        is_id=True,
        place=entity.replace("/", " "),
        likely=re.split(r"[/ ]", entity)[0],
        severity=_SEVERITY.get(head[1].lower()),
    )
