"""Where the bot was asked to be silent, by whom, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.store.database import Database
from bot.store.tables import pauses


@dataclass(frozen=True, slots=True)
class Pause:
    """One request. ``until`` is the moment of asking itself where it asks to go on. ``reply_to`` is forgotten at the
    end; ``accepted_at`` is None where it was refused, or not looked at yet."""

    id: str
    team: str
    channel: str
    slack_user: str
    asked_at: datetime
    until: datetime
    reply_to: str | None
    accepted_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def resumes(self) -> bool:
        return self.until <= self.asked_at


class PauseStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, pause: Pause) -> None:
        row = {name: getattr(pause, name) for name in Pause.__slots__}
        async with self._database.writing() as connection:
            await connection.execute(insert(pauses).values(row).on_conflict_do_nothing())

    async def existing(self, pause_id: str) -> Pause:
        """:raises LookupError: when the row is gone."""
        async with self._database.reading() as connection:
            query = select(pauses).where(pauses.c.id == pause_id)
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise LookupError(f"pause {pause_id} is not in the store any more")
        return Pause(**row)

    async def unfinished(self) -> tuple[str, ...]:
        query = select(pauses.c.id).where(pauses.c.finished_at.is_(None)).order_by(pauses.c.asked_at)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def accept(self, pause_id: str, at: datetime) -> None:
        await self._set(pause_id, accepted_at=at)

    async def finish(self, pause_id: str, at: datetime) -> None:
        await self._set(pause_id, finished_at=at, reply_to=None)

    async def is_paused(self, channel: str, now: datetime) -> bool:
        """Whether the last word in the channel was to be silent, and still holds."""
        return await self._holds(now, pauses.c.channel == channel, pauses.c.accepted_at.is_not(None))

    async def ends_one(self, pause: Pause) -> bool:
        """Whether the word before it in its channel was to be silent, and held when it was asked; one that nobody has
        looked at yet may be such a word.
        """
        counts = pauses.c.accepted_at.is_not(None) | pauses.c.finished_at.is_(None)
        earlier = (pauses.c.channel == pause.channel, pauses.c.id != pause.id, pauses.c.asked_at <= pause.asked_at)
        return await self._holds(pause.asked_at, counts, *earlier)

    async def _holds(self, at: datetime, *words: ColumnElement[bool]) -> bool:
        """Whether the last of these words was to be silent beyond ``at``."""
        query = select(pauses.c.until).where(*words).order_by(pauses.c.asked_at.desc()).limit(1)
        async with self._database.reading() as connection:
            until = (await connection.execute(query)).scalar_one_or_none()
        return until is not None and until > at

    async def _set(self, pause_id: str, **values: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(pauses).where(pauses.c.id == pause_id).values(values))
