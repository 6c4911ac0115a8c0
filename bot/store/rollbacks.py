"""Rollbacks: one row a leg, all legs of one press together; one press at a time an environment, and an incident."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backtrace_core.model import ChangeRef
from bot import in_view
from bot.cards import IncidentState
from bot.in_view import InView
from bot.store.database import Database
from bot.store.offers import PIPELINES, How, Leg
from bot.store.rows import refs_from, refs_json
from bot.store.tables import incidents, rollbacks

START_WITHIN_S = 600
"""A rollback that was not begun by then, since Backtrace was away or nobody else agreed, is not begun any more."""
WAITS = "waits"
"""The status of a leg that begins once a second person agrees."""
SUCCESS, FAILED, STOPPED, LEFT_OUT = "success", "failed", "stopped", "left_out"
"""How a leg ended that was begun; one that nobody ticked was never one."""

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NewRollback:
    """What a person confirmed: the legs that the modal offered, having seen the state ``seen``.

    ``ticked`` are the keys of those that go back; the others are kept as left out. ``offered_at`` is when the modal
    showed it: a submit that was confirmed before is another one.
    """

    incident_id: str
    slack_user: str
    view_id: str
    seen: str
    asked_at: datetime
    legs: tuple[Leg, ...]
    ticked: frozenset[str]
    how: How = How.RETRY
    offered_at: datetime = _EVER


@dataclass(frozen=True, slots=True)
class Rollback:
    """One leg. ``press_id`` is shared by all legs that one press confirmed, ``label`` is what people call it.

    ``newest_job_id`` is the target's newest job before we acted: another one then is ours. ``cancel_job_id`` is the job
    of the suspect's deployment where that still ran, ``cancelled_at`` when it was seen cancelled. ``pipeline_id``: the
    target's, or the one that was started for it. ``before_pipeline_id`` and ``before_deployment_id`` are the newest
    ones before we acted; ``sent_at`` is when it was sent, ``sent`` what. ``stopped_by`` is who asked to stop it,
    ``second_user`` who agreed where a second person is asked.
    ``undoes`` is what it takes away, or brings again, ``facts`` what whoever confirmed it had in view.
    """

    id: str
    press_id: str
    incident_id: str
    attempt: int
    leg: int
    how: How
    project: str
    environment: str
    label: str
    slack_user: str
    username: str
    view_id: str
    target_id: int
    target_sha: str
    target_ref: str
    undoes: tuple[ChangeRef, ...]
    facts: InView
    seen: str
    pipeline_id: int | None
    job_name: str
    newest_job_id: int | None
    cancel_job_id: int | None
    cancelled_at: datetime | None
    job_id: int | None
    deployment_id: int | None
    before_pipeline_id: int | None
    before_deployment_id: int | None
    ref: str
    status: str
    says: str
    url: str
    stopped_by: str
    asked_at: datetime
    sent: str
    sent_at: datetime | None
    finished_at: datetime | None
    second_user: str
    agreed_at: datetime | None

    @property
    def deed(self) -> str:
        """What was asked for, to be followed by "of"."""
        return "a roll-forward" if self.how.is_forward else "a rollback"

    @property
    def whither(self) -> str:
        return "forward" if self.how.is_forward else "back"


class RollbackStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._beginning = asyncio.Lock()

    async def begin(self, new: NewRollback) -> tuple[tuple[Rollback, ...], bool]:
        """Start an attempt, or give the one that is in its way: on one of its environments, or on its incident.

        :returns: the legs of the attempt, and whether it is this one. A press's id is incident + attempt number.
        """
        # One at a time: of fifty at once all but the first only read, and none waits for the others to have written.
        async with self._beginning:
            async with self._database.reading() as connection:
                known = await _known(connection, new)
            return known or await self._insert(new)

    async def _insert(self, new: NewRollback) -> tuple[tuple[Rollback, ...], bool]:
        async with self._database.writing() as connection:
            # Looked at again: another process may have been first.
            known = await _known(connection, new)
            if known:
                return known
            last = select(func.max(rollbacks.c.attempt)).where(rollbacks.c.incident_id == new.incident_id)
            attempt = ((await connection.execute(last)).scalar_one_or_none() or 0) + 1
            press_id = f"{new.incident_id}-rollback-{attempt}"
            rows = [_row(new, leg, number, press_id, attempt) for number, leg in enumerate(new.legs, start=1)]
            await connection.execute(rollbacks.insert(), rows)
            return await _legs(connection, rollbacks.c.press_id == press_id), True

    async def get(self, rollback_id: str) -> Rollback:
        async with self._database.reading() as connection:
            (row,) = await _legs(connection, rollbacks.c.id == rollback_id)
            return row

    async def legs(self, press_id: str) -> tuple[Rollback, ...]:
        """All legs of a press that were ticked, in their order."""
        async with self._database.reading() as connection:
            return await _legs(connection, rollbacks.c.press_id == press_id, rollbacks.c.status != LEFT_OUT)

    async def running(self, incident_id: str, places: tuple[tuple[str, str], ...]) -> Rollback | None:
        """A leg that runs on one of these (project, environment) pairs, or for this incident."""
        async with self._database.reading() as connection:
            found = await _legs(connection, _at(incident_id, places), rollbacks.c.active == 1)
        return found[0] if found else None

    async def other_pipelines(self, rollback_id: str) -> tuple[Rollback, ...]:
        """The other legs for which a pipeline was sent or found, in the order in which they were asked for."""
        sent = or_(rollbacks.c.sent_at.is_not(None), rollbacks.c.pipeline_id.is_not(None))
        async with self._database.reading() as connection:
            found = await _legs(connection, rollbacks.c.id != rollback_id, rollbacks.c.how.in_(PIPELINES), sent)
        return tuple(sorted(found, key=lambda leg: leg.asked_at))

    async def save(self, rollback_id: str, **values: Any) -> None:
        await self.save_all({rollback_id: values})

    async def save_all(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Several legs in one transaction."""
        async with self._database.writing() as connection:
            for rollback_id, some in values.items():
                await connection.execute(update(rollbacks).where(rollbacks.c.id == rollback_id).values(dict(some)))

    async def ask_to_stop(self, press_id: str, slack_user: str) -> None:
        """Leave word for the legs that have not ended; whoever asked first is remembered."""
        these = (rollbacks.c.press_id == press_id, rollbacks.c.active == 1, rollbacks.c.stopped_by == "")
        async with self._database.writing() as connection:
            await connection.execute(update(rollbacks).where(*these).values(stopped_by=slack_user))

    async def agree(self, press_id: str, slack_user: str, at: datetime) -> bool:
        """Let a press begin that waits for a second person; False where it does not, or somebody else was first, also
        with a Stop."""
        waits = (rollbacks.c.press_id == press_id, rollbacks.c.status == WAITS, rollbacks.c.active == 1)
        going_on = rollbacks.c.stopped_by == ""
        free = or_(rollbacks.c.second_user == "", rollbacks.c.second_user == slack_user)
        async with self._database.writing() as connection:
            values = {"second_user": slack_user, "agreed_at": at}
            changed = await connection.execute(update(rollbacks).where(*waits, going_on, free).values(values))
            return bool(changed.rowcount)

    async def finish(self, rollback_id: str, status: str, says: str, at: datetime) -> None:
        """End a leg. With the last one of its press the incident's state follows, in the same transaction."""
        await self.finish_all({rollback_id: (status, says)}, at)

    async def finish_all(self, ends: Mapping[str, tuple[str, str]], at: datetime) -> None:
        """End several legs in one transaction: status and words by leg."""
        async with self._database.writing() as connection:
            for rollback_id, (status, says) in ends.items():
                ended = {"status": status, "says": says, "finished_at": at, "active": None}
                await connection.execute(update(rollbacks).where(rollbacks.c.id == rollback_id).values(ended))
            for press_id in {row.press_id for row in await _legs(connection, rollbacks.c.id.in_(ends))}:
                await _end_incident(connection, await _legs(connection, rollbacks.c.press_id == press_id))

    async def of(self, incident_id: str) -> tuple[Rollback, ...]:
        """All legs of an incident, those that were left out too, in the order of the attempts."""
        async with self._database.reading() as connection:
            return await _legs(connection, rollbacks.c.incident_id == incident_id)

    async def unfinished(self) -> tuple[str, ...]:
        """The presses of which a leg has not ended."""
        query = select(rollbacks.c.press_id).where(rollbacks.c.active == 1).distinct()
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())


async def _end_incident(connection: AsyncConnection, legs: tuple[Rollback, ...]) -> None:
    """Where the incident stands once all legs of a press have ended."""
    state = state_after(tuple(leg.status for leg in legs), legs[0].how)
    if state is not None and all(leg.finished_at is not None for leg in legs):
        # Resolved is what the sender said, and stands.
        this = (incidents.c.id == legs[0].incident_id, incidents.c.state != IncidentState.RESOLVED.value)
        await connection.execute(update(incidents).where(*this).values(state=state.value))


def state_after(statuses: tuple[str, ...], how: How) -> IncidentState | None:
    """Where an incident stands once all legs of a press have ended; None where none was begun."""
    begun = {status for status in statuses if status in (SUCCESS, FAILED, STOPPED)}
    if not begun:
        return None
    if how.is_forward:
        # What did not go forward is as the rollback left it.
        partly = IncidentState.PARTLY_ROLLED_BACK if SUCCESS in begun else IncidentState.ROLLED_BACK
        return IncidentState.ROLLED_FORWARD if {*statuses} == {SUCCESS} else partly
    if SUCCESS in begun:
        return IncidentState.ROLLED_BACK if begun == {SUCCESS} else IncidentState.PARTLY_ROLLED_BACK
    return IncidentState.ROLLBACK_STOPPED if begun == {STOPPED} else IncidentState.ROLLBACK_FAILED


def _row(new: NewRollback, leg: Leg, number: int, press_id: str, attempt: int) -> dict[str, Any]:
    values = {name: getattr(new, name) for name in ("incident_id", "slack_user", "view_id", "seen", "asked_at", "how")}
    values |= {
        name: getattr(leg, name) for name in ("project", "environment", "job_name", "label", "target_id", "target_ref")
    }
    values |= {"undoes": refs_json(leg.undoes), "facts": in_view.as_json(leg.facts)}
    is_ticked = leg.key in new.ticked
    status = {"status": "asked" if is_ticked else LEFT_OUT, "finished_at": None if is_ticked else new.asked_at}
    own = {"id": f"{press_id}-{number}", "press_id": press_id, "attempt": attempt, "leg": number}
    return {**values, **status, **own, "active": 1 if is_ticked else None}


async def _known(connection: AsyncConnection, new: NewRollback) -> tuple[tuple[Rollback, ...], bool] | None:
    """The attempt that this submit began already, or the one that is in its way; None where it may begin."""
    # A submit that is delivered twice is the same attempt: the view it came from tells. One that has ended is not,
    # where the modal showed the same state once more since.
    since = or_(rollbacks.c.active == 1, rollbacks.c.asked_at >= new.offered_at)
    same = await _legs(connection, rollbacks.c.view_id == new.view_id, rollbacks.c.seen == new.seen, since)
    if same:
        return same, True
    other = (await connection.execute(_in_the_way(new))).scalars().first()
    return (await _legs(connection, rollbacks.c.press_id == other), False) if other else None


def _in_the_way(new: NewRollback) -> Any:
    places = tuple((leg.project, leg.environment) for leg in new.legs if leg.key in new.ticked)
    return select(rollbacks.c.press_id).where(_at(new.incident_id, places), rollbacks.c.active == 1)


def _at(incident_id: str, places: tuple[tuple[str, str], ...]) -> Any:
    there = ((rollbacks.c.project == project) & (rollbacks.c.environment == name) for project, name in places)
    return or_(rollbacks.c.incident_id == incident_id, *there)


async def _legs(connection: AsyncConnection, *where: Any) -> tuple[Rollback, ...]:
    query = select(rollbacks).where(*where).order_by(rollbacks.c.attempt, rollbacks.c.leg)
    rows = (await connection.execute(query)).mappings()
    return tuple(_rollback(row) for row in rows)


def _rollback(row: RowMapping) -> Rollback:
    values = {name: row[name] for name in Rollback.__slots__}
    read = {"how": How(row["how"]), "undoes": refs_from(row["undoes"]), "facts": in_view.from_json(row["facts"])}
    return Rollback(**{**values, **read})
