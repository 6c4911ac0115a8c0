"""What is due on a branch: its pipeline schedules, and whether the project refuses outdated deploy jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backtrace_core.ahead import Due
from bot.gitlab.client import GitLabClient
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import moment

MOST_SCHEDULES = 100
_HEADS = "refs/heads/"


async def schedules_of(client: GitLabClient, project: str, branch: str) -> tuple[Due, ...]:
    """The active schedules of a branch (docs.gitlab.com/api/pipeline_schedules).

    Newer servers write the branch as ``refs/heads/main``: shape and role from memory, so both forms count.

    :raises GitLabError: where the token may not read them.
    """
    path = in_project(project, "pipeline_schedules")
    rows = await client.list_all(path, limit=MOST_SCHEDULES, scope="active")
    return tuple(_due(rows, branch, f"{client.url.rstrip('/')}/{project}/-/pipeline_schedules"))


def _due(rows: list[dict[str, Any]], branch: str, page: str) -> Iterator[Due]:
    for row in rows:
        at = moment(row.get("next_run_at"))
        if at is not None and row.get("active") is not False and _branch(row) == branch:
            yield Due(str(row.get("description") or ""), at, page)


def _branch(row: Mapping[str, Any]) -> str:
    return str(row.get("ref") or "").removeprefix(_HEADS)


async def refuses_outdated(client: GitLabClient, project: str) -> bool | None:
    """``ci_forward_deployment_enabled``; None where the token is not shown it.

    :raises GitLabError: when the project can't be read.
    """
    found = (await client.get(in_project(project))).get("ci_forward_deployment_enabled")
    return found if isinstance(found, bool) else None
