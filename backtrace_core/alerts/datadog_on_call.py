"""Datadog On-Call's pages: ``Page #123: title``, its status below, in the text, a field, or rich text."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of, severity_named
from backtrace_core.alerts.lines import first_match
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_PAGE = re.compile(r"^(?:\W{0,6}|:[\w+-]{1,40}: ?){0,3}Page #(\d{1,12})\W{1,4}(.{1,900})$", re.IGNORECASE)
_BEHIND_LINKS = re.compile(
    r"^\[?(?:Monitor Status|Edit Monitor|Related Logs)\b\W{1,4}Page #(\d{1,12})\W{1,4}(.{1,900})$"
)
"""Some links of its messages are broken in their markup, and stand in one line with the page."""
_STATUS = re.compile(r"\bStatus\b\W{0,8}(Triggered|Acknowledged|Resolved)\b", re.IGNORECASE)
_NOTED = re.compile(
    r"\s{0,4}\b(?:was|has been|is) \W?(resolved|acknowledged|escalated|triggered)\b.{0,200}$", re.IGNORECASE
)


def recognises(message: SlackMessage) -> bool:
    return _page(message) is not None


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    page = _page(message)
    if page is None:
        return NoAlert("It has no page of Datadog On-Call.")
    fields, said = fields_of(message), _STATUS.search(message.body)
    status = first_of(fields, "status") or (said[1] if said else "")
    title = page[2].strip()
    if noted := _NOTED.search(title):
        status, title = status or noted[1], title[: noted.start()] or title
    return Found(
        sender="datadog",
        status=AlertStatus.RESOLVED if status.lower().startswith("resolved") else AlertStatus.FIRING,
        title=title,
        identity=f"page {page[1]}",
        is_id=True,
        place=f"{title}\n{message.body[:4000]}",
        service=first_of(fields, "service", "services") or None,
        severity=severity_named(first_of(fields, "urgency", "severity", "priority")),
    )


def _page(message: SlackMessage) -> re.Match[str] | None:
    return first_match(_PAGE, message) or first_match(_BEHIND_LINKS, message)
