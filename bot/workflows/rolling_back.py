"""Rolling back: fill the modal that a press opened; once it is submitted check again, act, follow, say how it went."""

from __future__ import annotations

import asyncio
import logging

from dbos import DBOS

from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabError, GitLabRefused, OutcomeUnknown
from bot.store import Rollback
from bot.store.offers import PIPELINES, How
from bot.store.rollbacks import STOPPED, WAITS
from bot.workflows.agreeing import AGREED, await_second
from bot.workflows.ahead import look_ahead
from bot.workflows.confirming import GO, check_again, is_too_late, show_checks, show_no_checks
from bot.workflows.durable import start_beside, step
from bot.workflows.following import AGAIN, fail, find_deployment, follow, lost_sight, through_outage
from bot.workflows.halting import SENDING, StoppedError, never_began, not_stopped
from bot.workflows.house import House
from bot.workflows.papering import keep_paper
from bot.workflows.piping import await_elsewhere, start_pipeline
from bot.workflows.placing import follow_place
from bot.workflows.records import StepFailedError
from bot.workflows.showing import refresh_card, show_in_passing, show_progress, worth_another_try
from bot.workflows.watching import watch_on

LOOKS_AFTER_UNKNOWN = 3
"""How often GitLab answers whether the job exists, after the answer to a retry was lost."""

log = logging.getLogger(__name__)


@DBOS.workflow(name="fill_modal")
async def fill_modal(action_id: str) -> None:
    """Somebody pressed "Roll back": check, and fill the modal that was opened at once."""
    try:
        await show_checks(action_id)
    except StepFailedError as error:
        await show_no_checks(action_id, error.why)


@DBOS.workflow(name="roll_back")
async def roll_back(press_id: str) -> str:
    """Go back to the targets that were confirmed, unless the world has changed since. Returns how the check ended."""
    incident_id = await incident_of(press_id)
    status = "failed"
    try:
        status = await check_again(press_id)
        if status == WAITS:
            status = await _with_second(press_id, incident_id)
        if status == GO:
            await show_progress(incident_id)
            await _all_legs(press_id)
    except StepFailedError as error:
        await give_up(press_id, error.why)
    await watch_on(incident_id)
    await refresh_card(incident_id)
    await look_ahead(incident_id)
    await refresh_card(incident_id)
    await keep_paper(incident_id)
    return status


async def _with_second(press_id: str, incident_id: str) -> str:
    """Wait for somebody who agrees, and look at the world once more then."""
    await show_progress(incident_id)
    status = WAITS
    while status == WAITS:
        status = await await_second(press_id)
    return await check_again(press_id) if status == AGREED else status


async def _all_legs(press_id: str) -> None:
    """Each leg in a run of its own, side by side: one that waits, or fails, holds none of the others up."""
    runs = [await start_beside(roll_back_leg, f"leg-{leg_id}", leg_id) for leg_id in await legs_of(press_id)]
    for run in runs:
        await run.get_result()


@DBOS.workflow(name="roll_back_leg")
async def roll_back_leg(leg_id: str) -> None:
    """One leg, from cancelling what still runs there to the end of its deployment."""
    try:
        await _run(leg_id)
    except StepFailedError as error:
        await give_up_leg(leg_id, error.why)
    await show_leg(leg_id)


async def _run(leg_id: str) -> None:
    how = await cancel_running(leg_id)
    if how in (*PIPELINES, How.LINK):
        begin = start_pipeline if how in PIPELINES else await_elsewhere
        if not await begin(leg_id):
            await _follow_place(leg_id)
        return
    if await retry_target(leg_id):
        return
    await find_deployment(leg_id)
    await show_leg(leg_id)
    status = ""
    while status not in ("done", "gave_up"):
        status = await follow(leg_id)
        await show_leg(leg_id)
        if status == AGAIN:
            await find_deployment(leg_id)


async def _follow_place(leg_id: str) -> None:
    await show_leg(leg_id)
    while await follow_place(leg_id) != "done":
        await show_leg(leg_id)


@step()
async def incident_of(house: House, press_id: str) -> str:
    return (await house.store.rollbacks.legs(press_id))[0].incident_id


@step()
async def legs_of(house: House, press_id: str) -> list[str]:
    return [leg.id for leg in await house.store.rollbacks.legs(press_id)]


@step()
async def show_leg(house: House, leg_id: str) -> None:
    """The card with how this leg stands. No leg ends for want of a card, and none holds up the others of its press."""
    try:
        await show_in_passing(house, (await house.store.rollbacks.get(leg_id)).incident_id)
    except Exception:
        log.exception("the card of leg %s could not be brought up to date", leg_id)


@step(tries=3, retry_if=worth_another_try)
async def cancel_running(house: House, rollback_id: str) -> str:
    """Cancel the suspect's deployment where it still runs; returns how the leg goes back.

    Cancelling twice does no harm: the second finds it ended. Where people go back by hand they cancel it themselves.
    """
    row = await house.store.rollbacks.get(rollback_id)
    is_ours = row.cancel_job_id is not None and row.how is not How.LINK
    if is_ours and row.finished_at is None and row.cancelled_at is None and await _cancelled(house, row):
        await house.store.rollbacks.save(rollback_id, cancelled_at=house.clock())
    return row.how


async def _cancelled(house: House, row: Rollback) -> bool:
    """Whether the job is cancelled now. After a "Stop" it is only looked at: an earlier try may have done it."""
    job_id = row.cancel_job_id or 0
    if row.stopped_by:
        return await gitlab_rollback.is_cancelled(house.gitlab, row.project, job_id)
    async with house.acting(row.slack_user, row.id) as client:
        return await gitlab_rollback.cancel_job(client, row.project, job_id)


@step(tries=3, retry_if=worth_another_try)
async def retry_target(house: House, rollback_id: str) -> str:
    """Retry the target's newest job, once. Returns "failed" where there is nothing to follow, else nothing."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.finished_at is not None:
        return row.status
    if row.stopped_by and row.status != SENDING:
        await never_began(house, row)
        return STOPPED
    try:
        started = await _start_or_find(house, row)
    except StoppedError:
        await never_began(house, await house.store.rollbacks.get(rollback_id))
        return STOPPED
    except GitLabError as error:
        await fail(house, row, f"tried {row.deed} of {row.label}, without success: {error}")
        return "failed"
    await house.store.rollbacks.save(rollback_id, job_id=started)
    return ""


async def _start_or_find(house: House, row: Rollback) -> int:
    """The job that was made since the checks: ours, or somebody's.

    :raises GitLabError: when there is none, or GitLab does not tell.
    :raises StoppedError: when there is none, and none may be started any more.
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
    await not_stopped(house, row)
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
async def give_up(house: House, press_id: str, why: str) -> None:
    """What is left of a press whose own run ended in an error."""
    for row in await house.store.rollbacks.legs(press_id):
        if row.finished_at is None:
            await fail(house, row, lost_sight(row, why))


@step()
async def give_up_leg(house: House, leg_id: str, why: str) -> None:
    row = await house.store.rollbacks.get(leg_id)
    if row.finished_at is None:
        await fail(house, row, lost_sight(row, why))
