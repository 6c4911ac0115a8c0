"""Rolling back: fill the modal, and once it is submitted check again, act, follow, say how it went."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

from dbos import DBOS

from backtrace_core.model import DeploymentStatus
from bot.cards import IncidentState
from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabError, GitLabRefused, OutcomeUnknown
from bot.slack import modal
from bot.store import Ending, Rollback
from bot.workflows.checking import Checked, check, modal_of
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.showing import refresh_card, worth_another_try

GO = "go"
LOOKS_AFTER_UNKNOWN = 3
"""How often GitLab is asked whether the job exists, after the answer to a retry was lost."""

_FINAL = {DeploymentStatus.SUCCESS, DeploymentStatus.FAILED, DeploymentStatus.CANCELED, DeploymentStatus.SKIPPED}


@DBOS.workflow(name="fill_modal")
async def fill_modal(action_id: str) -> None:
    """Somebody pressed "Roll back": check, and fill the modal that was opened at once."""
    await show_checks(action_id)


@DBOS.workflow(name="roll_back")
async def roll_back(rollback_id: str) -> str:
    """Go back to the target that was confirmed, unless the world has changed since. Returns the last status."""
    incident_id = await incident_of(rollback_id)
    try:
        status = await _run(rollback_id, incident_id)
    except Exception as error:
        await give_up(rollback_id, f"failed: Backtrace could not go on ({type(error).__name__})")
        await refresh_card(incident_id)
        raise
    await refresh_card(incident_id)
    return status


async def _run(rollback_id: str, incident_id: str) -> str:
    checked = await check_again(rollback_id)
    if checked != GO:
        return checked
    await refresh_card(incident_id)
    await cancel_running(rollback_id)
    refused = await retry_target(rollback_id)
    if refused:
        return refused
    await find_deployment(rollback_id)
    await refresh_card(incident_id)
    status = ""
    while status not in ("done", "gave_up"):
        status = await follow(rollback_id)
        await refresh_card(incident_id)
    return status


@step(tries=3, retry_if=worth_another_try)
async def show_checks(house: House, action_id: str) -> None:
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    view_id = action.detail
    try:
        checked = await check(house, incident, action.slack_user)
    except GitLabError as error:
        view = modal.refusal_modal((f"GitLab could not be asked: {error}",))
    else:
        view = modal_of(incident, checked)
    await house.poster.update_view(view_id, view)
    await house.store.actions.finish(action_id, Ending("done", ""), house.clock())


@step()
async def incident_of(house: House, rollback_id: str) -> str:
    return (await house.store.rollbacks.get(rollback_id)).incident_id


@step(tries=3, retry_if=worth_another_try)
async def check_again(house: House, rollback_id: str) -> str:
    """The submit's own check. Anything but "go" ends the attempt: the modal then shows the world as it is now."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.status == "going":
        return GO
    incident = await house.store.incidents.existing(row.incident_id)
    try:
        checked = await check(house, incident, row.slack_user)
    except GitLabError as error:
        view = modal.refusal_modal((f"GitLab could not be asked, so nothing was started: {error}",))
        return await _end_unstarted(house, row, "refused", view)
    if checked.refusals or checked.seen != row.seen:
        status = "refused" if checked.refusals else "changed"
        return await _end_unstarted(house, row, status, modal_of(incident, checked))
    await _begin(house, row, checked)
    return GO


async def _begin(house: House, row: Rollback, checked: Checked) -> None:
    plan = checked.plan
    if plan is None or plan.target is None:
        raise RuntimeError("a rollback without a target passed its checks")
    says = f"started a rollback of {row.environment} to deployment {plan.target.id} ({plan.target.sha[:8]})"
    running = plan.cancel.job.id if plan.cancel and plan.cancel.job else None
    job = plan.target.job
    await house.store.rollbacks.save(
        row.id,
        status="going",
        username=checked.username,
        newest_job_id=checked.newest_job_id,
        cancel_job_id=running,
        pipeline_id=job.pipeline_id if job else None,
        job_name=job.name if job else "",
        says=says,
        url=plan.target.url,
    )
    await house.store.incidents.save_state(row.incident_id, IncidentState.ROLLING_BACK)
    await house.poster.update_view(row.view_id, modal.started_modal(says))


async def _end_unstarted(house: House, row: Rollback, status: str, view: dict[str, object]) -> str:
    await house.store.rollbacks.finish(row.id, status, "", house.clock())
    await house.poster.update_view(row.view_id, view)
    return status


@step(tries=3, retry_if=worth_another_try)
async def cancel_running(house: House, rollback_id: str) -> None:
    """Cancel the suspect's deployment where it still runs. Cancelling twice does no harm: the second finds it ended."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.cancel_job_id is not None:
        await gitlab_rollback.cancel_job(house.gitlab, row.project, row.cancel_job_id)


@step()
async def retry_target(house: House, rollback_id: str) -> str:
    """Retry the target's newest job, once. Returns why it was refused, or nothing."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.newest_job_id is None:
        raise RuntimeError("a rollback without a job passed its checks")
    started = await _job_since(house, row)
    if started is None:
        try:
            started = await gitlab_rollback.retry_job(house.gitlab, row.project, row.newest_job_id)
        except OutcomeUnknown:
            started = await _look_again(house, row)
        except GitLabRefused as error:
            # Somebody may have retried it in GitLab a moment ago; GitLab then refuses ours, and theirs is followed.
            started = await _job_since(house, row)
            if started is None:
                return await _fail(house, row, f"failed: GitLab refused to retry the job ({error})")
    if started is None:
        return await _fail(house, row, "failed: GitLab did not say whether the job was started. Look at it in GitLab")
    await house.store.rollbacks.save(rollback_id, job_id=started)
    return ""


async def _job_since(house: House, row: Rollback) -> int | None:
    """The id of the job that was made since the checks, ours or somebody's; None while there is none."""
    newest = await gitlab_rollback.newest_job(house.gitlab, row.project, row.pipeline_id or 0, row.job_name)
    return newest.id if newest.id != row.newest_job_id else None


async def _look_again(house: House, row: Rollback) -> int | None:
    for _ in range(LOOKS_AFTER_UNKNOWN):
        await asyncio.sleep(house.settings.bot.follow_interval_s)
        started = await _job_since(house, row)
        if started is not None:
            return started
    return None


async def _fail(house: House, row: Rollback, says: str) -> str:
    await house.store.rollbacks.finish(row.id, "failed", says, house.clock())
    await house.store.incidents.save_state(row.incident_id, IncidentState.ROLLBACK_FAILED)
    return "failed"


@step()
async def give_up(house: House, rollback_id: str, says: str) -> None:
    row = await house.store.rollbacks.get(rollback_id)
    if row.finished_at is None:
        await _fail(house, row, says)


@step(tries=5, retry_if=worth_another_try)
async def find_deployment(house: House, rollback_id: str) -> None:
    """Find the deployment that the new job makes; GitLab makes its row a moment after the job."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.job_id is None:
        raise RuntimeError("a rollback is followed before its job is known")
    deployment = await gitlab_rollback.deployment_of_job(house.gitlab, row.project, row.environment, row.job_id)
    if deployment is None:
        raise GitLabError(f"no deployment of job {row.job_id} yet")
    await house.store.rollbacks.save(rollback_id, deployment_id=deployment.id, url=deployment.url)


@step(tries=20, retry_if=worth_another_try)
async def follow(house: House, rollback_id: str) -> str:
    """Wait until the deployment's status changes, or for half a minute. Returns "done" once it has ended."""
    row = await house.store.rollbacks.get(rollback_id)
    deadline = house.clock() + timedelta(seconds=30)
    while True:
        status = await gitlab_rollback.deployment_status(house.gitlab, row.project, row.deployment_id or 0)
        if status in _FINAL:
            return await _end(house, row, status)
        if status.value != row.status:
            await house.store.rollbacks.save(row.id, status=status.value)
            return "going"
        if house.clock() - row.asked_at > timedelta(seconds=house.settings.bot.follow_for_s):
            await _fail(house, row, "stopped following: the deployment has not ended yet. Look at it in GitLab")
            return "gave_up"
        if house.clock() > deadline:
            return "going"
        await _until_nudged(house)


async def _until_nudged(house: House) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(house.nudge.wait(), house.settings.bot.follow_interval_s)


async def _end(house: House, row: Rollback, status: DeploymentStatus) -> str:
    if status is not DeploymentStatus.SUCCESS:
        await _fail(house, row, f"tried a rollback of {row.environment}; its deployment ended as {status.value}")
        return "done"
    says = f"rolled {row.environment} back: deployment {row.deployment_id} is live"
    await house.store.rollbacks.finish(row.id, "success", says, house.clock())
    await house.store.incidents.save_state(row.incident_id, IncidentState.ROLLED_BACK)
    return "done"
