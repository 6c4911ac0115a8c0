"""What fired for a service before, and which changes were named then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import exists, func, select

from backtrace_core.joining import Relation
from backtrace_core.model import Change, Outcome, Scope
from bot.store.database import Database
from bot.store.rows import alert_from
from bot.store.tables import gitlab_incidents, incidents, messages

MOST_FIRED, MOST_NAMED = 300, 100

_CHANGE = TypeAdapter(Change)


@dataclass(frozen=True, slots=True)
class FiredBefore:
    """One firing: ``began`` is when its trouble began, ``told_at`` when its message came."""

    incident_id: str
    fingerprint: str
    title: str
    began: datetime
    told_at: datetime
    channel: str
    ts: str | None


@dataclass(frozen=True, slots=True)
class NamedBefore:
    """A change that an incident named as its likely culprit; ``ts`` is that of its card."""

    incident_id: str
    key: str
    title: str
    channel: str
    ts: str | None


class HistoryStore:
    """Without what is confidential in GitLab: its text must not stand on another card."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def fired(self, team: str, scope: Scope, since: datetime) -> tuple[FiredBefore, ...]:
        """What fired for that service and environment, newest first, without mere repetitions."""
        query = (
            select(messages, incidents.c.channel.label("shown_in"), incidents.c.card_ts)
            .join(incidents, incidents.c.id == messages.c.incident_id)
            .where(*_of(team, scope), messages.c.at >= since, messages.c.relation != Relation.REPEATS.value)
            .order_by(messages.c.at.desc())
            .limit(MOST_FIRED)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(_fired(row) for row in rows)

    async def named(self, team: str, scope: Scope, since: datetime) -> tuple[NamedBefore, ...]:
        """The changes that incidents of that service named, newest incident first."""
        change = func.json_extract(incidents.c.verdict, "$.suspects[0].candidate.change")
        outcome = func.json_extract(incidents.c.verdict, "$.outcome")
        query = (
            select(incidents.c.id, change.label("change"), incidents.c.alert, incidents.c.channel, incidents.c.card_ts)
            .where(*_of(team, scope), incidents.c.received_at >= since, outcome == Outcome.NAMED.value)
            .order_by(incidents.c.received_at.desc())
            .limit(MOST_NAMED)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            NamedBefore(
                row.id, _CHANGE.validate_json(row.change).key, alert_from(row.alert).title, row.channel, row.card_ts
            )
            for row in rows
            if row.change and row.alert
        )


def _of(team: str, scope: Scope) -> tuple[Any, ...]:
    service = func.json_extract(incidents.c.verdict, "$.scope.service.name")
    environment = func.json_extract(incidents.c.verdict, "$.scope.environment")
    confidential = exists().where(
        gitlab_incidents.c.incident_id == incidents.c.id,
        gitlab_incidents.c.confidential == 1,
        gitlab_incidents.c.ours == 0,
    )
    return incidents.c.team == team, service == scope.service.name, environment == scope.environment, ~confidential


def _fired(row: Any) -> FiredBefore:
    alert = alert_from(row.alert)
    return FiredBefore(row.incident_id, row.fingerprint, alert.title, alert.began, row.at, row.shown_in, row.card_ts)
