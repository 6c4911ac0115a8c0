"""Better Stack (Better Uptime): ``New incident started``, ``Incident acknowledged``, ``Incident resolved``."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of
from backtrace_core.alerts.lines import first_match, is_called, link_id, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.naming import of_host
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.alerts.times import plain_moment
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(
    r"^(?:\W{0,4}|:[\w+-]{1,40}: ?){0,3}(?:New )?(?:automatic |manual )?incident (?:has been |was |is )?"
    r"(started|created|reported|acknowledged|resolved|reopened|confirmed|escalated)\b"
    r"(?: automatically| by [^:]{1,60})?\W{0,2}(?:[:-]\s*(.{1,300}))?$",
    re.IGNORECASE,
)
_MONITOR = re.compile(r"(?:betterstack|betteruptime)\.com/.{0,60}?((?:monitors|heartbeats)/\d{1,12})")


def recognises(message: SlackMessage) -> bool:
    known = links_to(message, "betterstack.com", "betteruptime.com") or is_called(
        message, "better stack", "better uptime"
    )
    return known and first_match(_HEAD, message) is not None


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head, fields = first_match(_HEAD, message), fields_of(message)
    if head is None:
        return NoAlert("Better Stack wrote it, but of no incident that began or ended.")
    monitor = first_of(fields, "monitor", "heartbeat", "name")
    title = (head[2] or monitor or first_of(fields, "cause")).strip() or head[0]
    address = first_of(fields, "checked url", "url") or title
    return Found(
        sender="better_stack",
        status=AlertStatus.RESOLVED if head[1].lower() == "resolved" else AlertStatus.FIRING,
        title=title,
        identity=link_id(message, _MONITOR) or monitor or title,
        is_id=True,
        place=f"{title} {of_host(address)}\n{message.body[:4000]}",
        likely=of_host(address),
        started_at=plain_moment(first_of(fields, "started at", "started", "start time")),
        terms=tuple(cause for cause in (first_of(fields, "cause"),) if cause),
    )
