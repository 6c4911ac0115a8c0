"""What GitLab knows of the jobs of possible rollback targets: the newest attempt, who rejected it, its artifacts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from backtrace_core.model import Deployment
from backtrace_core.retrying import Attempt, ForwardOnly, Retrying
from bot.gitlab.shapes import job_of, moment
from bot.sources.ground import Door

MOST_JOBS = 1000

Row = Mapping[str, Any]


async def read_retrying(
    door: Door, targets: Sequence[Deployment], history: Iterable[Deployment], now: datetime
) -> Retrying:
    """Of each target that a job made. What can't be read is missing."""
    made_by = {row.job.id: row.id for row in history if row.job is not None}
    with_jobs = [target for target in targets if target.job is not None]
    if not with_jobs:
        return Retrying()
    found, rule = await asyncio.gather(
        asyncio.gather(*(_attempt(door, target, made_by, now) for target in with_jobs)), _forward_only(door)
    )
    read = {target.id: one for target, one in zip(with_jobs, found, strict=True) if one is not None}
    return Retrying(read, rule)


async def _forward_only(door: Door) -> ForwardOnly:
    async def ask() -> ForwardOnly:
        row = await door.client.get(door.path())
        # Shown to Maintainers only, and the second one from 16.3 on.
        enabled, back = (row.get(f"ci_forward_deployment_{key}") for key in ("enabled", "rollback_allowed"))
        return ForwardOnly(_yes_or_no(enabled), _yes_or_no(back))

    return await door.reading.read("project", door.name, ask, ForwardOnly())


def _yes_or_no(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


async def _attempt(door: Door, target: Deployment, made_by: Mapping[int, int], now: datetime) -> Attempt | None:
    rows, rejected_by = await asyncio.gather(_jobs_of(door, target), _rejected_by(door, target.id))
    if rows is None or target.job is None:
        return None
    ours = [row for row in rows if row.get("name") == target.job.name]
    newest = job_of(max(ours, key=lambda row: int(row["id"]), default=None))
    if newest is None:
        return Attempt(None)
    made = made_by.get(newest.id)
    if made is not None and made != target.id:
        rejected_by = await _rejected_by(door, made)
    return Attempt(newest, made, rejected_by, tuple(_without_artifacts(rows, target, now)))


async def _jobs_of(door: Door, target: Deployment) -> list[dict[str, Any]] | None:
    """The pipeline's jobs, without those that were retried; None where they can't be read."""
    number = target.job.pipeline_id if target.job is not None else 0

    async def ask() -> list[dict[str, Any]] | None:
        rows = await door.client.list_all(door.path("pipelines", number, "jobs"), limit=MOST_JOBS)
        return [{**row, "id": int(row["id"])} for row in rows]

    return await door.reading.read("jobs", f"pipeline {number}", ask, None)


async def _rejected_by(door: Door, deployment_id: int) -> tuple[str, ...]:
    """Who rejected a deployment (Premium; elsewhere nobody can)."""

    async def ask() -> tuple[str, ...]:
        row = await door.client.get(door.path("deployments", deployment_id))
        return tuple(_rejecters(row))

    return await door.reading.read("approvals", f"deployment {deployment_id}", ask, ())


def _rejecters(row: Row) -> Iterator[str]:
    for approval in row.get("approvals") or ():
        if approval.get("status") == "rejected":
            yield str((approval.get("user") or {}).get("username") or "somebody")


def _without_artifacts(rows: Iterable[Row], target: Deployment, now: datetime) -> Iterator[str]:
    """The jobs of earlier stages whose artifacts expired or were erased.

    The API does not tell which stage comes first, nor which jobs the deploy job needs: those that had ended as it
    began, which is what a job gets that names none (docs.gitlab.com/ci/yaml: dependencies).
    """
    own = next((str(row.get("stage")) for row in rows if target.job and row.get("name") == target.job.name), "")
    for row in rows:
        ended = moment(row.get("finished_at"))
        if target.started_at is None or ended is None or ended > target.started_at or row.get("stage") == own:
            continue
        if row.get("erased_at") or _expired(row, now):
            yield str(row.get("name") or "")


def _expired(row: Row, now: datetime) -> bool:
    """Past their time; GitLab keeps those of a branch's newest pipeline all the same, and then lists them."""
    until = moment(row.get("artifacts_expire_at"))
    kept = any(one.get("file_type") == "archive" for one in row.get("artifacts") or ())
    return until is not None and until <= now and not kept
