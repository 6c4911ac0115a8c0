"""Starting a rollback's own pipeline, once: never two, whatever answer gets lost and whenever the bot dies."""

from __future__ import annotations

from bot.gitlab import pipelines
from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused, OutcomeUnknown
from bot.gitlab.pipelines import PipelineState, Wanted
from bot.store import Rollback
from bot.store.rollbacks import STOPPED
from bot.workflows.confirming import is_too_late
from bot.workflows.durable import step
from bot.workflows.following import fail
from bot.workflows.halting import SENDING, StoppedError, never_began, not_stopped
from bot.workflows.house import House
from bot.workflows.hows import pipeline_of
from bot.workflows.sent import kept, left_over, look_long, sent_by
from bot.workflows.showing import worth_another_try
from bot.workflows.turns import turn


@step(tries=3, retry_if=worth_another_try)
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
        await fail(house, row, f"tried {row.deed} of {row.label}, without success: {error}")
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
    async with house.acting(row.slack_user, row.id) as client:
        if row.status == SENDING:
            found = await look_long(house, row, client)
            sent = sent_by(row)
            # After a death what was sent before is sent again, whatever the settings say by now.
            return found or await _send(house, row, (client, sent.wanted if sent else await _wanted(house, row)))
        wanted = await _wanted(house, row)
        earlier = await left_over(house, row, client)
        if earlier is None:
            return await _send(house, row, (client, wanted))
        leg, found = earlier
        await house.store.rollbacks.save(row.id, before_deployment_id=leg.before_deployment_id)
        return found


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
        "reason": f"Backtrace rolls {row.environment} {row.whither} to deployment {target.id}, asked by {row.username}",
    }
    return pipeline.wanted(row.ref, facts)


async def _send(house: House, row: Rollback, how: tuple[GitLabClient, Wanted]) -> PipelineState:
    client, wanted = how
    if is_too_late(house, row):
        raise GitLabError("nothing was started, since too much time has passed")
    before = await pipelines.newest_pipeline(house.gitlab, row.project)
    place = await gitlab_rollback.newest_deployment(house.gitlab, row.project, row.environment)
    body = kept(wanted, await pipelines.own_username(client))
    known = {"before_pipeline_id": before, "before_deployment_id": place, "sent": body, "sent_at": house.clock()}
    # Known before it is sent: a run that begins anew then looks for it, as GitLab may still be at work on it.
    await house.store.rollbacks.save(row.id, status=SENDING, **known)
    await not_stopped(house, row)
    try:
        return await pipelines.start_pipeline(client, row.project, wanted)
    except GitLabRefused as error:
        raise GitLabError(f"GitLab refused to start the pipeline ({error})") from error
    except OutcomeUnknown as error:
        return await _after_silence(house, row.id, client, error)


async def _after_silence(house: House, leg_id: str, client: GitLabClient, error: OutcomeUnknown) -> PipelineState:
    says = f"GitLab did not say whether the pipeline was started ({error}). Look at it in GitLab"
    try:
        found = await look_long(house, await house.store.rollbacks.get(leg_id), client)
    except GitLabError as unseen:
        raise GitLabError(f"{says} ({unseen})") from unseen
    if found is None:
        raise GitLabError(says) from error
    return found
