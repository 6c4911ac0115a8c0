"""What a person confirms: the checks that fill the modal, and the same checks again behind its submit."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot import in_view
from bot.cards import IncidentState
from bot.gitlab.client import GitLabError
from bot.slack import modal
from bot.slack.client import SlackError
from bot.store import Action, Ending, Incident, Rollback
from bot.workflows.checking import Checked, check, modal_of
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.linking import link_first
from bot.workflows.showing import worth_another_try

GO = "go"
GOING = "going"

START_WITHIN_S = 600
"""A rollback that could not be started by then, since Backtrace was away, is not started any more."""

_NOTHING_STARTED = "Nothing was started. Press the button on the card again to see how things are now."

log = logging.getLogger(__name__)

View = dict[str, object]


@step(tries=3, retry_if=worth_another_try)
async def show_checks(house: House, action_id: str) -> None:
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    view, ending = await _found(house, incident, action)
    await house.poster.update_view(action.detail, view)
    await house.store.actions.finish(action_id, ending, house.clock())


async def _found(house: House, incident: Incident, action: Action) -> tuple[View, Ending]:
    """What the modal shows, and how the press is kept on record."""
    running = await _running(house, incident)
    if running is not None:
        return modal.busy_modal(running.slack_user, running.asked_at), Ending("refused", f"{running.id} runs already")
    unlinked = await link_first(house, incident, action)
    if unlinked is not None:
        return unlinked
    try:
        checked = await check(house, incident, action.slack_user)
    except GitLabError as error:
        why = f"GitLab could not be asked: {error}"
        return modal.refusal_modal((why,)), Ending("refused", why)
    await house.store.audit.saw(action.id, in_view.of_plan(checked.plan, checked.refusals))
    ending = Ending("refused", " ".join(checked.refusals)) if checked.refusals else Ending("done", "")
    return modal_of(incident, checked), ending


async def _running(house: House, incident: Incident) -> Rollback | None:
    plan = incident.verdict.rollback if incident.verdict else None
    # The target's own place: a service may have several, and each goes back by itself.
    target = plan.target if plan else None
    return await house.store.rollbacks.running(target.project, target.environment) if target else None


@step(tries=3, retry_if=worth_another_try)
async def show_no_checks(house: House, action_id: str, why: str) -> None:
    """The checks ended in an error: say so, instead of "checking…" for ever."""
    action = await house.store.actions.existing(action_id)
    await house.poster.update_view(action.detail, modal.refusal_modal((why, _NOTHING_STARTED)))
    await house.store.actions.finish(action_id, Ending("failed", ""), house.clock())


@step(tries=3, retry_if=worth_another_try)
async def check_again(house: House, rollback_id: str) -> str:
    """The submit's own check. Anything but "go" ends the attempt: the modal then shows the world as it is now."""
    row = await house.store.rollbacks.get(rollback_id)
    if row.status == GOING:
        await _say_it_began(house, row)
        return GO
    if row.finished_at is not None:
        await house.poster.update_view(row.view_id, modal.refusal_modal((_NOTHING_STARTED,)))
        return row.status
    if is_too_late(house, row):
        return await _end_unstarted(house, row, "late", modal.refusal_modal(_too_late(row)))
    incident = await house.store.incidents.existing(row.incident_id)
    try:
        checked = await check(house, incident, row.slack_user)
    except GitLabError as error:
        view: View = modal.refusal_modal((f"GitLab could not be asked, so nothing was started: {error}",))
        return await _end_unstarted(house, row, "refused", view)
    if checked.refusals or checked.seen != row.seen:
        status = "refused" if checked.refusals else "changed"
        return await _end_unstarted(house, row, status, modal_of(incident, checked))
    await _begin(house, row, checked)
    return GO


def is_too_late(house: House, row: Rollback) -> bool:
    """Whether the person who confirmed it no longer expects it to start."""
    return house.clock() - row.asked_at > timedelta(seconds=START_WITHIN_S)


async def _begin(house: House, row: Rollback, checked: Checked) -> None:
    plan = checked.plan
    if plan is None or plan.target is None:
        raise RuntimeError("a rollback without a target passed its checks")
    says = f"started a rollback of {row.environment} to deployment {plan.target.id} ({plan.target.sha[:8]})"
    running = plan.cancel.job.id if plan.cancel and plan.cancel.job else None
    job = plan.target.job
    await house.store.rollbacks.save(
        row.id,
        status=GOING,
        username=checked.username,
        target_id=plan.target.id,
        newest_job_id=checked.newest_job_id,
        cancel_job_id=running,
        pipeline_id=job.pipeline_id if job else None,
        job_name=job.name if job else "",
        says=says,
        url=plan.target.url,
    )
    await _say_it_began(house, await house.store.rollbacks.get(row.id))


async def _say_it_began(house: House, row: Rollback) -> None:
    await house.store.incidents.save_state(row.incident_id, IncidentState.ROLLING_BACK)
    try:
        await house.poster.update_view(row.view_id, modal.started_modal(row.says))
    except SlackError as error:
        # The card tells the same: no rollback fails for want of a modal.
        log.warning("the modal of %s could not be filled: %s", row.id, error)


async def _end_unstarted(house: House, row: Rollback, status: str, view: View) -> str:
    await house.store.rollbacks.finish(row.id, status, "", house.clock())
    await house.poster.update_view(row.view_id, view)
    return status


def _too_late(row: Rollback) -> tuple[str, str]:
    away = f"This was confirmed at {row.asked_at:%H:%M} UTC, and Backtrace could not look at it until now."
    return away, _NOTHING_STARTED
