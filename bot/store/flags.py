"""Feature flags that were switched: GitLab's API tells only when, its webhook by whom and how."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert

from backtrace_core.model import FlagSwitch, Person
from bot.store.database import Database
from bot.store.tables import flag_switches

KEPT_FOR = timedelta(days=30)


class FlagStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, delivery: str, switch: FlagSwitch) -> None:
        """Once a delivery, however often GitLab sends it; what is too old for any window goes."""
        person = switch.person
        row = {
            "delivery": delivery,
            "project": switch.project,
            "name": switch.name,
            "turned": switch.turned,
            "user_id": person.id if person else None,
            "username": person.username if person else "",
            "person": person.name if person else "",
            "url": person.url if person else "",
            "at": switch.at,
        }
        async with self._database.writing() as connection:
            await connection.execute(insert(flag_switches).values(row).on_conflict_do_nothing())
            await connection.execute(delete(flag_switches).where(flag_switches.c.at < switch.at - KEPT_FOR))

    async def since(self, project: str, moment: datetime) -> tuple[FlagSwitch, ...]:
        """Those of a project that were switched after ``moment``, newest first."""
        ours = (func.lower(flag_switches.c.project) == project.lower()) & (flag_switches.c.at >= moment)
        async with self._database.reading() as connection:
            rows = (
                await connection.execute(select(flag_switches).where(ours).order_by(flag_switches.c.at.desc()))
            ).all()
        return tuple(
            FlagSwitch(
                project=row.project,
                name=row.name,
                turned=row.turned,
                person=None if row.user_id is None else Person(row.user_id, row.username, row.person, row.url),
                at=row.at,
            )
            for row in rows
        )
