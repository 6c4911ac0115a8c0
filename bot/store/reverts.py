"""Merge requests that take a change back, which were opened by a button: one a change and incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from bot.store.database import Database
from bot.store.tables import reverts


@dataclass(frozen=True, slots=True)
class Revert:
    """``change`` is the key of what is taken back, ``label`` that of the merge request: ``!47``."""

    incident_id: str
    change: str
    label: str
    url: str
    at: datetime


class RevertStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, revert: Revert) -> None:
        """The newest counts, where somebody has closed the one before."""
        values = {name: getattr(revert, name) for name in Revert.__slots__}
        newer = {name: values[name] for name in ("label", "url", "at")}
        statement = insert(reverts).values(values)
        async with self._database.writing() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["incident_id", "change"], set_=newer)
            )

    async def of(self, incident_id: str) -> tuple[Revert, ...]:
        query = select(reverts).where(reverts.c.incident_id == incident_id).order_by(reverts.c.at)
        async with self._database.reading() as connection:
            return tuple(Revert(**row) for row in (await connection.execute(query)).mappings())
