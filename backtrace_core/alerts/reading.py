"""From what a sender's reader found to an :class:`Alert`: the parts that all readers share."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from backtrace_core.alerts.fields import fields_of, severity_of
from backtrace_core.alerts.labels import environment_of, labels_in, service_of, words_of
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.naming import likely_service
from backtrace_core.alerts.stack import frames_in, without_source, without_trace
from backtrace_core.alerts.terms import MOST_TERMS, error_terms, further_terms, without_place
from backtrace_core.alerts.times import held_for, stated_start
from backtrace_core.model import Alert, AlertStatus, Frame, Onset, Severity
from backtrace_core.scope import Catalog, environment_name

UNKNOWN_ONSET = timedelta(minutes=15)
"""How long trouble may last before an alert fires that states no start, nor how long it waits."""
_LONGEST_TITLE = 300
_VALUE = re.compile(r"(?<![\w.,-])[+-]?\d[\d.,:]{0,20}(?: ?(?:%|ms|s|m|h|k|[kmg]i?b))?(?![\w-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """What only the sender's own reader can tell. ``None`` and empty: look for it in the text, as for all senders.

    ``identity`` is what stays the same over all messages of one trouble (an issue's address, an alert's name).
    ``is_id``: it is the sender's own id of the trouble, so that the place, which not all messages state, adds nothing.
    ``place`` holds words that may name service and environment where no label does. ``onset`` is set where the sender
    says about when it began. ``likely`` is a service's name that is believed where no catalog says otherwise,
    ``named`` one that a leading label names, as one that the catalog may lack.
    """

    sender: str
    status: AlertStatus
    title: str
    identity: str
    is_id: bool = False
    place: str = ""
    service: str | None = None
    likely: str = ""
    named: str = ""
    environment: str | None = None
    started_at: datetime | None = None
    onset: Onset | None = None
    frames: tuple[Frame, ...] = ()
    terms: tuple[str, ...] = ()
    severity: Severity | None = None
    suspect_commits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoAlert:
    """``why`` is a sentence for people."""

    why: str


def alert_of(found: Found, message: SlackMessage, catalog: Catalog) -> Alert:
    marked, body = message.marked, message.body
    labels = {**fields_of(message), **labels_in(without_source(body))}
    service = _service(found, labels, catalog)
    environment = found.environment or environment_of(labels, found.place)
    started_at = found.started_at or stated_start(body, message.at)
    printed = (*found.terms, *error_terms(found.title, marked), *further_terms(without_trace(marked)))
    terms = dict.fromkeys(filter(None, map(without_place, printed)))
    return Alert(
        sender=found.sender,
        status=found.status,
        title=(found.title.strip() or body.strip().partition("\n")[0] or found.sender)[:_LONGEST_TITLE],
        text=body,
        received_at=message.at,
        onset=_onset(found, started_at, body, message.at),
        fingerprint=fingerprint(found, service, environment),
        service=service,
        environment=environment,
        started_at=started_at,
        error_terms=tuple(terms)[:MOST_TERMS],
        frames=found.frames or frames_in(marked),
        links=message.links,
        severity=found.severity or severity_of(labels, found.place or found.title),
        suspect_commits=found.suspect_commits,
    )


def _service(found: Found, labels: dict[str, str], catalog: Catalog) -> str | None:
    """What looks like a name is one where nobody says which there are; a catalog knows better."""
    stated = found.service or service_of(labels, (found.likely, *words_of(found.place)), catalog)
    if stated or catalog.services:
        return stated or found.named or None
    return (
        found.likely or found.named or likely_service(found.title, found.place) or likely_service(labels.get("job", ""))
    )


def _onset(found: Found, started_at: datetime | None, body: str, received_at: datetime) -> Onset:
    """About when the sender says, where it states no moment."""
    said = found.onset if started_at is None else None
    return said or onset_of(started_at, body, received_at)


def onset_of(started_at: datetime | None, text: str, received_at: datetime) -> Onset:
    """The stated start; else within the time that the rule waits before it fires, where the text says how long."""
    if started_at is not None:
        return Onset(started_at, started_at)
    return Onset(received_at - (held_for(text) or UNKNOWN_ONSET), received_at)


def fingerprint(found: Found, service: str | None, environment: str | None) -> str:
    place = ("", "") if found.is_id else ((service or "").lower(), environment_name(environment or ""))
    parts = (found.sender, found.identity.lower(), *place)
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()[:32]


def steady(text: str) -> str:
    """A title without the values in it, which change from message to message; ``p99`` and ``web-1`` stay."""
    return _VALUE.sub("#", text.lower()).strip()
