"""Azure Monitor, as Logic Apps post it: ``rule: Fired``, or a field for the monitor's condition. The colour stays."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of, severity_named
from backtrace_core.alerts.lines import first_match, is_called, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_STATE = r"Fired|Activated|Resolved|Deactivated"
_BEHIND = re.compile(rf"^\W{{0,4}}(\S.{{0,300}}?)\s*[:-]\s*({_STATE})\W{{0,3}}$", re.IGNORECASE)
_BEFORE = re.compile(
    rf"^\W{{0,4}}(?:Azure\b.{{0,40}}? )?({_STATE})\s*[:-]\s*(?:(Sev ?\d)\s*[:-]?\s*)?"
    r"(?:Azure Monitor Alert\s*:?\s*)?(\S.{0,300})$",
    re.IGNORECASE,
)
_CONDITION = ("monitor condition", "monitorcondition", "condition", "alert state", "status", "state")
_OVER = re.compile(r"resolved|deactivated", re.IGNORECASE)
_SERVICE = (
    "cloud role name",
    "cloud_rolename",
    "resource name",
    "affected resource",
    "target resource",
    "resource",
    "name",
)


def recognises(message: SlackMessage) -> bool:
    known = links_to(message, "portal.azure.com", "portal.azure.us") or is_called(message, "azure")
    condition = re.fullmatch(_STATE, first_of(fields_of(message), *_CONDITION), re.IGNORECASE)
    return known and (condition is not None or any(first_match(p, message) for p in (_BEHIND, _BEFORE)))


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    fields = fields_of(message)
    behind, before = first_match(_BEHIND, message), first_match(_BEFORE, message)
    state, title = first_of(fields, *_CONDITION), first_of(fields, "alert rule", "alert name", "rule")
    if behind is not None:
        state, title = behind[2], behind[1]
    elif before is not None:
        state, title = before[1], before[3]
    header = next((b.text for a in message.attachments for b in a.blocks if b.kind == "header"), "")
    title = title or header
    service = first_of(fields, *_SERVICE).rstrip("/").rpartition("/")[2]
    return Found(
        sender="azure",
        status=AlertStatus.RESOLVED if _OVER.match(state) else AlertStatus.FIRING,
        title=title,
        identity=title,
        place=f"{title}\n{message.body[:4000]}",
        service=service or None,
        severity=severity_named(first_of(fields, "severity") or (before[2] or "" if before else "")),
    )
