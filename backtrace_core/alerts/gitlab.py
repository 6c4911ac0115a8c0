"""GitLab's own alerts and incidents, as its Slack integration posts them.

An alert's text is always ``Alert firing in <project>``, also when it is resolved: only the field ``Status`` tells.
"""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import severity_named
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.alerts.times import long_moment
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_ALERT = re.compile(r"^\s*Alert firing in (\S{1,300})")
_INCIDENT = re.compile(r"^\s*\[([^\]\n]{1,300})\] Incident (#\d{1,12} .{1,300}?) (opened|closed|reopened) by ")


def recognises(message: SlackMessage) -> bool:
    return bool(_ALERT.match(message.text) or _INCIDENT.match(message.text))


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    incident = _INCIDENT.match(message.text)
    if incident is not None:
        status = AlertStatus.RESOLVED if incident[3] == "closed" else AlertStatus.FIRING
        url = message.links[1].url if len(message.links) > 1 else incident[2]
        return Found("gitlab", status, incident[2], url, place=incident[2], service=incident[1])
    return _alert(message)


def _alert(message: SlackMessage) -> Found | NoAlert:
    named, first = _ALERT.match(message.text), message.first
    if named is None or first is None:
        return NoAlert("GitLab wrote of an alert, but it has no attachment with its facts.")
    resolved = first.field("Status").strip().lower() == "resolved"
    started_at = long_moment(first.field("Start time"))
    return Found(
        sender="gitlab",
        status=AlertStatus.RESOLVED if resolved else AlertStatus.FIRING,
        title=first.title,
        identity=first.title_url or first.title,
        place=first.title,
        service=named[1],
        started_at=started_at if started_at is not None and started_at <= message.at else None,
        severity=severity_named(first.field("Severity")),
    )
