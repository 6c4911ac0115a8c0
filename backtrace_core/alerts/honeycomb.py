"""Honeycomb's triggers and burn alerts: ``Triggered: name``, ``Resolved: name``; the place in the link."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of
from backtrace_core.alerts.lines import head_of, is_called, link_id, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(
    r"^(?:\W{0,4}|:[\w+-]{1,40}: ?){0,3}(?:(?:SLO )?(?:Burn|Trigger)(?: Alert)?\s*[:-]?\s*)?"
    r"(Triggered|Resolved|Alert|Firing|OK)\s*[:-]\s*(.{1,900})$",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"^\W{0,4}(.{1,300}?) (?:was |has been |is )?(triggered|resolved)\W{0,3}$", re.IGNORECASE)
_OVER = ("resolved", "ok")
_DATASET = re.compile(r"/datasets/([\w-]{1,80})")
_ENVIRONMENT = re.compile(r"/environments/([\w-]{1,80})")
_ID = re.compile(r"((?:triggers|slos?|burn_alerts?)/\w{1,40})")


def recognises(message: SlackMessage) -> bool:
    known = links_to(message, "honeycomb.io/") or is_called(message, "honeycomb")
    return known and any(pattern.match(head_of(message)) for pattern in (_HEAD, _BEHIND))


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head, behind = _HEAD.match(head_of(message)), _BEHIND.match(head_of(message))
    if head is not None:
        state, title = head[1], head[2].strip()
    elif behind is not None:
        state, title = behind[2], behind[1]
    else:
        return NoAlert("Honeycomb wrote it, but its title says neither Triggered nor Resolved.")
    fields, own = fields_of(message), link_id(message, _ID)
    return Found(
        sender="honeycomb",
        status=AlertStatus.RESOLVED if state.lower() in _OVER else AlertStatus.FIRING,
        title=title,
        identity=own or title,
        is_id=bool(own),
        place=title,
        service=first_of(fields, "dataset", "service", "service.name") or link_id(message, _DATASET) or None,
        environment=first_of(fields, "environment") or link_id(message, _ENVIRONMENT) or None,
    )
