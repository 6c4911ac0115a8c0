"""What a person confirms: the checks that fill the modal, and the same checks again behind its submit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from backtrace_core.model import Deployment
from bot import in_view
from bot.cards import IncidentState
from bot.gitlab.client import GitLabError
from bot.slack import modal
from bot.slack.client import SlackError
from bot.store import Action, Ending, Incident, Rollback
from bot.store.offers import How
from bot.store.rollbacks import START_WITHIN_S, STOPPED, WAITS
from bot.ways import ROLL_FORWARD, way_of, way_of_press
from bot.workflows.checking import Checked, CheckedLeg, check, show
from bot.workflows.durable import step
from bot.workflows.forwarding import check_forward
from bot.workflows.halting import never_began
from bot.workflows.house import House
from bot.workflows.legs import together
from bot.workflows.linking import link_first
from bot.workflows.pressing import asks_for_two, tell_alone
from bot.workflows.showing import worth_another_try

GO = "go"
GOING = "going"
ASKED = "asked"
UNSTARTED = ("late", "refused", "changed")
"""How a leg ends that was confirmed and not begun."""

_PRESS_AGAIN = "Press the button on the card again to see how things are now."

_CHANGED = "In GitLab things have changed since you looked."

_RETRIED = (How.RETRY, How.FORWARD)
"""A job of GitLab's runs again, in the pipeline that it belongs to."""

log = logging.getLogger(__name__)


@step(tries=3, retry_if=worth_another_try)
async def show_checks(house: House, action_id: str) -> None:
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    ending = await _show(house, incident, action)
    await house.store.actions.finish(action_id, ending, house.clock())


async def _show(house: House, incident: Incident, action: Action) -> Ending:
    """Fill the modal; how the press is kept on record."""
    running = await _running(house, incident)
    if running is not None:
        await house.poster.update_view(
            action.detail, modal.busy_modal(running.slack_user, running.asked_at, way_of(running.how))
        )
        return Ending("refused", f"{running.press_id} runs already")
    unlinked = await link_first(house, incident, action)
    if unlinked is not None:
        view, ending = unlinked
        await house.poster.update_view(action.detail, view)
        return ending
    look = check_forward if action.kind == ROLL_FORWARD else check
    try:
        checked = await look(house, incident, action.slack_user)
    except GitLabError as error:
        why = f"GitLab could not be asked: {error}"
        await house.poster.update_view(action.detail, modal.refusal_modal((why,), way=way_of_press(action.kind)))
        return Ending("refused", why)
    facts = in_view.of_modal(checked.plan, tuple(leg.leg for leg in checked.legs), checked.refusals)
    await house.store.audit.saw(action.id, facts)
    await show(house, incident, checked, action.slack_user, action.detail)
    return Ending("refused", " ".join(checked.refusals)) if checked.refusals else Ending("done", "")


async def _running(house: House, incident: Incident) -> Rollback | None:
    legs = incident.verdict.legs if incident.verdict else ()
    places = tuple((leg.place.project, leg.place.environment) for leg in legs if leg.plan.target is not None)
    return await house.store.rollbacks.running(incident.id, places)


@step(tries=3, retry_if=worth_another_try)
async def show_no_checks(house: House, action_id: str, why: str) -> None:
    """The checks ended in an error: say so, instead of "checking…" for ever."""
    action = await house.store.actions.existing(action_id)
    await house.poster.update_view(
        action.detail, modal.refusal_modal((why, _PRESS_AGAIN), way=way_of_press(action.kind))
    )
    await house.store.actions.finish(action_id, Ending("failed", ""), house.clock())


@step(tries=3, retry_if=worth_another_try)
async def check_again(house: House, press_id: str) -> str:
    """The submit's own check. Anything but "go" and "waits" ends the attempt: the modal then shows the world as it is
    now."""
    legs = await house.store.rollbacks.legs(press_id)
    return await _as_it_stands(house, legs) or await _look_again(house, legs)


async def _as_it_stands(house: House, legs: Sequence[Rollback]) -> str:
    """What an earlier try has come to; empty where the world is to be looked at."""
    first = legs[0]
    left = [leg for leg in legs if leg.finished_at is None]
    if any(leg.status not in (ASKED, WAITS, STOPPED, *UNSTARTED) for leg in legs):
        if left:
            await _say_it_began(house, legs)
        return GO
    if not left:
        await _show_instead(house, first, (_PRESS_AGAIN,))
        return first.status
    if await end_stopped(house, left):
        return STOPPED
    if first.status == WAITS and not first.second_user:
        return WAITS
    if is_too_late(house, first):
        await _end_unstarted(house, legs, "late", "Backtrace was away for too long")
        await _show_instead(house, first, (_too_late(first), _PRESS_AGAIN))
        return "late"
    return ""


async def _look_again(house: House, legs: Sequence[Rollback]) -> str:
    first = legs[0]
    incident = await house.store.incidents.existing(first.incident_id)
    look = check_forward if first.how.is_forward else check
    try:
        checked = await look(house, incident, first.slack_user)
    except GitLabError as error:
        await _end_unstarted(house, legs, "refused", f"GitLab could not be asked: {error}")
        await _show_instead(house, first, (f"GitLab could not be asked: {error}",))
        return "refused"
    if checked.refusals or checked.seen != first.seen:
        status = "refused" if checked.refusals else "changed"
        await _end_unstarted(house, legs, status, " ".join(checked.refusals) or "the world had changed")
        if not first.second_user and not await show(house, incident, checked, first.slack_user, first.view_id):
            await _tell(house, first, checked.refusals or (_CHANGED, _PRESS_AGAIN))
        return status
    if needs_second(house, incident, first):
        await _wait_for_second(house, legs, checked)
        return WAITS
    await _begin(house, legs, checked)
    return GO


async def end_stopped(house: House, legs: Sequence[Rollback]) -> bool:
    """End legs that have not begun, where somebody asked to stop them; whether that was so."""
    stopped = [leg for leg in legs if leg.stopped_by]
    for leg in stopped:
        await never_began(house, leg)
    return bool(stopped)


async def _show_instead(house: House, row: Rollback, reasons: Sequence[str]) -> None:
    # Who waited for a second person has closed the modal long ago; the card tells it.
    if not row.second_user and not await house.poster.update_view(
        row.view_id, modal.refusal_modal(reasons, way=way_of(row.how))
    ):
        await _tell(house, row, reasons)


async def _tell(house: House, row: Rollback, reasons: Sequence[str]) -> None:
    """To who has closed the modal, and believes that it runs."""
    incident = await house.store.incidents.existing(row.incident_id)
    words = f"You asked for {row.deed}, and nothing was started. {' '.join(reasons)}"
    await tell_alone(house, incident, row.slack_user, words)


def is_too_late(house: House, row: Rollback) -> bool:
    """Whether the person who confirmed it no longer expects it to start."""
    return house.clock() - (row.agreed_at or row.asked_at) > timedelta(seconds=START_WITHIN_S)


def needs_second(house: House, incident: Incident, row: Rollback) -> bool:
    """Whether somebody else has to agree first. Where people go back by hand there is nothing to hold up."""
    verdict = incident.verdict
    if verdict is None or row.second_user or row.how is How.LINK:
        return False
    return asks_for_two(house, verdict)


async def _wait_for_second(house: House, rows: Sequence[Rollback], checked: Checked) -> None:
    found = {leg.key_of_row: leg for leg in checked.offered}
    values: dict[str, dict[str, Any]] = {}
    for row in rows:
        leg = found[row.project, row.environment, row.job_name]
        says = f"asked for {row.deed} of {row.label} to deployment {row.target_id}"
        values[row.id] = {"status": WAITS, "username": checked.username, "says": says, "ref": leg.ref}
    await house.store.rollbacks.save_all(values)
    until = rows[0].asked_at + timedelta(seconds=START_WITHIN_S)
    try:
        await house.poster.update_view(rows[0].view_id, modal.waits_modal(until, way_of(rows[0].how)))
    except SlackError as error:
        # The card tells the same.
        log.warning("the modal of %s could not be filled: %s", rows[0].press_id, error)


async def _begin(house: House, rows: Sequence[Rollback], checked: Checked) -> None:
    """All legs in one transaction: they are begun together, or none is."""
    found = {leg.key_of_row: leg for leg in checked.offered}
    values = {row.id: _of_leg(row, found[row.project, row.environment, row.job_name], checked) for row in rows}
    await house.store.rollbacks.save_all(values)
    await _say_it_began(house, await house.store.rollbacks.legs(rows[0].press_id))


def _of_leg(row: Rollback, checked: CheckedLeg, whole: Checked) -> dict[str, Any]:
    plan, target = checked.leg.plan, checked.target
    if target is None:
        raise RuntimeError("a leg without a target passed its checks")
    return {
        "status": GOING,
        "username": whole.username,
        "target_id": target.id,
        "target_sha": target.sha,
        "newest_job_id": checked.newest_job_id,
        "cancel_job_id": plan.cancel.job.id if plan.cancel and plan.cancel.job else None,
        "pipeline_id": target.job.pipeline_id if target.job and row.how in _RETRIED else None,
        "says": _says(row, target),
        "ref": checked.ref,
        "url": target.url,
    }


def _says(row: Rollback, target: Deployment) -> str:
    if row.how is How.LINK:
        return f"went to GitLab to roll {row.label} back to deployment {target.id} ({target.sha[:8]})"
    return f"started {row.deed} of {row.label} to deployment {target.id} ({target.sha[:8]})"


async def _say_it_began(house: House, legs: Sequence[Rollback]) -> None:
    first = legs[0]
    await house.store.incidents.save_state(first.incident_id, IncidentState.ROLLING_BACK)
    try:
        says = first.says if len(legs) == 1 else f"started {together(legs)}"
        await house.poster.update_view(first.view_id, modal.started_modal(says, way_of(first.how)))
    except SlackError as error:
        # The card tells the same: no rollback fails for want of a modal.
        log.warning("the modal of %s could not be filled: %s", first.press_id, error)


async def _end_unstarted(house: House, legs: Sequence[Rollback], status: str, why: str) -> None:
    """The card tells of it only where somebody waited for a second person: else the modal does."""
    but = f"but once a second person agreed nothing was started: {why}"
    told = {leg.id: f"asked for {leg.deed} of {leg.label}, {but}" if leg.second_user else "" for leg in legs}
    await house.store.rollbacks.finish_all({key: (status, says) for key, says in told.items()}, house.clock())


def _too_late(row: Rollback) -> str:
    return f"This was confirmed at {row.asked_at:%H:%M} UTC, and Backtrace could not look at it until now."
