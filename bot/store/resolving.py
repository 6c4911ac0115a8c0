"""When an incident is over, and when it is open again.

It is over once every fingerprint that fired in it is over. Senders that never say so must not keep it open for ever: a
fingerprint counts only while it was heard of within a day, and only where its sender has said of anything in this
channel that it is over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backtrace_core.joining import REPEATS_WITHIN, Relation
from backtrace_core.model import AlertStatus
from bot.cards import IncidentState
from bot.store.database import Database
from bot.store.endings import Resolution, ending_of, keep_ending
from bot.store.rows import NewMessage, alert_json
from bot.store.tables import UtcTime, incidents, messages, rollbacks


class ResolutionStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def resolve(self, resolution: Resolution) -> tuple[str, ...]:
        """Resolve what this fingerprint fired until then; the ids of the incidents that it belongs to.

        Said again by the same message they are the same ids, so that what was cut off after it can go on. Where there
        are none it is kept, since the message that it speaks of may come later.
        """
        async with self._database.writing() as connection:
            touched: tuple[str, ...] = ()
            for rows in _meant(resolution):
                found = await connection.execute(select(messages.c.incident_id).where(*rows).distinct())
                touched = tuple(found.scalars())
                if touched:
                    await connection.execute(update(messages).where(*rows).values(resolved_at=resolution.at))
                    break
            else:
                await keep_ending(connection, resolution)
            for incident_id in touched:
                await end_what_is_over(connection, incident_id, resolution.at)
        return touched


def _meant(resolution: Resolution) -> tuple[tuple[Any, ...], ...]:
    """The rows that the resolution speaks of: by fingerprint, else by the message itself."""
    these = (
        messages.c.channel == resolution.channel,
        messages.c.at <= resolution.at,
        or_(messages.c.resolved_at.is_(None), messages.c.resolved_at == resolution.at),
    )
    by_fingerprint = (*these, messages.c.fingerprint == resolution.fingerprint)
    return (by_fingerprint, (*these, messages.c.ts == resolution.ts)) if resolution.ts else (by_fingerprint,)


async def end_what_was_over(connection: AsyncConnection, new: NewMessage, said_at: datetime) -> None:
    """Resolve a message whose end was heard of before it, in the transaction that keeps it.

    Where it was ended by an edit of itself it says so now, so that a later edit which says that it fires is news.
    """
    ending = await ending_of(connection, new.channel, new.ts, new.alert.fingerprint, said_at)
    if ending is None:
        return
    values: dict[str, Any] = {"resolved_at": ending.at}
    if ending.ts == new.ts:
        values["alert"] = alert_json(replace(new.alert, status=AlertStatus.RESOLVED))
    this = (messages.c.channel == new.channel, messages.c.ts == new.ts)
    await connection.execute(update(messages).where(*this).values(values))
    await end_what_is_over(connection, new.incident_id, ending.at)


async def end_what_is_over(connection: AsyncConnection, incident_id: str, at: datetime) -> None:
    """Resolve an incident of which something is over and nothing holds it open, in a transaction that is under way."""
    last = select(func.max(messages.c.resolved_at, type_=UtcTime())).where(*_its_own(incident_id))
    resolved_at = (await connection.execute(last)).scalar_one_or_none()
    if resolved_at is None or await _is_held_open(connection, incident_id, at):
        return
    done = {"resolved_at": resolved_at, "state": IncidentState.RESOLVED.value}
    this = (incidents.c.id == incident_id, incidents.c.resolved_at.is_(None))
    await connection.execute(update(incidents).where(*this).values(done))


def _its_own(incident_id: str) -> tuple[Any, ...]:
    """The messages that are surely about this trouble: another's end is not its end, and holds nothing open."""
    its = messages.c.incident_id == incident_id
    perhaps = messages.c.relation == Relation.PERHAPS_ANOTHER.value
    return its, messages.c.fingerprint.not_in(select(messages.c.fingerprint).where(its, perhaps))


async def _is_held_open(connection: AsyncConnection, incident_id: str, at: datetime) -> bool:
    its = (*_its_own(incident_id), messages.c.resolved_at.is_(None))
    channel = select(incidents.c.channel).where(incidents.c.id == incident_id).scalar_subquery()
    resolving = select(messages.c.sender).where(messages.c.channel == channel, messages.c.resolved_at.is_not(None))
    holds = select(messages.c.ts).where(*its, messages.c.at >= at - REPEATS_WITHIN, messages.c.sender.in_(resolving))
    return (await connection.execute(holds.limit(1))).first() is not None


async def reopen(connection: AsyncConnection, incident_id: str, at: datetime) -> None:
    """Open a resolved incident again, in a transaction that is under way; where a rollback runs, it is rolling back."""
    runs = select(rollbacks.c.id).where(rollbacks.c.incident_id == incident_id, rollbacks.c.active.is_not(None))
    is_rolling = (await connection.execute(runs)).first() is not None
    state = IncidentState.ROLLING_BACK if is_rolling else IncidentState.OPEN
    values = {"resolved_at": None, "reopened_at": at, "state": state.value}
    this = (incidents.c.id == incident_id, incidents.c.resolved_at.is_not(None))
    await connection.execute(update(incidents).where(*this).values(values))
