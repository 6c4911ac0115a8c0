"""Opsgenie and Jira Service Management: what happened as ``pretext``, ``#46353: message`` as title.

Closing is an alert's end; acknowledging, notes and the like are follow-ups, and none of them says that it fires.
"""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of, severity_named
from backtrace_core.alerts.labels import words_of
from backtrace_core.alerts.lines import is_called, lines_of, link_id
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.naming import likely_service
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog, looks_like_environment

_LINK = re.compile(
    r"opsg\.in/a/(?:i/)?([\w./-]{1,200})|(?:opsgenie|atlassian)[\w.]{4,20}/[\w/-]{0,40}alerts?/(?:detail/)?([\w-]{8,80})"
)
_NUMBER = re.compile(r"^\W{0,3}(?:Alert )?#(\d{1,12}):?\s*(.{1,900})$", re.IGNORECASE)
_NEW = re.compile(r"\b(?:new|created|re-?opened|escalated|triggered|un-?acknowledged)\b", re.IGNORECASE)
_OVER = re.compile(r"\b(?:closed|resolved)\b", re.IGNORECASE)
_DID = re.compile(
    r"\b(?:acknowledged|acked|assigned|added|snoozed|took ownership|commented|deleted|updated|executed|removed|saw)\b",
    re.IGNORECASE,
)


def recognises(message: SlackMessage) -> bool:
    by_link = any("opsg.in/" in link.url for link in message.links)
    return by_link or is_called(message, "opsgenie", "jira service management")


def read(message: SlackMessage, catalog: Catalog) -> Found | NoAlert:
    lines = list(lines_of(message))
    numbered = next((match for line in lines if (match := _NUMBER.match(line))), None)
    if numbered is None:
        return NoAlert("Opsgenie wrote it, but it names no alert by its number.")
    happened = " ".join(line for line in lines[:4] if not _NUMBER.match(line))
    over = _OVER.search(happened)
    if over is None and _DID.search(happened) and not _NEW.search(happened):
        return NoAlert("It only says what somebody did about an alert (acknowledged, assigned, noted …).")
    fields = fields_of(message)
    tags = fields.get("tags", "")
    return Found(
        sender="opsgenie",
        status=AlertStatus.RESOLVED if over is not None else AlertStatus.FIRING,
        title=numbered[2].strip(),
        identity=numbered[1] or link_id(message, _LINK),
        is_id=True,
        place=f"{numbered[2]} {tags.replace(',', ' ')}",
        service=first_of(fields, "service", "impacted services") or None,
        likely=_tagged(tags, catalog),
        severity=severity_named(first_of(fields, "priority")),
    )


def _tagged(tags: str, catalog: Catalog) -> str:
    """Of bare tags the one that the catalog knows, else the one that looks most like a service."""
    words = [word for word in words_of(tags) if not looks_like_environment(word)]
    known = next((word for word in words if catalog.find(word) is not None), "")
    return known or next((word for word in words if likely_service(word)), "")
