"""Looking for the pipelines that were sent to GitLab: the leg's own, and those of earlier legs that may still run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.gitlab import pipelines
from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused
from bot.gitlab.pipelines import PipelineState, Sent, SeveralError, Wanted
from bot.store import Rollback
from bot.workflows.following import through_outage
from bot.workflows.house import House

REQUEST_LIVES = timedelta(seconds=60)
"""GitLab ends a request after that long; what made no pipeline by then makes none any more."""
LEFT_OVER_FOR = timedelta(days=1)
"""An earlier pipeline that is older hinders nobody: one that waits for a manual job never ends by itself."""


def kept(wanted: Wanted, username: str) -> str:
    """What is sent, and as whom, as it stands in the row: the settings may be others after a restart."""
    told = {"variables": dict(wanted.variables), "inputs": dict(wanted.inputs)}
    return json.dumps({"ref": wanted.ref, "username": username, **told})


def sent_by(row: Rollback) -> Sent | None:
    """What was sent for a leg; None where nothing was."""
    if not row.sent or row.sent_at is None:
        return None
    told = json.loads(row.sent)
    wanted = Wanted(told["ref"], told["variables"], told["inputs"])
    since = row.sent_at - pipelines.CLOCKS_DIFFER
    until = row.sent_at + REQUEST_LIVES + pipelines.CLOCKS_DIFFER
    return Sent(wanted, told["username"], row.before_pipeline_id or 0, (since, until))


async def look_long(house: House, row: Rollback, client: GitLabClient) -> PipelineState | None:
    """The leg's pipeline; None once GitLab has surely ended the request and there is none.

    :raises GitLabError: when GitLab does not show it, or several may be it.
    """
    ends_at = (row.sent_at or house.clock()) + REQUEST_LIVES
    while True:
        found = await _look(house, row, row, client)
        if found is not None or house.clock() >= ends_at:
            return found
        await asyncio.sleep(house.settings.bot.follow_interval_s)


async def left_over(house: House, row: Rollback, client: GitLabClient) -> tuple[Rollback, PipelineState] | None:
    """The pipeline of an earlier leg at the same place that has not ended, and that leg; None where all have.

    :raises GitLabError: when it can't be looked at, or it leads elsewhere than this leg: nothing may be started then.
    """
    since = house.clock() - LEFT_OVER_FOR
    for one in reversed(await house.store.rollbacks.other_pipelines(row.id)):
        # The legs of one press go back together, each by a pipeline of its own.
        is_there = (one.project, one.environment) == (row.project, row.environment) and one.press_id != row.press_id
        if not is_there or one.asked_at < since:
            continue
        found = await _of_earlier(house, row, one, client)
        if found is None or found.status in pipelines.ENDED:
            continue
        if one.target_id != row.target_id or found.status == "canceling":
            raise GitLabError(
                f"pipeline {found.id}, which {one.username} started to roll {one.label} {one.whither} to deployment"
                f" {one.target_id}, has not ended. Look at it in GitLab, and cancel it there if need be"
            )
        return one, found
    return None


async def _of_earlier(house: House, row: Rollback, one: Rollback, client: GitLabClient) -> PipelineState | None:
    number = one.pipeline_id
    if number is None:
        return await _look(house, row, one, client)
    try:
        return await through_outage(house, row, lambda: pipelines.pipeline_state(house.gitlab, row.project, number))
    except GitLabRefused as error:
        if error.is_missing:
            return None
        raise


async def _look(house: House, row: Rollback, of: Rollback, client: GitLabClient) -> PipelineState | None:
    """The pipeline that was sent for the leg ``of``, if it is there. ``row`` is the leg that looks."""
    sent = sent_by(of)
    if sent is None:
        return None
    others = await house.store.rollbacks.other_pipelines(of.id)
    taken = {one.pipeline_id for one in others if one.pipeline_id is not None}
    look: Callable[[], Awaitable[PipelineState | None]] = lambda: pipelines.ours_since(  # noqa: E731
        client, row.project, sent, taken
    )
    try:
        return await through_outage(house, row, look)
    except SeveralError as error:
        raise GitLabError(str(error)) from error
