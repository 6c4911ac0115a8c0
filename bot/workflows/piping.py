"""Starting a rollback's own pipeline, once: never two, whatever answer gets lost and whenever the bot dies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.gitlab import pipelines
from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused, OutcomeUnknown
from bot.gitlab.pipelines import PipelineState, Wanted
from bot.store import Rollback
from bot.store.rollbacks import STOPPED
from bot.workflows.confirming import is_too_late
from bot.workflows.durable import step
from bot.workflows.following import fail, through_outage
from bot.workflows.halting import SENDING, StoppedError, never_began, not_stopped
from bot.workflows.house import House
from bot.workflows.hows import pipeline_of
from bot.workflows.turns import turn

LOOKS_AFTER_UNKNOWN = 3
"""How often GitLab answers whether the pipeline exists, after the answer to its creation was lost."""
REQUEST_LIVES = timedelta(seconds=60)
"""GitLab ends a request after that long; what made no pipeline by then makes none any more."""


@step()
async def start_pipeline(house: House, leg_id: str) -> str:
    """Start the leg's pipeline, or find it. Returns the status where there is nothing to follow, else nothing."""
    project = (await house.store.rollbacks.get(leg_id)).project
    # Two legs of one press start alike: one at a time, so that each finds its own.
    async with turn(f"pipeline-{project}"):
        # Read within the turn: somebody may have pressed "Stop" while it was waited for.
        row = await house.store.rollbacks.get(leg_id)
        if row.finished_at is not None:
            return row.status
        if row.pipeline_id is not None:
            return ""
        if row.stopped_by and row.status != SENDING:
            await never_began(house, row)
            return STOPPED
        return await _begin(house, row)


async def _begin(house: House, row: Rollback) -> str:
    try:
        started = await _start_or_find(house, row)
    except StoppedError:
        await never_began(house, await house.store.rollbacks.get(row.id))
        return STOPPED
    except GitLabError as error:
        await fail(house, row, f"tried a rollback of {row.label}, without success: {error}")
        return "failed"
    await house.store.rollbacks.save(row.id, pipeline_id=started.id, url=started.url, status=started.status)
    return ""


@step()
async def await_elsewhere(house: House, leg_id: str) -> str:
    """Nothing is started here: note what was deployed last, so that what comes after it is the rollback."""
    row = await house.store.rollbacks.get(leg_id)
    if row.finished_at is not None:
        return row.status
    if row.stopped_by:
        await never_began(house, row)
        return STOPPED
    if row.before_deployment_id is None:
        before = await gitlab_rollback.newest_deployment(house.gitlab, row.project, row.environment)
        await house.store.rollbacks.save(leg_id, before_deployment_id=before, status="awaited")
    return ""


async def _start_or_find(house: House, row: Rollback) -> PipelineState:
    """:raises GitLabError: when there is none, or GitLab does not tell.
    :raises StoppedError: when there is none, and none may be started any more.
    """
    wanted = await _wanted(house, row)
    async with house.acting(row.slack_user, row.id) as client:
        if row.status == SENDING:
            return await _after_a_death(house, row, (client, wanted))
        left = await _left_over(house, row, (client, wanted))
        return left or await _send(house, row, (client, wanted))


async def _wanted(house: House, row: Rollback) -> Wanted:
    """:raises GitLabError: when the target can't be read, or has no tag where one is asked for."""
    target = await gitlab_rollback.deployment_of_id(house.gitlab, row.project, row.target_id)
    pipeline = await pipeline_of(house, row.incident_id)
    tag = await pipelines.tag_of(house.gitlab, row.project, target.ref, target.sha) if pipeline.needs_tag else ""
    if pipeline.needs_tag and not tag:
        raise GitLabError(f"deployment {target.id} ({target.sha[:8]}) has no tag, and the pipeline is told one")
    facts = {
        "sha": target.sha,
        "tag": tag,
        "ref": target.ref,
        "deployment_id": str(target.id),
        "environment": row.environment,
        "reason": f"Backtrace rolls {row.environment} back to deployment {target.id}, asked by {row.username}",
    }
    return pipeline.wanted(row.ref, facts)


async def _after_a_death(house: House, row: Rollback, how: tuple[GitLabClient, Wanted]) -> PipelineState:
    """The bot died while it was sending. It is looked for until GitLab has surely ended that; then it is sent again."""
    ends_at = (row.sent_at or house.clock()) + REQUEST_LIVES
    while True:
        found = await _look(house, row, how)
        if found is not None:
            return found
        if house.clock() >= ends_at:
            return await _send(house, row, how)
        await asyncio.sleep(house.settings.bot.follow_interval_s)


async def _left_over(house: House, row: Rollback, how: tuple[GitLabClient, Wanted]) -> PipelineState | None:
    """One that an earlier attempt started, of which nobody knew: it still runs, and is this one's too."""
    earlier = [one for one in await house.store.rollbacks.of(row.incident_id) if _is_lost(one, row)]
    if not earlier:
        return None
    found = await _look_as(house, row, how, earlier[-1].before_pipeline_id or 0)
    if found is None or found.status in pipelines.ENDED:
        return None
    before = earlier[-1].before_deployment_id
    await house.store.rollbacks.save(row.id, before_deployment_id=before)
    return found


def _is_lost(one: Rollback, row: Rollback) -> bool:
    same = (one.project, one.environment, one.target_id) == (row.project, row.environment, row.target_id)
    return same and one.id != row.id and one.sent_at is not None and one.pipeline_id is None


async def _send(house: House, row: Rollback, how: tuple[GitLabClient, Wanted]) -> PipelineState:
    client, wanted = how
    if is_too_late(house, row):
        raise GitLabError("nothing was started, since too much time has passed")
    before = await pipelines.newest_pipeline(house.gitlab, row.project)
    place = await gitlab_rollback.newest_deployment(house.gitlab, row.project, row.environment)
    known = {"before_pipeline_id": before, "before_deployment_id": place, "sent_at": house.clock(), "status": SENDING}
    # Known before it is sent: a run that begins anew then looks for it, as GitLab may still be at work on it.
    await house.store.rollbacks.save(row.id, **known)
    await not_stopped(house, row)
    try:
        return await pipelines.start_pipeline(client, row.project, wanted)
    except GitLabRefused as error:
        raise GitLabError(f"GitLab refused to start the pipeline ({error})") from error
    except OutcomeUnknown as error:
        sent = await house.store.rollbacks.get(row.id)
        for _ in range(LOOKS_AFTER_UNKNOWN):
            await asyncio.sleep(house.settings.bot.follow_interval_s)
            found = await _look(house, sent, how)
            if found is not None:
                return found
        says = f"GitLab did not say whether the pipeline was started ({error}). Look at it in GitLab"
        raise GitLabError(says) from error


async def _look(house: House, row: Rollback, how: tuple[GitLabClient, Wanted]) -> PipelineState | None:
    return await _look_as(house, row, how, row.before_pipeline_id or 0)


async def _look_as(
    house: House, row: Rollback, how: tuple[GitLabClient, Wanted], newest_before: int
) -> PipelineState | None:
    client, wanted = how
    taken = await house.store.rollbacks.pipelines_of_others(row.id)
    look: Callable[[], Awaitable[PipelineState | None]] = lambda: pipelines.ours_since(  # noqa: E731
        client, row.project, wanted, newest_before, taken
    )
    return await through_outage(house, row, look)
