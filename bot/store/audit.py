"""The record of presses: who, on what, knowing what, what was asked of GitLab for them, and what it answered. And who
linked which GitLab user, since those presses are done as that user.

It is written before anything is done; a request without an answer is one of which nobody knows how it went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, RowMapping, Select, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import in_view
from bot.in_view import NOTHING, InView
from bot.store.database import Database
from bot.store.offers import FORWARDS, How
from bot.store.tables import actions, gitlab_writes, incidents, link_changes, rollbacks

CONFIRMED, FORWARD_CONFIRMED = "roll_back_confirmed", "roll_forward_confirmed"
"""The kinds of an entry that is a leg of a confirmed dialog; other entries have the kind of their button."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent to GitLab: ``request`` is method and path. ``answer`` is empty while nobody knows it."""

    request: str
    answer: str
    at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One press. ``username`` is the GitLab user that it was done for, where the row knows; ``facts`` what was shown.

    ``result``: empty until it ended; ``says`` how it went, in words that follow the presser's name. A confirmed leg has
    its ``project``, ``environment``, ``label`` and ``target_id``, ``how`` it goes, who agreed to it (``second_user``)
    and who asked to stop it, as members of Slack; else they are empty. Where a GitLab user was linked or unlinked
    ``username`` and ``gitlab_user_id`` are that one, and ``way`` is how it was linked, or why it is no more.
    """

    id: str
    at: datetime
    kind: str
    slack_user: str
    username: str
    incident_id: str
    result: str
    says: str
    url: str
    finished_at: datetime | None
    facts: InView
    requests: tuple[Request, ...]
    project: str = ""
    environment: str = ""
    label: str = ""
    target_id: int | None = None
    how: How | None = None
    second_user: str = ""
    stopped_by: str = ""
    gitlab_user_id: int | None = None
    way: str = ""


Requests = Mapping[str, Sequence[Request]]


@dataclass(frozen=True, slots=True)
class Which:
    """Which presses: the newest ``limit``, all where it is None; of one ``channel``, not before ``since``. Links are
    of no channel: of them as many more, made since the first of those presses."""

    channel: str | None = None
    since: datetime | None = None
    limit: int | None = None

    def of(self, table: Table, at: Column[datetime]) -> Select[Any]:
        query = self.anywhere(table, at)
        if self.channel is None:
            return query
        return query.join(incidents, incidents.c.id == table.c.incident_id).where(incidents.c.channel == self.channel)

    def anywhere(self, table: Table, at: Column[datetime]) -> Select[Any]:
        query = select(table).order_by(at.desc(), table.c.id.desc())
        if self.since is not None:
            query = query.where(at >= self.since)
        return query if self.limit is None else query.limit(self.limit)


class AuditStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def sends(self, about: str, slack_user: str, request: str, at: datetime) -> int:
        """Keep a request that is about to be sent; returns its number."""
        values = {"about": about, "slack_user": slack_user, "request": request, "at": at}
        async with self._database.writing() as connection:
            made = await connection.execute(gitlab_writes.insert().values(values))
            (number,) = made.inserted_primary_key or (0,)
            return int(number)

    async def answered(self, number: int, answer: str, at: datetime) -> None:
        statement = update(gitlab_writes).where(gitlab_writes.c.id == number).values(answer=answer, answered_at=at)
        async with self._database.writing() as connection:
            await connection.execute(statement)

    async def saw(self, action_id: str, facts: InView) -> None:
        """Keep what the presser was shown."""
        statement = update(actions).where(actions.c.id == action_id).values(facts=in_view.as_json(facts))
        async with self._database.writing() as connection:
            await connection.execute(statement)

    async def entries(self, which: Which) -> tuple[AuditEntry, ...]:
        """Oldest first."""
        async with self._database.reading() as connection:
            rows = await _rows(connection, which.of(actions, actions.c.at))
            attempts = await _rows(connection, which.of(rollbacks, rollbacks.c.asked_at))
            links = await _rows(connection, which.anywhere(link_changes, link_changes.c.at))
            writes = await _rows(connection, select(gitlab_writes).order_by(gitlab_writes.c.id))
        requests: dict[str, list[Request]] = {}
        for row in writes:
            asked = Request(row["request"], row["answer"], row["at"], row["answered_at"])
            requests.setdefault(row["about"], []).append(asked)
        made = [_pressed(row, requests) for row in rows]
        made += [_confirmed(row, requests) for row in attempts]
        return _in_order(made, [_linked(row) for row in links], which.limit)


def _in_order(made: Sequence[AuditEntry], linked: Sequence[AuditEntry], limit: int | None) -> tuple[AuditEntry, ...]:
    presses = sorted(made, key=_by_time)
    # Links are of no channel: in a week in which all of a shop link they would hide what was pressed here.
    shown = presses if limit is None else presses[-limit:]
    also = (one for one in linked if len(shown) == len(presses) or one.at >= shown[0].at)
    return tuple(sorted((*shown, *also), key=_by_time))


def _by_time(entry: AuditEntry) -> tuple[datetime, str]:
    return entry.at, entry.id


async def _rows(connection: AsyncConnection, query: Select[Any]) -> list[RowMapping]:
    return [*(await connection.execute(query)).mappings()]


def _pressed(row: RowMapping, requests: Requests) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        at=row["at"],
        kind=row["kind"],
        slack_user=row["slack_user"],
        username="",
        incident_id=row["incident_id"],
        result=row["result"],
        says=row["says"],
        url=row["url"],
        finished_at=row["finished_at"],
        facts=in_view.from_json(row["facts"]),
        requests=tuple(requests.get(row["id"], ())),
    )


def _linked(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        id=f"link-{row['id']:06}",
        at=row["at"],
        kind=row["did"],
        slack_user=row["slack_user"],
        username=row["username"],
        incident_id="",
        result="done",
        says="",
        url="",
        finished_at=row["at"],
        facts=NOTHING,
        requests=(),
        way=row["how"],
        gitlab_user_id=row["gitlab_user_id"],
    )


def _confirmed(row: RowMapping, requests: Requests) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        at=row["asked_at"],
        kind=FORWARD_CONFIRMED if row["how"] in FORWARDS else CONFIRMED,
        slack_user=row["slack_user"],
        username=row["username"],
        incident_id=row["incident_id"],
        result=row["status"] if row["finished_at"] else "",
        says=row["says"],
        url=row["url"],
        finished_at=row["finished_at"],
        facts=in_view.from_json(row["facts"]),
        requests=tuple(requests.get(row["id"], ())),
        project=row["project"],
        environment=row["environment"],
        label=row["label"],
        target_id=row["target_id"],
        how=How(row["how"]),
        second_user=row["second_user"],
        stopped_by=row["stopped_by"],
    )
