"""Google Cloud Monitoring: ``[ALERT - Critical] summary`` and ``[RESOLVED] summary``; policy and start in fields."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of, severity_named
from backtrace_core.alerts.lines import head_of, is_called, link_id, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.naming import of_host
from backtrace_core.alerts.reading import Found, NoAlert, steady
from backtrace_core.alerts.times import plain_moment
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(
    r"^\W{0,4}\[?(ALERT|OPEN|OPENED|FIRING|ACKNOWLEDGED|RESOLVED|CLOSED)\b(?:\s*-\s*([\w -]{2,20}))?\]?:?"
    r"\s*(.{1,900})$",
    re.IGNORECASE,
)
_OVER = ("resolved", "closed")
_INCIDENT = re.compile(r"/(?:alerting/)?incidents/([\w.-]{3,80})")
_LABEL = re.compile(r"\b(?:service_name|container_name|configuration_name|function_name|module_id)\W{1,3}([\w-]{2,60})")
_HOST = re.compile(r"\bhost\W{1,3}([\w.-]{4,200})")


def recognises(message: SlackMessage) -> bool:
    known = links_to(message, "console.cloud.google.com") or is_called(message, "google cloud", "stackdriver", "gcp")
    return known and _HEAD.match(head_of(message)) is not None


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = _HEAD.match(head_of(message))
    if head is None:
        return NoAlert("Google Cloud wrote it, but its title says neither ALERT nor RESOLVED.")
    fields, title = fields_of(message), head[3].strip()
    named, host = _LABEL.search(message.body[:8000]), _HOST.search(message.body[:8000])
    policy = first_of(fields, "policy", "policy name")
    return Found(
        sender="google_cloud",
        status=AlertStatus.RESOLVED if head[1].lower() in _OVER else AlertStatus.FIRING,
        title=title,
        identity=link_id(message, _INCIDENT) or steady(title),
        is_id=bool(link_id(message, _INCIDENT)),
        place=f"{title} {policy}\n{message.body[:4000]}",
        service=(named[1] if named else None),
        likely=of_host(host[1]) if host else "",
        started_at=plain_moment(first_of(fields, "start time", "started at", "opened at", "start")),
        severity=severity_named(head[2] or first_of(fields, "severity")),
    )
