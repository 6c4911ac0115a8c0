"""Endings that Slack delivered before the message that they speak of: Slack delivers again what was refused, and later
messages meanwhile. Of their words nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from backtrace_core.joining import REPEATS_WITHIN
from bot.store.tables import early_endings


@dataclass(frozen=True, slots=True)
class Resolution:
    """A sender says that something is over. ``ts`` is the message that it was said in, or below: where no fingerprint
    fits, that one is meant."""

    channel: str
    fingerprint: str
    at: datetime
    ts: str = ""


async def keep_ending(connection: AsyncConnection, resolution: Resolution) -> None:
    """Keep it for a day, in a transaction that is under way: Slack gives up after an hour, an absence may be longer."""
    names = ("channel", "fingerprint", "ts", "at")
    row = {name: getattr(resolution, name) for name in names}
    await connection.execute(insert(early_endings).values(row).on_conflict_do_nothing())
    old = early_endings.c.at < resolution.at - REPEATS_WITHIN
    await connection.execute(delete(early_endings).where(early_endings.c.channel == resolution.channel, old))


async def ending_of(
    connection: AsyncConnection, channel: str, ts: str, fingerprint: str, said_at: datetime
) -> Resolution | None:
    """The first ending, known already, of what a message says that was said at ``said_at``."""
    table = early_endings.c
    its = or_(table.fingerprint == fingerprint, table.ts == ts)
    query = select(early_endings).where(table.channel == channel, its, table.at >= said_at).order_by(table.at).limit(1)
    row = (await connection.execute(query)).first()
    return Resolution(row.channel, row.fingerprint, row.at, row.ts) if row else None
