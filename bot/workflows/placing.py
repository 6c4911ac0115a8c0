"""Following a rollback by what is live in its environment, whoever deploys there: a pipeline, a tool, a person."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from backtrace_core.model import Deployment, DeploymentStatus
from bot.gitlab import pipelines
from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabError
from bot.gitlab.pipelines import PipelineState
from bot.gitlab.rollback import PlaceState
from bot.store import Rollback
from bot.store.rollbacks import SUCCESS
from bot.workflows.durable import step
from bot.workflows.following import LOOKS_AFTER_FAILURE, ROUND_S, fail, is_over, through_outage, until_nudged
from bot.workflows.halting import STOPPING, halt_pipeline, name_of, was_cancelled
from bot.workflows.house import House

AWAITED = "awaited"
DEPLOYING = "deploying"


@step()
async def follow_place(house: House, leg_id: str) -> str:
    """Wait until something changes, or for half a minute. Returns "done" once the leg has ended."""
    deadline = house.clock() + timedelta(seconds=ROUND_S)
    while True:
        row = await house.store.rollbacks.get(leg_id)
        if row.finished_at is not None:
            return "done"
        place, pipeline = await _seen(house, row)
        if _is_back(place, row) or await _ended(house, row, place, pipeline):
            if _is_back(place, row):
                await _succeed(house, row, place)
            return "done"
        if await halt_pipeline(house, row) or await _moved(house, row, place, pipeline):
            return "going"
        if is_over(house, row):
            await fail(
                house, row, f"stopped waiting for {row.label}, where {row.target_sha[:8]} is not live. Look there"
            )
            return "done"
        if house.clock() > deadline:
            return "going"
        await until_nudged(house)


async def _seen(house: House, row: Rollback) -> tuple[PlaceState, PipelineState | None]:
    look = partial(
        gitlab_rollback.place_state, house.gitlab, row.project, row.environment, row.before_deployment_id or 0
    )
    place = await through_outage(house, row, look, is_under_way=True)
    if row.pipeline_id is None:
        return place, None
    state = partial(pipelines.pipeline_state, house.gitlab, row.project, row.pipeline_id)
    return place, await through_outage(house, row, state, is_under_way=True)


def _is_back(place: PlaceState, row: Rollback) -> bool:
    """Whether the target's version is live, by a deployment that came after the rollback was begun."""
    live = place.live
    return live is not None and live.sha == row.target_sha and live.id in {one.id for one in place.since}


async def _succeed(house: House, row: Rollback, place: PlaceState) -> None:
    live = place.live
    if live is None:
        raise RuntimeError("a place is back without anything live")
    by = live.deployer.username if live.deployer is not None and not live.deployer.bot else ""
    says = f"rolled {row.label} {row.whither}: deployment {live.id} is live"
    if row.pipeline_id is None and by and by != row.username:
        says = f"waited for {row.label}, which {by} rolled back: deployment {live.id} is live"
    if row.stopped_by:
        says = f"{says}. {await name_of(house, row.stopped_by)} asked to stop it too late"
    await house.store.rollbacks.save(row.id, deployment_id=live.id, url=live.url or row.url)
    await house.store.rollbacks.finish(row.id, SUCCESS, says, house.clock())


async def _ended(house: House, row: Rollback, place: PlaceState, pipeline: PipelineState | None) -> bool:
    """End the leg where its pipeline, or what that deployed, came to nothing. Without one somebody may try again."""
    if pipeline is None or pipeline.status not in pipelines.ENDED:
        return False
    if pipeline.status == "canceled" and row.stopped_by:
        await was_cancelled(house, row)
        return True
    broken = next((one for one in _ours(place, row) if one.status in _BROKEN), None)
    if pipeline.status == "success" and broken is None:
        overtaken = _overtaken(place, row)
        if overtaken:
            await fail(house, row, overtaken)
        return bool(overtaken)
    if broken is None and await _comes_yet(house, row):
        return False
    await fail(house, row, f"tried {row.deed} of {row.label}; {await _why(house, row, pipeline, broken)}")
    return True


_BROKEN = (DeploymentStatus.FAILED, DeploymentStatus.CANCELED)


def _ours(place: PlaceState, row: Rollback) -> list[Deployment]:
    """What was deployed of the target's version since, newest first."""
    return [one for one in place.since if one.sha == row.target_sha]


def _overtaken(place: PlaceState, row: Rollback) -> str:
    live = place.live
    done = next((one for one in _ours(place, row) if one.status is DeploymentStatus.SUCCESS), None)
    if done is None or live is None or live.sha == row.target_sha:
        return ""
    rolled = f"rolled {row.label} {row.whither} with deployment {done.id}"
    return f"{rolled}, but deployment {live.id} ({live.sha[:8]}) went live meanwhile"


async def _comes_yet(house: House, row: Rollback) -> bool:
    """Whether the version is live, or the pipeline goes on, after some more looks: GitLab retries jobs by itself."""
    for _ in range(LOOKS_AFTER_FAILURE):
        await until_nudged(house)
        place, pipeline = await _seen(house, row)
        if _is_back(place, row) or (pipeline is not None and pipeline.status not in pipelines.BROKEN):
            return True
    return False


async def _why(house: House, row: Rollback, pipeline: PipelineState, broken: Deployment | None) -> str:
    if broken is not None:
        return f"its deployment {broken.id} ended as {broken.status.value}"
    says = f"its pipeline {pipeline.id} ended as {pipeline.status}"
    try:
        job = await pipelines.failed_job(house.gitlab, row.project, pipeline.id)
    except GitLabError:
        return says
    return f"{says}: job {job}" if job else says


async def _moved(house: House, row: Rollback, place: PlaceState, pipeline: PipelineState | None) -> bool:
    """Keep the stage where it is another one now."""
    stage, url = _stage(place, row, pipeline)
    if row.status in {stage, STOPPING}:
        return False
    await house.store.rollbacks.save(row.id, status=stage, url=url or row.url)
    return True


def _stage(place: PlaceState, row: Rollback, pipeline: PipelineState | None) -> tuple[str, str]:
    under_way = next((one for one in _ours(place, row) if one.status is DeploymentStatus.RUNNING), None)
    if under_way is not None:
        return under_way.status.value, under_way.url
    if pipeline is None:
        return AWAITED, ""
    if pipeline.status == "success":
        return DEPLOYING, pipeline.url
    return ("blocked" if pipeline.status == "manual" else pipeline.status), pipeline.url
