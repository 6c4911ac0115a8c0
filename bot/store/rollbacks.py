"""Rollbacks: one row an attempt, one attempt at a time an environment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from bot.store.database import Database
from bot.store.tables import rollbacks


@dataclass(frozen=True, slots=True)
class NewRollback:
    """What a person confirmed: go back to deployment ``target_id``, having seen the state ``seen``."""

    incident_id: str
    project: str
    environment: str
    slack_user: str
    view_id: str
    target_id: int
    seen: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Rollback:
    """One attempt. ``newest_job_id`` is the target's newest job before we acted: another one then is ours.

    ``cancel_job_id`` is the job of the suspect's deployment where that still ran.
    """

    id: str
    incident_id: str
    attempt: int
    project: str
    environment: str
    slack_user: str
    username: str
    view_id: str
    target_id: int
    seen: str
    pipeline_id: int | None
    job_name: str
    newest_job_id: int | None
    cancel_job_id: int | None
    job_id: int | None
    deployment_id: int | None
    status: str
    says: str
    url: str
    asked_at: datetime
    finished_at: datetime | None


class RollbackStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, new: NewRollback) -> tuple[Rollback, bool]:
        """Start an attempt, or give the one that already runs on this environment.

        :returns: the attempt, and whether it is this one. The id is incident + environment + attempt number.
        """
        # A submit that is delivered twice is the same attempt: the view it came from tells.
        async with self._database.writing() as connection:
            same = select(rollbacks).where(rollbacks.c.view_id == new.view_id, rollbacks.c.seen == new.seen)
            row = (await connection.execute(same)).mappings().first()
            if row:
                return _rollback(row), True
            other = (await connection.execute(_running(new.project, new.environment))).mappings().first()
            if other:
                return _rollback(other), False
            count = select(func.count()).where(rollbacks.c.incident_id == new.incident_id)
            attempt = (await connection.execute(count)).scalar_one() + 1
            rollback_id = f"{new.incident_id}-{new.environment}-{attempt}"
            values = {name: getattr(new, name) for name in NewRollback.__slots__}
            statement = rollbacks.insert().values(id=rollback_id, attempt=attempt, active=1, **values)
            await connection.execute(statement)
            query = select(rollbacks).where(rollbacks.c.id == rollback_id)
            return _rollback((await connection.execute(query)).mappings().one()), True

    async def get(self, rollback_id: str) -> Rollback:
        async with self._database.reading() as connection:
            result = await connection.execute(select(rollbacks).where(rollbacks.c.id == rollback_id))
            return _rollback(result.mappings().one())

    async def running(self, project: str, environment: str) -> Rollback | None:
        """The attempt that runs on this environment."""
        async with self._database.reading() as connection:
            row = (await connection.execute(_running(project, environment))).mappings().first()
        return _rollback(row) if row else None

    async def save(self, rollback_id: str, **values: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(rollbacks).where(rollbacks.c.id == rollback_id).values(values))

    async def finish(self, rollback_id: str, status: str, says: str, at: datetime) -> None:
        await self.save(rollback_id, status=status, says=says, finished_at=at, active=None)

    async def of(self, incident_id: str) -> tuple[Rollback, ...]:
        query = select(rollbacks).where(rollbacks.c.incident_id == incident_id).order_by(rollbacks.c.attempt)
        async with self._database.reading() as connection:
            return tuple(_rollback(row) for row in (await connection.execute(query)).mappings())

    async def unfinished(self) -> tuple[str, ...]:
        async with self._database.reading() as connection:
            return tuple((await connection.execute(select(rollbacks.c.id).where(rollbacks.c.active == 1))).scalars())


def _running(project: str, environment: str) -> Any:
    here = select(rollbacks).where(rollbacks.c.project == project, rollbacks.c.environment == environment)
    return here.where(rollbacks.c.active == 1)


def _rollback(row: Any) -> Rollback:
    return Rollback(**{name: row[name] for name in Rollback.__slots__})
