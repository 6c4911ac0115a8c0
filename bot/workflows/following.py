"""Following a rollback that GitLab works on, also through an outage: it goes on there while nobody can look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

from backtrace_core.model import Deployment, DeploymentStatus
from bot.cards import IncidentState
from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabError, GitLabRefused
from bot.store import Rollback
from bot.workflows.durable import step
from bot.workflows.house import House

LOOKS_FOR_DEPLOYMENT = 12
"""GitLab makes a deployment's row a moment after its job; so many answers without it mean that it makes none."""

ROUND_S = 30
"""How long one step follows; what it saw is recorded then, and the next one begins."""

_FINAL = {DeploymentStatus.SUCCESS, DeploymentStatus.FAILED, DeploymentStatus.CANCELED, DeploymentStatus.SKIPPED}

T = TypeVar("T")


@step()
async def find_deployment(house: House, rollback_id: str) -> None:
    """Find the deployment that the new job makes."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.job_id is None:
        raise RuntimeError("a rollback is followed before its job is known")
    for _ in range(LOOKS_FOR_DEPLOYMENT):
        deployment = await through_outage(house, row, lambda: _deployment(house, row))
        if deployment is not None:
            await house.store.rollbacks.save(rollback_id, deployment_id=deployment.id, url=deployment.url)
            return
        await _until_nudged(house)
    raise GitLabError(f"job {row.job_id} was started, but GitLab shows no deployment of it")


async def _deployment(house: House, row: Rollback) -> Deployment | None:
    job_id = row.job_id or 0
    return await gitlab_rollback.deployment_of_job(house.gitlab, row.project, row.environment, job_id)


@step()
async def follow(house: House, rollback_id: str) -> str:
    """Wait until the deployment's status changes, or for half a minute. Returns "done" once it has ended."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.finished_at is not None:
        return "done"
    deadline = house.clock() + timedelta(seconds=ROUND_S)
    while True:
        status = await through_outage(house, row, lambda: _status(house, row))
        if status in _FINAL:
            await _end(house, row, status)
            return "done"
        if status.value != row.status:
            await house.store.rollbacks.save(row.id, status=status.value)
            return "going"
        if _is_over(house, row):
            await fail(house, row, "stopped following the rollback, which has not ended yet. Look at it in GitLab")
            return "gave_up"
        if house.clock() > deadline:
            return "going"
        await _until_nudged(house)


async def _status(house: House, row: Rollback) -> DeploymentStatus:
    return await gitlab_rollback.deployment_status(house.gitlab, row.project, row.deployment_id or 0)


async def through_outage(house: House, row: Rollback, look: Callable[[], Awaitable[T]]) -> T:
    """What ``look`` finds, once GitLab answers again.

    :raises GitLabError: what GitLab refuses to show at once, and its silence once the attempt has taken too long.
    """
    while True:
        try:
            return await look()
        except GitLabError as error:
            throttled = isinstance(error, GitLabRefused) and error.status == HTTPStatus.TOO_MANY_REQUESTS
            if (isinstance(error, GitLabRefused) and not throttled) or _is_over(house, row):
                raise
        await _until_nudged(house)


def _is_over(house: House, row: Rollback) -> bool:
    return house.clock() - row.asked_at > timedelta(seconds=house.settings.bot.follow_for_s)


async def _until_nudged(house: House) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(house.nudge.wait(), house.settings.bot.follow_interval_s)


async def _end(house: House, row: Rollback, status: DeploymentStatus) -> None:
    if status is not DeploymentStatus.SUCCESS:
        await fail(house, row, f"tried a rollback of {row.environment}; its deployment ended as {status.value}")
        return
    says = f"rolled {row.environment} back: deployment {row.deployment_id} is live"
    await house.store.incidents.save_state(row.incident_id, IncidentState.ROLLED_BACK)
    await house.store.rollbacks.finish(row.id, "success", says, house.clock())


async def fail(house: House, row: Rollback, says: str) -> None:
    """End the attempt; ``says`` is for the card. The row ends last: a step that begins anew finds it open till then."""
    await house.store.incidents.save_state(row.incident_id, IncidentState.ROLLBACK_FAILED)
    await house.store.rollbacks.finish(row.id, "failed", says, house.clock())
