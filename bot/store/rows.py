"""What is written when something is kept: deliveries, incidents, messages, each as its statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from backtrace_core.joining import Relation
from backtrace_core.model import Alert, ChangeRef
from bot.cards import IncidentLink, IncidentState
from bot.store.tables import deliveries, incidents, messages

_ALERT = TypeAdapter(Alert)
_LINK = TypeAdapter(IncidentLink)
_REFS = TypeAdapter(tuple[ChangeRef, ...])


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What is kept before anything is answered: an ``alert``, or a ``question`` somebody asked.

    ``gitlab_incident`` is set where the alert is itself an incident of GitLab's. An empty ``channel`` is none.
    """

    id: str
    team: str
    channel: str
    thread_ts: str | None
    received_at: datetime
    alert: Alert | None = None
    question: str | None = None
    asked_by: str | None = None
    reply_to: str | None = None
    gitlab_incident: IncidentLink | None = None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that belongs to an incident. ``ts`` is Slack's, or a name of its own for what is none in Slack."""

    channel: str
    ts: str
    incident_id: str
    alert: Alert
    at: datetime


def delivery_row(delivery: str, now: datetime) -> Any:
    return insert(deliveries).values(id=delivery, kept_at=now).on_conflict_do_nothing()


async def keep_incident(connection: AsyncConnection, incident: NewIncident) -> bool:
    """Write the row, in a transaction that is under way. False when there is one of that id."""
    row = {name: getattr(incident, name) for name in NewIncident.__slots__}
    row |= {
        "fingerprint": incident.alert.fingerprint if incident.alert else "",
        "alert": alert_json(incident.alert) if incident.alert else None,
        "state": IncidentState.OPEN.value,
        "gitlab_incident": link_json(incident.gitlab_incident) if incident.gitlab_incident else None,
    }
    return bool((await connection.execute(insert(incidents).values(row).on_conflict_do_nothing())).rowcount)


def opening_row(incident: NewIncident, alert: Alert) -> Any:
    """The statement that keeps the message which opens the incident; the id of an alert's incident ends in its ts."""
    ts = incident.id.removeprefix(f"{incident.team}-{incident.channel}-")
    return message_row(NewMessage(incident.channel, ts, incident.id, alert, incident.received_at), Relation.OPENS)


def message_row(message: NewMessage, relation: Relation) -> Any:
    """The statement that keeps a message; nothing has to be told of the one that opens the incident."""
    alert = message.alert
    return (
        insert(messages)
        .values(
            channel=message.channel,
            ts=message.ts,
            incident_id=message.incident_id,
            sender=alert.sender,
            fingerprint=alert.fingerprint,
            alert=alert_json(alert),
            relation=relation.value,
            at=message.at,
            told_at=message.at if relation is Relation.OPENS else None,
        )
        .on_conflict_do_nothing()
    )


def alert_json(alert: Alert) -> str:
    return _ALERT.dump_json(alert).decode()


def alert_from(text: str) -> Alert:
    return _ALERT.validate_json(text)


def link_json(link: IncidentLink) -> str:
    return _LINK.dump_json(link).decode()


def link_from(text: str) -> IncidentLink:
    return _LINK.validate_json(text)


def refs_json(refs: tuple[ChangeRef, ...]) -> str:
    return _REFS.dump_json(refs).decode()


def refs_from(text: str) -> tuple[ChangeRef, ...]:
    return _REFS.validate_json(text)
