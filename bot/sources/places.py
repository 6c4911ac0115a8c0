"""Reading the environment and its deployments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from backtrace_core.history import BROKEN_OFF, began, broken_off, succeeded
from backtrace_core.model import Deployment, DeploymentStatus, Environment, Scope
from bot.gitlab.shapes import MALFORMED, deployment_of, environment_of, is_stopped, moment
from bot.sources.ground import Door, Ground

NO_SUCH = "the project has none of that name"
STOPPED = "stopped in GitLab: nothing is live there"

PAGE, MOST_FINISHED = 100, 300
MOST_UNFINISHED = MOST_BROKEN = 20

# Ids follow the creation of pipelines, the default order is ascending: what is live follows from finish times alone.
_NEWEST_FINISH = {"order_by": "finished_at", "sort": "desc"}
_NEWEST_ROW = {"order_by": "id", "sort": "desc"}
_UNFINISHED = (DeploymentStatus.RUNNING, DeploymentStatus.BLOCKED, DeploymentStatus.CREATED)

Row = Mapping[str, Any]
Rows = Mapping[DeploymentStatus, list[dict[str, Any]]]


async def environment_rows(door: Door, name: str) -> list[dict[str, Any]] | None:
    """GitLab's rows of that name, None when they can't be read."""

    async def ask() -> list[dict[str, Any]] | None:
        return await door.client.list_all(door.path("environments"), limit=1, name=name)

    return await door.reading.read(f"environment {name}", "", ask, None)


async def environment_from(ground: Ground, name: str, rows: list[dict[str, Any]] | None) -> Environment | None:
    """The environment, None when there is none of that name or it can't be read."""

    async def shape() -> Environment | None:
        if rows == []:
            ground.reading.miss(f"environment {name}", "", NO_SUCH)
        if rows and is_stopped(rows[0]):
            # Not the words for a list that is missing: nothing is hidden, it is only no place to go back in.
            ground.reading.miss(name, "", STOPPED)
        return environment_of(rows[0], ground.project.url) if rows else None

    return await ground.reading.read(f"environment {name}", "", shape, None)


async def deployment_rows(door: Door, scope: Scope) -> Rows:
    """The rows by status; what can't be read is missing and said."""
    statuses = (DeploymentStatus.SUCCESS, *_UNFINISHED, *BROKEN_OFF)
    lists = await asyncio.gather(
        _finished(door, scope),
        *(_newest(door, scope, status, MOST_UNFINISHED, _NEWEST_ROW) for status in _UNFINISHED),
        *(_newest(door, scope, status, MOST_BROKEN, _NEWEST_FINISH) for status in BROKEN_OFF),
    )
    return dict(zip(statuses, lists, strict=True))


async def arrival_rows(door: Door, scope: Scope) -> Rows:
    """Only those that arrived or are about to, for looking in passing."""
    nothing: Rows = {status: [] for status in DeploymentStatus}
    done, running = await asyncio.gather(
        _finished(door, scope), _newest(door, scope, DeploymentStatus.RUNNING, MOST_UNFINISHED, _NEWEST_ROW)
    )
    return {**nothing, DeploymentStatus.SUCCESS: done, DeploymentStatus.RUNNING: running}


async def _finished(door: Door, scope: Scope) -> list[dict[str, Any]]:
    where = {"environment": scope.environment, "status": DeploymentStatus.SUCCESS.value, **_NEWEST_FINISH}
    path = door.path("deployments")

    async def newest() -> list[dict[str, Any]]:
        return await door.client.list_all(path, limit=PAGE, **where)

    async def before() -> list[dict[str, Any]]:
        return await door.client.list_pages(path, range(2, MOST_FINISHED // PAGE + 1), **where)

    nothing: list[dict[str, Any]] = []
    what = f"{DeploymentStatus.SUCCESS} deployments"
    rows = await door.reading.read(what, "", newest, nothing)
    if len(rows) < PAGE or not _is_since(rows[-1], scope):
        return rows
    return [*rows, *await door.reading.read(f"{what} before the newest {PAGE}", "", before, nothing)]


def _is_since(row: Row, scope: Scope) -> bool:
    job = row.get("deployable")
    finished = moment(job.get("finished_at") if isinstance(job, Mapping) else None) or moment(row.get("updated_at"))
    return finished is None or finished >= scope.since


async def _newest(
    door: Door, scope: Scope, status: DeploymentStatus, most: int, order: Mapping[str, str]
) -> list[dict[str, Any]]:
    where = {"environment": scope.environment, "status": status.value, **order}

    async def ask() -> list[dict[str, Any]]:
        return await door.client.list_all(door.path("deployments"), limit=most, **where)

    nothing: list[dict[str, Any]] = []
    return await door.reading.read(f"{status} deployments", "", ask, nothing)


def deployments_from(ground: Ground, scope: Scope, rows: Rows) -> tuple[Deployment, ...]:
    """Unfinished ones first, then the others by the time when they ended, newest first."""
    shape = _shape_for(ground, scope)
    shaped = {
        status: [found for row in several if (found := shape(row)) is not None] for status, several in rows.items()
    }
    done = succeeded(shaped[DeploymentStatus.SUCCESS])
    if len(done) >= MOST_FINISHED and (done[-1].finished_at or done[-1].created_at) >= scope.since:
        ground.reading.miss("older deployments", "", f"only the newest {MOST_FINISHED} are read")
    # Manual jobs that nobody ever plays stay blocked for ever: old ones say nothing about today.
    waiting = (*shaped[DeploymentStatus.BLOCKED], *shaped[DeploymentStatus.CREATED])
    recent = [row for row in waiting if row.created_at >= scope.since]
    unfinished = sorted(
        (*shaped[DeploymentStatus.RUNNING], *recent), key=lambda row: (began(row), row.id), reverse=True
    )
    return (*unfinished, *sorted((*done, *_broken_off(shaped, scope)), key=_end, reverse=True))


def _broken_off(shaped: Mapping[DeploymentStatus, list[Deployment]], scope: Scope) -> list[Deployment]:
    """Those that failed or were cancelled in the window after they had begun: their scripts may have done something."""
    rows = broken_off(row for several in shaped.values() for row in several)
    return [row for row in rows if _end(row)[0] >= scope.since]


def _end(row: Deployment) -> tuple[datetime, int]:
    return (row.finished_at or row.created_at, row.id)


def _shape_for(ground: Ground, scope: Scope) -> Callable[[Mapping[str, Any]], Deployment | None]:
    def shape(row: Mapping[str, Any]) -> Deployment | None:
        # One row in a form that is not known, of a newer GitLab maybe, must not cost the others.
        try:
            return deployment_of(row, scope.service.project, ground.project.url)
        except MALFORMED:
            ground.reading.miss(f"deployment {row.get('id', '')}", "", "GitLab's answer has an unexpected form")
            return None

    return shape
