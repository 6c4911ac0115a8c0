"""Rollbar: ``[project] environment - New Error`` (Reactivated, 10th Occurrence, Resolved …), the item as title."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of, severity_named
from backtrace_core.alerts.lines import head_of, is_called, lines_of, link_id, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert, steady
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(
    r"^\W{0,4}\[([^\]/\n]{1,80})(?:/([\w-]{1,40}))?\]\s*(?:([\w-]{1,40})\s+-\s+|-\s*)?([^:\n]{1,80}?)(?::\s*(.{1,900}))?$"
)
_HAPPENED = re.compile(
    r"\b(?:new|reactivated|re-?opened|resolved|muted|(?:"
    r"\d{1,9}(?:st|nd|rd|th)|high|repeat\w*|\d{1,9}) .{0,30}?(?:occurrences?|velocity|rate)"
    r"|occurrences?|error|critical|warning|item|message)\b",
    re.IGNORECASE,
)
_OVER = re.compile(r"\bresolved\b", re.IGNORECASE)
_NEWS = re.compile(r"\b(?:deploy\w*|assigned|commented|comment|summary|digest|report)\b", re.IGNORECASE)
_ITEM = re.compile(r"rollbar\.com/([\w.-]{1,80}/[\w.-]{1,80}/items/\d{1,12})")
_LEVEL = re.compile(r"\b(critical|warning|info|debug)\b", re.IGNORECASE)


def recognises(message: SlackMessage) -> bool:
    return links_to(message, "rollbar.com/") or is_called(message, "rollbar")


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = next((m for line in lines_of(message) if (m := _HEAD.match(line)) and _HAPPENED.search(m[4])), None)
    news = next((line for line in lines_of(message) if _NEWS.search(line.partition(":")[0])), "")
    if head is None or (news and news == head[0]):
        return NoAlert("Rollbar wrote it, but it tells of no item that is new, back, frequent or resolved.")
    fields, item = fields_of(message), link_id(message, _ITEM)
    title = head_of(message)
    title = (head[5] or title) if title == head[0] else title
    return Found(
        sender="rollbar",
        status=AlertStatus.RESOLVED if _OVER.search(head[4]) else AlertStatus.FIRING,
        title=title.strip(),
        identity=item or steady(title),
        is_id=bool(item),
        service=head[1],
        environment=first_of(fields, "environment", "env") or head[3] or head[2] or None,
        severity=severity_named(first_of(fields, "level") or (level[1] if (level := _LEVEL.search(head[4])) else "")),
    )
