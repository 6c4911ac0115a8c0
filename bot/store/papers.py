"""GitLab's incidents that are followed: whose they are, where they stand, what was written on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.cards import IncidentLink, IncidentState
from bot.store.database import Database
from bot.store.rows import link_json
from bot.store.tables import gitlab_incidents, incidents

_FLAGS = ("ours", "assigns", "confidential", "is_open")


@dataclass(frozen=True, slots=True)
class Paper:
    """One GitLab incident. ``id`` is made of project and iid, ``incident_id`` is the incident of ours that it is about.

    ``ours``: Backtrace opened it. ``assigns``: its assignment follows the verdict by itself. ``assigned`` is the id of
    the user whom Backtrace assigned, ``assigned_for`` the key of the change that they are to answer for,
    ``assigned_says`` how it went. ``limits`` are what could not be done, by what it was.
    ``updated_at`` is GitLab's own time of the newest change that was taken up.
    """

    id: str
    incident_id: str
    project: str
    iid: int
    issue_id: int
    url: str
    updated_at: datetime
    ours: bool = False
    assigns: bool = False
    confidential: bool = False
    is_open: bool = True
    assigned: int | None = None
    assigned_for: str = ""
    assigned_says: str = ""
    limits: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"{self.project}#{self.iid}"


class PaperStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, paper: Paper) -> bool:
        """False when this incident of GitLab's is known already; then nothing changes.

        Our incident gets its link in the same transaction, where it has none: a run that saw the link without the row
        would take it for a paper that an earlier release opened, which nobody is to be assigned to.
        """
        row = {name: getattr(paper, name) for name in Paper.__slots__ if name != "limits"}
        row |= {name: int(row[name]) for name in _FLAGS}
        link = link_json(IncidentLink(paper.label, paper.url))
        ours = update(incidents).where(incidents.c.id == paper.incident_id, incidents.c.gitlab_incident.is_(None))
        async with self._database.writing() as connection:
            kept = await connection.execute(insert(gitlab_incidents).values(row).on_conflict_do_nothing())
            if kept.rowcount:
                await connection.execute(ours.values(gitlab_incident=link))
            return bool(kept.rowcount)

    async def get(self, paper_id: str) -> Paper | None:
        return await self._first(gitlab_incidents.c.id == paper_id)

    async def of(self, incident_id: str) -> Paper | None:
        """The paper of an incident of ours."""
        return await self._first(gitlab_incidents.c.incident_id == incident_id)

    async def save(self, paper_id: str, **values: Any) -> None:
        """Change some of its fields, by their names."""
        row = {name: int(value) if name in _FLAGS else value for name, value in values.items()}
        statement = update(gitlab_incidents).where(gitlab_incidents.c.id == paper_id).values(row)
        async with self._database.writing() as connection:
            await connection.execute(statement)

    async def limit(self, paper_id: str, what: str, why: str) -> None:
        """Remember why something could not be done there; empty: it could."""
        async with self._database.writing() as connection:
            query = select(gitlab_incidents.c.limits).where(gitlab_incidents.c.id == paper_id)
            known = json.loads((await connection.execute(query)).scalar_one_or_none() or "{}")
            known = {name: says for name, says in {**known, what: why}.items() if says}
            values = {"limits": json.dumps(known, sort_keys=True)}
            await connection.execute(update(gitlab_incidents).where(gitlab_incidents.c.id == paper_id).values(values))

    async def close(self, incident_id: str, at: datetime) -> None:
        """The incident of ours is over; one that was over before stays as it was."""
        await self._move(incident_id, IncidentState.RESOLVED, at)

    async def reopen(self, incident_id: str) -> None:
        await self._move(incident_id, IncidentState.OPEN, None)

    async def _move(self, incident_id: str, state: IncidentState, at: datetime | None) -> None:
        is_over = incidents.c.state == IncidentState.RESOLVED.value
        others = ~is_over if state is IncidentState.RESOLVED else is_over
        statement = update(incidents).where(incidents.c.id == incident_id, others)
        async with self._database.writing() as connection:
            await connection.execute(statement.values(state=state.value, resolved_at=at))

    async def _first(self, condition: Any) -> Paper | None:
        query = select(gitlab_incidents).where(condition).order_by(gitlab_incidents.c.updated_at).limit(1)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _paper(row) if row else None


def _paper(row: RowMapping) -> Paper:
    values = {name: row[name] for name in Paper.__slots__}
    values |= {name: bool(row[name]) for name in _FLAGS}
    values["limits"] = json.loads(row["limits"])
    return Paper(**values)
