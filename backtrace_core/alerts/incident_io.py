"""incident.io: the announcement with its fields, edited in place, and updates in its thread, all by ``INC-n``."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of, severity_named
from backtrace_core.alerts.lines import is_called, lines_of, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_NAMED = re.compile(r"\b(INC-\d{1,9})\b:?\s*(.{0,300})")
_UPDATE = re.compile(
    r"^(?:\W{0,4}|:[\w+-]{1,40}: ?){0,3}(?:Incident )?Updates? (?:for|to|on|shared in) INC-", re.IGNORECASE
)
_OVER = re.compile(
    r"\b(?:resolved|closed|post-incident|documenting|reviewing|declined|merged|cancell?ed|learning)\b", re.IGNORECASE
)
_ENDED = re.compile(r"(?:was|is|has been) \W{0,2}(resolved|closed|declined|merged|cancell?ed)\b", re.IGNORECASE)
_MOVED = re.compile(r"→|->|:arrow_right:")
_DID = re.compile(
    r"\b(?:assigned|joined|follow-up|role|postmortem|reminder|your turn|digest|summary of)\b", re.IGNORECASE
)


def recognises(message: SlackMessage) -> bool:
    return is_called(message, "incident.io") or links_to(message, "app.incident.io")


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    lines = list(lines_of(message))
    named = [match for line in lines[:20] if (match := _NAMED.search(line))]
    if not named:
        return NoAlert("incident.io wrote it, but it names no incident (INC-n).")
    fields, is_update = fields_of(message), any(_UPDATE.match(line) for line in lines[:3])
    ended = _ENDED.match(named[0][2])
    status = _MOVED.split(first_of(fields, "status", "incident status"))[-1] or (ended[1] if ended else "")
    if not status and not is_update and not named[0][2]:
        return NoAlert("incident.io wrote it, but it says neither how the incident stands nor what it is.")
    if not is_update and not status and _DID.search(lines[0]):
        return NoAlert("It only says what somebody does about an incident.")
    state = status or named[0][2]
    title = named[0][1] if is_update else " ".join(named[0].groups()).strip()
    return Found(
        sender="incident_io",
        status=AlertStatus.RESOLVED if _OVER.search(state if status or is_update else "") else AlertStatus.FIRING,
        title=title,
        identity=named[0][1],
        is_id=True,
        place=named[0][2],
        service=first_of(fields, "service", "affected service", "services", "affected services") or None,
        severity=severity_named(first_of(fields, "severity")),
    )
