"""Uptime Kuma: ``[name] [🔴 Down] message``; the header is the product's name, the moment a field in UTC."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of
from backtrace_core.alerts.lines import first_match
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.alerts.times import plain_moment
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(
    r"^\[([^\]\n]{1,150})\]\s*\[[^\]\w\n]{0,6}(?::[\w+-]{1,40}:)?\W{0,3}(Up|Down|Pending|Maintenance)\]\s*(.{0,700})$"
)
_CERTIFICATE = re.compile(
    r"^\[([^\]\n]{1,150})\]\[([^\]\n]{1,300})\]\s*(.{0,40}\bcertificate\b.{1,300}\bexpire.{1,100})$", re.IGNORECASE
)


def recognises(message: SlackMessage) -> bool:
    return first_match(_HEAD, message) is not None or first_match(_CERTIFICATE, message) is not None


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head, certificate = first_match(_HEAD, message), first_match(_CERTIFICATE, message)
    if head is None:
        named = certificate[1] if certificate else ""
        title = f"[{named}] {certificate[3] if certificate else ''}"
        return Found("uptime_kuma", AlertStatus.FIRING, title, identity=f"{named} certificate", service=named or None)
    if head[2] == "Maintenance":
        return NoAlert("The monitor is under maintenance.")
    name = head[1].strip()
    return Found(
        sender="uptime_kuma",
        status=AlertStatus.RESOLVED if head[2] == "Up" else AlertStatus.FIRING,
        title=f"[{name}] {head[3].strip()}".strip(),
        identity=name,
        place=name,
        service=name,
        # Of both states it is the moment of the check that saw it; older versions name the zone otherwise.
        started_at=plain_moment(first_of(fields_of(message), "time (utc)")),
    )
