"""Following a rollback that GitLab works on, also through an outage: it goes on there while nobody can look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from backtrace_core.model import Deployment, DeploymentStatus
from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabError, GitLabRefused
from bot.gitlab.rollback import Progress
from bot.linking.errors import ActingError
from bot.store import Rollback
from bot.store.rollbacks import FAILED, SUCCESS
from bot.workflows.durable import step
from bot.workflows.halting import STOPPING, halt, name_of, was_cancelled, what_was_cancelled
from bot.workflows.house import House

LOOKS_FOR_DEPLOYMENT = 12
"""GitLab makes a deployment's row a moment after its job; so many answers without it mean that it makes none."""

ROUND_S = 30
"""How long one step follows; what it saw is recorded then, and the next one begins."""

LOOKS_AFTER_FAILURE = 3
"""GitLab makes the next attempt of a job with ``retry`` a moment after the one that failed."""

AGAIN = "again"

_OUTDATED = "for GitLab it is outdated: the project allows no deployment that is older than the newest one"
_REASONS = {
    "script_failure": "the job's script failed",
    "failed_outdated_deployment_job": _OUTDATED,
    "forward_deployment_failure": _OUTDATED,
    "missing_dependency_failure": "the job needs artifacts of earlier jobs, and these are gone",
    "protected_environment_failure": "the environment is protected, and Backtrace's token may not deploy there",
    "archived_failure": "the job is archived",
    "deployment_rejected": "somebody rejected the deployment in GitLab",
    "stuck_or_timeout_failure": "no runner took the job in time",
    "runner_system_failure": "the runner failed",
    "job_execution_timeout": "the job took too long",
}
"""What GitLab says of failed jobs (docs.gitlab.com/api/jobs, failure_reason)."""

_FINAL = {DeploymentStatus.SUCCESS, DeploymentStatus.FAILED, DeploymentStatus.CANCELED, DeploymentStatus.SKIPPED}

T = TypeVar("T")


@step()
async def find_deployment(house: House, rollback_id: str) -> None:
    """Find the deployment that the new job makes."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.job_id is None:
        raise RuntimeError("a rollback is followed before its job is known")
    for _ in range(LOOKS_FOR_DEPLOYMENT):
        deployment = await through_outage(house, row, lambda: _deployment(house, row), is_under_way=True)
        if deployment is not None:
            await house.store.rollbacks.save(rollback_id, deployment_id=deployment.id, url=deployment.url)
            return
        await until_nudged(house)
    raise GitLabError(f"job {row.job_id} was started, but GitLab shows no deployment of it")


async def _deployment(house: House, row: Rollback) -> Deployment | None:
    job_id = row.job_id or 0
    return await gitlab_rollback.deployment_of_job(house.gitlab, row.project, row.environment, job_id)


@step()
async def follow(house: House, rollback_id: str) -> str:
    """Wait until the deployment's status changes, or for half a minute.

    Returns "done" once it has ended, and "again" where GitLab itself retries the job: then its deployment is another.
    """
    deadline = house.clock() + timedelta(seconds=ROUND_S)
    while True:
        row = await house.store.rollbacks.get(rollback_id)
        if row.finished_at is not None:
            return "done"
        if row.deployment_id is None:
            return AGAIN
        progress = await through_outage(house, row, partial(_progress, house, row), is_under_way=True)
        if progress.deployment.status in _FINAL:
            return await _end(house, row, progress)
        if await halt(house, row):
            return "going"
        if row.status not in {progress.stage, STOPPING}:
            await house.store.rollbacks.save(row.id, status=progress.stage)
            return "going"
        if is_over(house, row) or house.clock() > deadline:
            return await _enough(house, row)
        await until_nudged(house)


async def _enough(house: House, row: Rollback) -> str:
    """The end of a round, and of all of them once the attempt has taken too long."""
    if not is_over(house, row):
        return "going"
    await fail(house, row, "stopped following the rollback, which has not ended yet. Look at it in GitLab")
    return "gave_up"


async def _progress(house: House, row: Rollback) -> Progress:
    return await gitlab_rollback.progress_of(house.gitlab, row.project, row.deployment_id or 0)


_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


async def through_outage(
    house: House, row: Rollback, look: Callable[[], Awaitable[T]], *, is_under_way: bool = False
) -> T:
    """What ``look`` finds, once GitLab answers again. ``is_under_way``: it is known that GitLab is at work on the leg.

    :raises GitLabError: what GitLab refuses to show at once, of what is under way only what is gone; and its silence
        once the attempt has taken too long.
    """

    def is_final(error: GitLabError) -> bool:
        if isinstance(error, ActingError) or not isinstance(error, GitLabRefused):
            return isinstance(error, ActingError)
        # A right or a token that is taken away is often given again, and GitLab goes on all the while.
        return error.status in _GONE if is_under_way else error.status != HTTPStatus.TOO_MANY_REQUESTS

    while True:
        try:
            return await look()
        except GitLabError as error:
            if is_final(error) or is_over(house, row):
                raise
        await until_nudged(house)


def is_over(house: House, row: Rollback) -> bool:
    return house.clock() - row.asked_at > timedelta(seconds=house.settings.bot.follow_for_s)


async def until_nudged(house: House) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(house.nudge.wait(), house.settings.bot.follow_interval_s)


async def _end(house: House, row: Rollback, progress: Progress) -> str:
    status = progress.deployment.status
    if status is DeploymentStatus.SUCCESS:
        await _succeed(house, row, progress.deployment)
        return "done"
    if status is DeploymentStatus.CANCELED and row.stopped_by:
        await was_cancelled(house, row)
        return "done"
    # Also after a "Stop": what GitLab itself begins anew has to be cancelled as well.
    if status is DeploymentStatus.FAILED and (job_id := await _next_attempt(house, row)) is not None:
        await house.store.rollbacks.save(row.id, job_id=job_id, deployment_id=None, status=AGAIN)
        return AGAIN
    why = _REASONS.get(progress.failure, progress.failure.replace("_", " "))
    says = f"tried {row.deed} of {row.label}; its deployment ended as {status.value}"
    await fail(house, row, f"{says}: {why}" if why else says)
    return "done"


async def _next_attempt(house: House, row: Rollback) -> int | None:
    """The job that GitLab made in place of the failed one, where it is told to retry it."""
    for look in range(LOOKS_AFTER_FAILURE):
        if look:
            await until_nudged(house)
        newest = await through_outage(house, row, lambda: _newest(house, row), is_under_way=True)
        if newest is not None and newest > (row.job_id or 0):
            return newest
    return None


async def _newest(house: House, row: Rollback) -> int | None:
    return (await gitlab_rollback.newest_job(house.gitlab, row.project, row.pipeline_id or 0, row.job_name)).id


async def _succeed(house: House, row: Rollback, ours: Deployment) -> None:
    live = await through_outage(house, row, lambda: _live(house, row), is_under_way=True)
    overtaken = live is not None and live.id != ours.id and _finished(live) >= _finished(ours)
    if live is not None and overtaken and live.sha != ours.sha:
        await house.store.rollbacks.save(row.id, url=live.url)
        rolled = f"rolled {row.label} {row.whither} with deployment {ours.id}"
        await fail(house, row, f"{rolled}, but deployment {live.id} ({live.sha[:8]}) went live meanwhile")
        return
    says = f"rolled {row.label} {row.whither}: deployment {live.id if live and overtaken else ours.id} is live"
    if row.stopped_by:
        says = f"{says}. {await name_of(house, row.stopped_by)} asked to stop it too late"
    await house.store.rollbacks.finish(row.id, SUCCESS, says, house.clock())


async def _live(house: House, row: Rollback) -> Deployment | None:
    return await gitlab_rollback.live_deployment(house.gitlab, row.project, row.environment, row.job_name)


def _finished(deployment: Deployment) -> datetime:
    return deployment.finished_at or deployment.created_at


async def fail(house: House, row: Rollback, says: str) -> None:
    """End a leg; ``says`` is for the card."""
    says += what_was_cancelled(row)
    await house.store.rollbacks.finish(row.id, FAILED, says, house.clock())


def lost_sight(row: Rollback, why: str) -> str:
    """What is said of a leg whose own run ended in an error: what GitLab works on goes on there."""
    if row.job_id is None and (not row.how.by_pipeline or row.pipeline_id is None):
        return f"tried {row.deed} of {row.label}, without success: {why}"
    says = f"started {row.deed} of {row.label}, which could not be followed any more: {why.rstrip('.')}"
    return f"{says}. Look at it in GitLab"
