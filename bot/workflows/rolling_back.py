"""Rolling back: fill the modal that a press opened; once it is submitted check again, act, follow, say how it went."""

from __future__ import annotations

import asyncio

from dbos import DBOS

from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabError, GitLabRefused, OutcomeUnknown
from bot.store import Rollback
from bot.workflows.confirming import GO, check_again, is_too_late, show_checks, show_no_checks
from bot.workflows.durable import step
from bot.workflows.following import AGAIN, fail, find_deployment, follow, through_outage
from bot.workflows.house import House
from bot.workflows.papering import keep_paper
from bot.workflows.records import StepFailedError
from bot.workflows.showing import refresh_card, show_progress, worth_another_try
from bot.workflows.watching import watch_on

SENDING = "sending"
LOOKS_AFTER_UNKNOWN = 3
"""How often GitLab answers whether the job exists, after the answer to a retry was lost."""


@DBOS.workflow(name="fill_modal")
async def fill_modal(action_id: str) -> None:
    """Somebody pressed "Roll back": check, and fill the modal that was opened at once."""
    try:
        await show_checks(action_id)
    except StepFailedError as error:
        await show_no_checks(action_id, error.why)


@DBOS.workflow(name="roll_back")
async def roll_back(rollback_id: str) -> str:
    """Go back to the target that was confirmed, unless the world has changed since. Returns the last status."""
    incident_id = await incident_of(rollback_id)
    try:
        status = await _run(rollback_id, incident_id)
    except StepFailedError as error:
        await give_up(rollback_id, error.why)
        status = "failed"
    await watch_on(incident_id)
    await refresh_card(incident_id)
    await keep_paper(incident_id)
    return status


async def _run(rollback_id: str, incident_id: str) -> str:
    checked = await check_again(rollback_id)
    if checked != GO:
        return checked
    await show_progress(incident_id)
    await cancel_running(rollback_id)
    refused = await retry_target(rollback_id)
    if refused:
        return refused
    await find_deployment(rollback_id)
    await show_progress(incident_id)
    status = ""
    while status not in ("done", "gave_up"):
        status = await follow(rollback_id)
        await show_progress(incident_id)
        if status == AGAIN:
            await find_deployment(rollback_id)
    return status


@step()
async def incident_of(house: House, rollback_id: str) -> str:
    return (await house.store.rollbacks.get(rollback_id)).incident_id


@step(tries=3, retry_if=worth_another_try)
async def cancel_running(house: House, rollback_id: str) -> None:
    """Cancel the suspect's deployment where it still runs. Cancelling twice does no harm: the second finds it ended."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.cancel_job_id is not None:
        async with house.acting(row.slack_user, row.id) as client:
            await gitlab_rollback.cancel_job(client, row.project, row.cancel_job_id)


@step()
async def retry_target(house: House, rollback_id: str) -> str:
    """Retry the target's newest job, once. Returns "failed" where there is nothing to follow, else nothing."""
    row = await house.store.rollbacks.get(rollback_id)
    try:
        started = await _start_or_find(house, row)
    except GitLabError as error:
        await fail(house, row, f"tried a rollback of {row.environment}, without success: {error}")
        return "failed"
    await house.store.rollbacks.save(rollback_id, job_id=started)
    return ""


async def _start_or_find(house: House, row: Rollback) -> int:
    """The job that was made since the checks: ours, or somebody's.

    :raises GitLabError: when there is none, or GitLab does not tell.
    """
    if row.status == SENDING:
        return await _look_patiently(house, row) or await _start(house, row)
    try:
        found = await _job_since(house, row)
    except GitLabError as error:
        raise GitLabError(f"GitLab could not be asked, so nothing was started ({error})") from error
    return found or await _start(house, row)


async def _start(house: House, row: Rollback) -> int:
    if row.newest_job_id is None:
        raise RuntimeError("a rollback without a job passed its checks")
    if is_too_late(house, row):
        raise GitLabError("nothing was started, since too much time has passed")
    # Known before it is sent: a run that begins anew then looks longer, as GitLab may still be at work on it.
    await house.store.rollbacks.save(row.id, status=SENDING)
    try:
        async with house.acting(row.slack_user, row.id) as client:
            return await gitlab_rollback.retry_job(client, row.project, row.newest_job_id)
    except OutcomeUnknown as error:
        found = await _look_patiently(house, row)
        why = GitLabError(f"GitLab did not say whether the job was started ({error}). Look at it in GitLab")
    except GitLabRefused as error:
        # Somebody may have retried it in GitLab a moment ago; GitLab then refuses ours, and theirs is followed.
        found = await through_outage(house, row, lambda: _job_since(house, row))
        why = GitLabError(f"GitLab refused to retry the job ({error})")
    if found is None:
        raise why
    return found


async def _job_since(house: House, row: Rollback) -> int | None:
    """The id of the job that was made since the checks, ours or somebody's; None while there is none."""
    newest = await gitlab_rollback.newest_job(house.gitlab, row.project, row.pipeline_id or 0, row.job_name)
    return newest.id if newest.id != row.newest_job_id else None


async def _look_patiently(house: House, row: Rollback) -> int | None:
    for _ in range(LOOKS_AFTER_UNKNOWN):
        await asyncio.sleep(house.settings.bot.follow_interval_s)
        started = await through_outage(house, row, lambda: _job_since(house, row))
        if started is not None:
            return started
    return None


@step()
async def give_up(house: House, rollback_id: str, why: str) -> None:
    row = await house.store.rollbacks.get(rollback_id)
    if row.finished_at is None:
        await fail(house, row, f"tried a rollback of {row.environment}, without success: {why}")
