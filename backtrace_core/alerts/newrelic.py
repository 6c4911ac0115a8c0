"""New Relic's workflows: ``Critical priority issue is active`` and a linked title; entities and policy below."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of, severity_named
from backtrace_core.alerts.lines import first_match, is_called, lines_of, link_id, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert, steady
from backtrace_core.alerts.times import plain_moment
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_STATE = re.compile(
    r"^\W{0,4}(?:(\w{3,12}) priority )?(?:issue|incident|violation)\b.{0,30}?\b(?:is|was|has been)?\s*"
    r"(active|activated|open(?:ed)?|created|acknowledged|closed|resolved|deactivated)\W{0,3}$",
    re.IGNORECASE,
)
_OVER = re.compile(r"closed|resolved|deactivated", re.IGNORECASE)
_ISSUE = re.compile(r"newrelic\.com/.{0,100}?(?:issues|incidents)/([\w-]{4,80})")
_STATES = ("state", "status", "issue state")


def recognises(message: SlackMessage) -> bool:
    known = links_to(message, "newrelic.com") or is_called(message, "new relic", "newrelic")
    return known and (first_match(_STATE, message) is not None or bool(first_of(fields_of(message), *_STATES)))


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    fields, said = fields_of(message), first_match(_STATE, message)
    state = said[2] if said is not None else first_of(fields, *_STATES)
    title = _title(message)
    if not title:
        return NoAlert("New Relic wrote it, but it has no title.")
    issue, policy = link_id(message, _ISSUE), first_of(fields, "policy", "policy name", "policies")
    return Found(
        sender="newrelic",
        status=AlertStatus.RESOLVED if _OVER.match(state) else AlertStatus.FIRING,
        title=title,
        identity=issue or steady(title),
        is_id=bool(issue),
        place=f"{title} {policy}\n{message.body[:4000]}",
        service=_entity(
            first_of(fields, "impacted entities", "impacted entity", "entity", "entities", "entity name", "target")
        ),
        started_at=plain_moment(first_of(fields, "created at", "opened at", "started at", "activated at")),
        severity=severity_named((said[1] if said else None) or first_of(fields, "priority", "severity")),
    )


def _entity(said: str) -> str | None:
    return said.split(",", maxsplit=1)[0].strip(" '\"") or None


def _title(message: SlackMessage) -> str:
    """The first line that is no state: of an attachment before the message's own."""
    own = message.text.strip()
    lines = [line for line in lines_of(message) if not _STATE.match(line)]
    return next((line for line in lines if line != own), next(iter(lines), ""))
