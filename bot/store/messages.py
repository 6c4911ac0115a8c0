"""The messages of each incident: which they belong to, what of them is over, what still has to be told of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backtrace_core.joining import Decision, Relation
from backtrace_core.model import Alert, AlertStatus
from bot.store.around import Around, around
from bot.store.database import Database
from bot.store.resolving import end_what_is_over, end_what_was_over, reopen
from bot.store.rows import (
    NewIncident,
    NewMessage,
    alert_from,
    alert_json,
    delivery_row,
    keep_incident,
    message_row,
)
from bot.store.tables import incidents, messages


@dataclass(frozen=True, slots=True)
class Message:
    """One row. ``line`` is the key of the line in the thread that tells of it."""

    channel: str
    ts: str
    incident_id: str
    sender: str
    fingerprint: str
    alert: Alert
    relation: Relation
    at: datetime
    resolved_at: datetime | None
    looked_at: datetime | None
    line: str | None
    told_at: datetime | None


Rule = Callable[[tuple[Around, ...]], Decision]


@dataclass(frozen=True, slots=True)
class Joined:
    """Where a message went. ``untold`` is the oldest message of its incident that nothing was told of yet: what a run
    that tells of them is called by, so that one run does for all that come while it waits. Empty: nothing to tell.
    ``unanswered``: it has just opened the incident, or that is held back."""

    incident_id: str
    untold: str
    unanswered: bool


class MessageStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def join(
        self, delivery: str, incident: NewIncident, ts: str, rule: Rule, said_at: datetime | None = None
    ) -> Joined:
        """Keep an alert: with the incident that ``rule`` finds for it, else as ``incident``. All in one transaction.

        ``ts`` is Slack's ``ts`` of the message, or a name of its own for what is none in Slack, such as a GitLab
        incident. Delivered again it is where it was. ``said_at`` is when it said what it says, where that was by an
        edit: one whose end was heard of already is over.
        """
        alert = incident.alert
        if alert is None:
            raise ValueError("only alerts join incidents")
        async with self._database.writing() as connection:
            await connection.execute(delivery_row(delivery, incident.received_at))
            known = await _row(connection, incident.channel, ts)
            if known is None:
                decision = rule(await around(connection, incident))
                incident_id = decision.incident_id or incident.id
                if decision.relation is Relation.OPENS:
                    await keep_incident(connection, incident)
                if decision.relation is Relation.REOPENS:
                    await reopen(connection, incident_id, incident.received_at)
                new = NewMessage(incident.channel, ts, incident_id, alert, incident.received_at)
                await connection.execute(message_row(new, decision.relation))
                await end_what_was_over(connection, new, said_at or incident.received_at)
                relation = decision.relation
            else:
                incident_id, relation = known["incident_id"], Relation(known["relation"])
            return await _joined(connection, incident_id, relation)

    async def get(self, channel: str, ts: str) -> Message | None:
        async with self._database.reading() as connection:
            row = await _row(connection, channel, ts)
        return _message(row) if row else None

    async def of(self, incident_id: str) -> tuple[Message, ...]:
        """All messages of an incident, in the order of their times."""
        query = select(messages).where(messages.c.incident_id == incident_id).order_by(messages.c.at, messages.c.ts)
        async with self._database.reading() as connection:
            return tuple(_message(row) for row in (await connection.execute(query)).mappings())

    async def edit(self, channel: str, ts: str, alert: Alert, at: datetime) -> Joined | None:
        """Keep what a message says now; None where it comes late, or the message is not known.

        Where nothing is new nothing changes, but what follows from it may have been cut off the first time.

        One that said itself that it is over, and fires again, reopens its incident. An edit from before the end comes
        late, and is not news any more; Slack writes the times of edits in whole seconds.
        """
        async with self._database.writing() as connection:
            row = await _row(connection, channel, ts)
            said = alert_from(row["alert"]) if row else None
            if row is None or said is None or (row["resolved_at"] and at < row["resolved_at"]):
                return None
            if said == alert:
                return await _joined(connection, row["incident_id"], Relation(row["relation"]))
            values: dict[str, Any] = {"alert": alert_json(alert), "fingerprint": alert.fingerprint, "looked_at": None}
            if said.status is AlertStatus.RESOLVED:
                await reopen(connection, row["incident_id"], at)
                values["resolved_at"] = None
            await connection.execute(update(messages).where(*_this(channel, ts)).values(values))
            relation = Relation(row["relation"])
            if relation is Relation.OPENS:
                first = {name: values[name] for name in ("alert", "fingerprint")}
                await connection.execute(update(incidents).where(incidents.c.id == row["incident_id"]).values(first))
            return await _joined(connection, row["incident_id"], relation)

    async def says_over(self, channel: str, ts: str, alert: Alert) -> None:
        """Keep that a message was edited so that it says itself that it is over."""
        async with self._database.writing() as connection:
            statement = update(messages).where(*_this(channel, ts)).values(alert=alert_json(alert))
            await connection.execute(statement)

    async def begin_line(self, incident_id: str) -> tuple[Message, ...]:
        """What the next line in the thread tells of: one that was begun and not told, else all that is untold now."""
        untold = (
            messages.c.incident_id == incident_id,
            messages.c.told_at.is_(None),
            or_(
                messages.c.relation != Relation.PERHAPS_ANOTHER.value,
                messages.c.looked_at.is_not(None),
                messages.c.looks > 0,
            ),
        )
        async with self._database.writing() as connection:
            query = select(messages).where(*untold).order_by(messages.c.at, messages.c.ts)
            rows = (await connection.execute(query)).mappings().all()
            begun = next((row["line"] for row in rows if row["line"]), None)
            if begun is None and rows:
                begun = f"{incident_id}-{rows[0]['ts']}"
                await connection.execute(update(messages).where(*untold).values(line=begun))
                rows = (await connection.execute(query)).mappings().all()
        return tuple(_message(row) for row in rows if row["line"] == begun)

    async def told(self, line: str, at: datetime) -> None:
        """The line stands, or needs not to."""
        statement = update(messages).where(messages.c.line == line, messages.c.told_at.is_(None)).values(told_at=at)
        async with self._database.writing() as connection:
            await connection.execute(statement)

    async def unlooked(self, incident_id: str) -> tuple[Message, ...]:
        """Those that may be another trouble, or tell more than the first, and were not looked at yet."""
        return tuple(
            one for one in await self.of(incident_id) if one.looked_at is None and one.relation is not Relation.OPENS
        )

    async def untold(self) -> tuple[tuple[str, str], ...]:
        """Incidents of which something still has to be told, each with its oldest such message's ``ts``."""
        query = (
            select(messages.c.incident_id, messages.c.ts)
            .where(messages.c.told_at.is_(None))
            .order_by(messages.c.at.desc(), messages.c.ts.desc())
        )
        async with self._database.reading() as connection:
            oldest = {row.incident_id: row.ts for row in await connection.execute(query)}
        return tuple(oldest.items())

    async def split(self, parted: Sequence[Message], incident: NewIncident) -> str:
        """Make messages of one incident another one, with all others of their fingerprints; returns its id.

        The first of ``parted`` is the one that opens it. What is left behind may be over then.
        """
        first, fingerprints = parted[0], {message.fingerprint for message in parted}
        async with self._database.writing() as connection:
            if await keep_incident(connection, incident):
                new = update(incidents).where(incidents.c.id == incident.id)
                await connection.execute(new.values(split_from=first.incident_id))
            same = (messages.c.incident_id == first.incident_id, messages.c.fingerprint.in_(fingerprints))
            moved = {"incident_id": incident.id, "relation": Relation.REPEATS.value, "told_at": incident.received_at}
            await connection.execute(update(messages).where(*same).values(moved))
            opens = update(messages).where(*_this(first.channel, first.ts))
            await connection.execute(opens.values(relation=Relation.OPENS.value))
            for incident_id in (first.incident_id, incident.id):
                await end_what_is_over(connection, incident_id, incident.received_at)
        return incident.id

    async def was_split(self, incident_id: str, since: datetime) -> bool:
        """Whether something was parted from an incident at that moment or later."""
        query = select(incidents.c.id).where(incidents.c.split_from == incident_id, incidents.c.received_at >= since)
        async with self._database.reading() as connection:
            return (await connection.execute(query.limit(1))).first() is not None

    async def split_from(self, incident_id: str) -> tuple[str, ...]:
        """What was split off an incident and has no card yet."""
        query = select(incidents.c.id).where(incidents.c.split_from == incident_id, incidents.c.answered_at.is_(None))
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())


def _this(channel: str, ts: str) -> tuple[Any, ...]:
    return messages.c.channel == channel, messages.c.ts == ts


async def _row(connection: AsyncConnection, channel: str, ts: str) -> RowMapping | None:
    query = select(messages).where(messages.c.channel == channel, messages.c.ts == ts)
    return (await connection.execute(query)).mappings().one_or_none()


async def _joined(connection: AsyncConnection, incident_id: str, relation: Relation) -> Joined:
    waits = select(incidents.c.held_at).where(incidents.c.id == incident_id, incidents.c.answered_at.is_(None))
    held = (await connection.execute(waits)).scalar_one_or_none() is not None
    untold = await _oldest_untold(connection, incident_id)
    return Joined(incident_id, untold, held or relation is Relation.OPENS)


async def _oldest_untold(connection: AsyncConnection, incident_id: str) -> str:
    query = (
        select(messages.c.ts)
        .where(messages.c.incident_id == incident_id, messages.c.told_at.is_(None))
        .order_by(messages.c.at, messages.c.ts)
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none() or ""


def _message(row: RowMapping) -> Message:
    values = {name: row[name] for name in Message.__slots__}
    return Message(**{**values, "alert": alert_from(row["alert"]), "relation": Relation(row["relation"])})
