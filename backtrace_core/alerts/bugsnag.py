"""Bugsnag: ``New error in production from project in POST /cart``; the class and message as title."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of, severity_named
from backtrace_core.alerts.lines import first_match, head_of, is_called, link_id, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert, steady
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(
    r"^\W{0,4}((?:\S{1,30} ){0,4}?(?:errors?|occurrences?|events?|spike|exceptions?|crash(?:es)?))\b(.{0,60}?)"
    r"(?: in ([\w-]{1,40}))? (?:from|in|on) ([\w./-]{1,100})(?: in (.{1,200}))?",
    re.IGNORECASE,
)
_OVER = re.compile(r"\b(?:resolved|fixed|closed)\b", re.IGNORECASE)
_DID = re.compile(
    r"\b(?:assigned|commented|snoozed|ignored|discarded|weekly|daily|released|deployed|build)\b", re.IGNORECASE
)
_ERROR = re.compile(r"bugsnag\.com/([\w./-]{1,160}/errors/\w{1,40})")


def recognises(message: SlackMessage) -> bool:
    return links_to(message, "bugsnag.com/") or is_called(message, "bugsnag", "insight hub")


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = first_match(_HEAD, message)
    said = head[0] if head is not None else (message.first.pretext if message.first else "") or message.text
    if _DID.search(said.partition(" from ")[0]) or (head is None and not _OVER.search(said)):
        return NoAlert("Bugsnag wrote it, but it tells of no error that is new, back, frequent or fixed.")
    fields, error, title = fields_of(message), link_id(message, _ERROR), head_of(message)
    return Found(
        sender="bugsnag",
        status=AlertStatus.RESOLVED if _OVER.search(said.partition(" from ")[0]) else AlertStatus.FIRING,
        title=title,
        identity=error or steady(title),
        is_id=bool(error),
        service=first_of(fields, "project") or (head[4] if head else None),
        environment=first_of(fields, "release stage", "stage", "environment") or (head[3] if head else None),
        place=said,
        severity=severity_named(first_of(fields, "severity")),
    )
