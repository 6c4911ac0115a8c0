"""From what a sender's reader found to an :class:`Alert`: the parts that all readers share."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from backtrace_core.alerts.labels import environment_of, labels_in, service_of, words_of
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.stack import frames_in, without_source
from backtrace_core.alerts.terms import error_terms
from backtrace_core.alerts.times import stated_start
from backtrace_core.model import Alert, AlertStatus, Frame, Onset
from backtrace_core.scope import Catalog, environment_name

UNKNOWN_ONSET = timedelta(minutes=15)
"""How long trouble may last before an alert fires that states no start."""
_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class Found:
    """What only the sender's own reader can tell. ``None`` and empty: look for it in the text, as for all senders.

    ``identity`` is what stays the same over all messages of one trouble (an issue's address, an alert's name).
    ``place`` holds words that may name service and environment where no label does.
    """

    sender: str
    status: AlertStatus
    title: str
    identity: str
    place: str = ""
    service: str | None = None
    started_at: datetime | None = None
    frames: tuple[Frame, ...] = ()
    terms: tuple[str, ...] = ()


def alert_of(found: Found, message: SlackMessage, catalog: Catalog) -> Alert:
    marked, body = message.marked, message.body
    labels = labels_in(without_source(body))
    service = found.service or service_of(labels, words_of(found.place), catalog)
    environment = environment_of(labels, found.place)
    started_at = found.started_at or stated_start(body, message.at)
    terms = dict.fromkeys((*found.terms, *error_terms(found.title, marked)))
    return Alert(
        sender=found.sender,
        status=found.status,
        title=found.title[:_LONGEST_TITLE],
        text=body,
        received_at=message.at,
        onset=onset(started_at, message.at),
        fingerprint=fingerprint(found, service, environment),
        service=service,
        environment=environment,
        started_at=started_at,
        error_terms=tuple(terms)[:8],
        frames=found.frames or frames_in(marked),
        links=message.links,
    )


def onset(started_at: datetime | None, received_at: datetime) -> Onset:
    """The stated start; else within the quarter of an hour before the message."""
    if started_at is not None:
        return Onset(started_at, started_at)
    return Onset(received_at - UNKNOWN_ONSET, received_at)


def fingerprint(found: Found, service: str | None, environment: str | None) -> str:
    parts = (found.sender, found.identity.lower(), (service or "").lower(), environment_name(environment or ""))
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()[:32]
