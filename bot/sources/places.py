"""Reading the environment and its deployments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from backtrace_core.history import began, succeeded
from backtrace_core.model import Deployment, DeploymentStatus, Environment, Scope
from bot.gitlab.shapes import MALFORMED, deployment_of, environment_of
from bot.sources.ground import Ground

MOST_FINISHED = 100
MOST_UNFINISHED = 20

# Ids follow the creation of pipelines, the default order is ascending: what is live follows from finish times alone.
_NEWEST_FINISH = {"order_by": "finished_at", "sort": "desc"}
_NEWEST_ROW = {"order_by": "id", "sort": "desc"}


async def read_environment(ground: Ground, name: str) -> Environment | None:
    """The environment, None when there is none of that name or it can't be read."""

    async def ask() -> Environment | None:
        rows = await ground.client.list_all(ground.path("environments"), limit=1, name=name)
        if not rows:
            ground.reading.miss(f"environment {name}", "", "the project has none of that name")
        return environment_of(rows[0], ground.project.url) if rows else None

    return await ground.reading.read(f"environment {name}", "", ask, None)


async def read_deployments(ground: Ground, scope: Scope) -> tuple[Deployment, ...]:
    """Unfinished ones first, then the successful ones by the time when they went live, newest first."""
    finished, running, blocked, created = await asyncio.gather(
        _list(ground, scope, DeploymentStatus.SUCCESS, MOST_FINISHED),
        _list(ground, scope, DeploymentStatus.RUNNING, MOST_UNFINISHED),
        _list(ground, scope, DeploymentStatus.BLOCKED, MOST_UNFINISHED),
        _list(ground, scope, DeploymentStatus.CREATED, MOST_UNFINISHED),
    )
    done = succeeded(finished)
    if len(finished) >= MOST_FINISHED and (done[-1].finished_at or done[-1].created_at) >= scope.since:
        ground.reading.miss("older deployments", "", f"only the newest {MOST_FINISHED} are read")
    # Manual jobs that nobody ever plays stay blocked for ever: old ones say nothing about today.
    waiting = [row for row in (*blocked, *created) if row.created_at >= scope.since]
    unfinished = sorted((*running, *waiting), key=lambda row: (began(row), row.id), reverse=True)
    return (*unfinished, *done)


async def _list(ground: Ground, scope: Scope, status: DeploymentStatus, limit: int) -> tuple[Deployment, ...]:
    order = _NEWEST_FINISH if status is DeploymentStatus.SUCCESS else _NEWEST_ROW

    async def ask() -> list[dict[str, Any]]:
        where = {"environment": scope.environment, "status": status.value, **order}
        return await ground.client.list_all(ground.path("deployments"), limit=limit, **where)

    nothing: list[dict[str, Any]] = []
    rows = await ground.reading.read(f"{status} deployments", "", ask, nothing)
    shape = _shape_for(ground, scope)
    return tuple(found for row in rows if (found := shape(row)) is not None)


def _shape_for(ground: Ground, scope: Scope) -> Callable[[Mapping[str, Any]], Deployment | None]:
    def shape(row: Mapping[str, Any]) -> Deployment | None:
        # One row in a form that is not known, of a newer GitLab maybe, must not cost the others.
        try:
            return deployment_of(row, scope.service.project, ground.project.url)
        except MALFORMED:
            ground.reading.miss(f"deployment {row.get('id', '')}", "", "GitLab's answer has an unexpected form")
            return None

    return shape
