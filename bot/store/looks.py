"""At which messages was looked, whether they are another trouble, and which have to be looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, literal, select, update

from bot.store.database import Database
from bot.store.messages import Message
from bot.store.tables import UtcTime, messages


class LookStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def done(self, looked: Sequence[Message], at: datetime) -> None:
        """They were looked at, or won't be."""
        async with self._database.writing() as connection:
            for one in looked:
                this = (messages.c.channel == one.channel, messages.c.ts == one.ts)
                await connection.execute(update(messages).where(*this).values(looked_at=at))

    async def again(self, missed: Sequence[Message], most: int, at: datetime) -> None:
        """Those at which nobody could look now; what was tried so often counts as looked at."""
        async with self._database.writing() as connection:
            for one in missed:
                looks = messages.c.looks + 1
                done = case((looks >= most, literal(at, UtcTime())), else_=messages.c.looked_at)
                this = (messages.c.channel == one.channel, messages.c.ts == one.ts)
                await connection.execute(update(messages).where(*this).values(looks=looks, looked_at=done))

    async def waiting(self) -> tuple[tuple[str, str], ...]:
        """Incidents with messages at which nobody could look; each with a name for the next try."""
        again = (messages.c.looks > 0, messages.c.looked_at.is_(None))
        query = select(messages.c.incident_id, messages.c.ts, messages.c.looks).where(*again)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(messages.c.looks, messages.c.ts))
            return tuple({row.incident_id: f"{row.ts}-{row.looks}" for row in rows}.items())
