"""Actions: who pressed what, when, and how it went. Written before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects.sqlite import insert

from bot import in_view
from bot.in_view import NOTHING, InView
from bot.store.database import Database
from bot.store.tables import actions


@dataclass(frozen=True, slots=True)
class Action:
    """One press. ``detail`` is what the kind needs to go on (a view id, a change key).

    ``facts``: what was in view when it was pressed.
    ``result``: empty until it ended, then done, failed or refused; ``says`` how it went, in words for the card.
    """

    id: str
    incident_id: str
    kind: str
    slack_user: str
    at: datetime
    detail: str = ""
    result: str = ""
    says: str = ""
    url: str = ""
    finished_at: datetime | None = None
    facts: InView = NOTHING


@dataclass(frozen=True, slots=True)
class Ending:
    """How an action ended."""

    result: Literal["done", "failed", "refused"]
    says: str
    url: str = ""


class ActionStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, action: Action) -> bool:
        """False when this press is already kept."""
        row = {name: getattr(action, name) for name in Action.__slots__} | {"facts": in_view.as_json(action.facts)}
        async with self._database.writing() as connection:
            return bool((await connection.execute(insert(actions).values(row).on_conflict_do_nothing())).rowcount)

    async def get(self, action_id: str) -> Action | None:
        async with self._database.reading() as connection:
            result = await connection.execute(select(actions).where(actions.c.id == action_id))
            row = result.mappings().one_or_none()
        return _action(row) if row else None

    async def existing(self, action_id: str) -> Action:
        """The action that a run was started for.

        :raises LookupError: when the row is gone.
        """
        action = await self.get(action_id)
        if action is None:
            raise LookupError(f"action {action_id} is not in the store any more")
        return action

    async def of_view(self, view_id: str, kind: str) -> Action | None:
        """The press of that kind for which the modal was opened; None where none was."""
        query = select(actions).where(actions.c.kind == kind, actions.c.detail == view_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _action(row) if row else None

    async def say(self, action_id: str, says: str, url: str = "") -> None:
        """Keep how it went, in words for the card, which shows them once it is finished; ``url`` is where they lead."""
        async with self._database.writing() as connection:
            await connection.execute(update(actions).where(actions.c.id == action_id).values(says=says, url=url))

    async def finish(self, action_id: str, ending: Ending, at: datetime) -> None:
        values = {"result": ending.result, "says": ending.says, "url": ending.url, "finished_at": at}
        statement = update(actions).where(actions.c.id == action_id).values(values)
        async with self._database.writing() as connection:
            await connection.execute(statement)

    async def of(self, incident_id: str) -> tuple[Action, ...]:
        """All actions on an incident, oldest first."""
        query = select(actions).where(actions.c.incident_id == incident_id).order_by(actions.c.at, actions.c.id)
        async with self._database.reading() as connection:
            return tuple(_action(row) for row in (await connection.execute(query)).mappings())

    async def unfinished(self) -> tuple[Action, ...]:
        query = select(actions).where(actions.c.finished_at.is_(None)).order_by(actions.c.at)
        async with self._database.reading() as connection:
            return tuple(_action(row) for row in (await connection.execute(query)).mappings())


def _action(row: RowMapping) -> Action:
    return Action(**{**row, "facts": in_view.from_json(row["facts"])})
