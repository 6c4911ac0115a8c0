"""Cancelling the suspects' deployments where nothing is known to go back to: looked at when the button is pressed, and
again once it is confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dbos import DBOS

from backtrace_core.model import Deployment, Verdict
from backtrace_core.under_way import can_cancel
from bot.cards import WITHOUT_SUCCESS
from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabError, GitLabRefused
from bot.gitlab.rollback import CANCELLED, ENDED
from bot.linking.errors import ActingError
from bot.permissions import Permission, refused
from bot.rights import Place
from bot.slack.cancel_modal import CancelView, cancel_modal, not_cancelled_modal
from bot.store import Action, Ending, Incident, Leg, Offer
from bot.store.offers import How, cancelling
from bot.store.rollbacks import START_WITHIN_S
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.incidents import trace_anew
from bot.workflows.linking import link_first
from bot.workflows.pressing import Result, asks_for_two, end_failed, finish_action, may_press, refusal_of
from bot.workflows.records import StepFailedError
from bot.workflows.showing import refresh_card, worth_another_try
from bot.workflows.turns import turn

_NOT_NAMED = "The card names no deployment any more that could be cancelled. Look at it again."
_TWO = "{service} asks for a second person in production, and this has none here: cancel it in GitLab, with one."


@DBOS.workflow(name="fill_cancel_modal")
async def fill_cancel_modal(action_id: str) -> None:
    """Somebody pressed "Cancel deployment": look at it, and fill the modal that was opened at once."""
    try:
        over = await show_running(action_id)
    except StepFailedError as error:
        await show_not_running(action_id, error.why)
        return
    if over:
        await trace_anew(over)


@DBOS.workflow(name="cancel_deployments")
async def cancel_deployments(action_id: str) -> str:
    """It was confirmed: cancel one that was offered and still runs."""
    try:
        if not await may_press(action_id):
            return "refused"
        result = await cancel_offered(action_id)
    except StepFailedError as error:
        return await end_failed(action_id, "tried to cancel a deployment", error)
    incident_id = await finish_action(action_id, result, "")
    await refresh_card(incident_id)
    if result == "failed":
        # It may have ended by itself, which leaves something to go back to.
        await trace_anew(incident_id)
    return result


@step(tries=3, retry_if=worth_another_try)
async def show_running(house: House, action_id: str) -> str:
    """Returns the incident's id where all has ended that its card says still runs, else nothing."""
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    link = await link_first(house, incident, action)
    view, ending, is_over = (*link, False) if link else await _looked_at(house, incident, action)
    await house.poster.update_view(action.detail, view)
    await house.store.actions.finish(action_id, ending, house.clock())
    return incident.id if is_over else ""


@step(tries=3, retry_if=worth_another_try)
async def show_not_running(house: House, action_id: str, why: str) -> None:
    action = await house.store.actions.existing(action_id)
    await house.poster.update_view(action.detail, not_cancelled_modal(why))
    await house.store.actions.finish(action_id, Ending("failed", ""), house.clock())


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why nothing is offered. ``is_over``: since all has ended that could be cancelled."""

    why: str
    is_over: bool = False


async def _looked_at(house: House, incident: Incident, action: Action) -> tuple[dict[str, object], Ending, bool]:
    """The modal, how the press is kept, and whether all has ended. What it offers is kept first: a submit confirms that
    alone.

    :raises GitLabError: when it can't be looked at.
    """
    found = await _offered(house, incident, action.slack_user)
    if isinstance(found, _Refusal):
        return not_cancelled_modal(found.why), Ending("refused", found.why), found.is_over
    legs = tuple(map(_leg, found.running))
    await house.store.audit.saw(action.id, cancelling(legs))
    offer = Offer(action.detail, incident.id, action.slack_user, found.seen, legs, house.clock(), How.CANCEL)
    await house.store.offers.keep(offer)
    return cancel_modal(found), Ending("done", ""), False


async def _offered(house: House, incident: Incident, slack_user: str) -> CancelView | _Refusal:
    """What the modal shows, or why it offers nothing."""
    verdict = incident.verdict
    refusal = await refusal_of(house, incident, slack_user)
    named = can_cancel(verdict) if verdict is not None else ()
    if refusal or verdict is None or not named:
        return _Refusal(refusal or _NOT_NAMED)
    looked = await asyncio.gather(*(_now(house, one.project, one.id) for one in named))
    running = tuple(one for one in looked if _stands(one) not in ENDED | CANCELLED)
    if not running:
        ends = (f"Deployment {one.id} has ended ({_stands(one)}): nothing is left to cancel." for one in looked)
        return _Refusal(" ".join(ends), is_over=True)
    permission = await _rights(house, verdict, slack_user, running)
    if not permission.allowed:
        return _Refusal(permission.why)
    live = await asyncio.gather(*(_live_beside(house, one) for one in running))
    return CancelView(
        incident_id=incident.id,
        running=running,
        live=tuple({one.id: one for one in live if one is not None}.values()),
        why_none=verdict.rollback.why_none if verdict.rollback is not None else "",
        username=permission.username or "",
    )


def _leg(running: Deployment) -> Leg:
    job = running.job.name if running.job is not None else ""
    place = running.environment
    return Leg(str(running.id), running.project, place, job, place, running.id, running.ref)


async def _now(house: House, project: str, deployment_id: int) -> Deployment:
    return await gitlab_rollback.deployment_of_id(house.gitlab, project, deployment_id)


async def _live_beside(house: House, running: Deployment) -> Deployment | None:
    job = running.job.name if running.job is not None else ""
    return await gitlab_rollback.live_deployment(house.gitlab, running.project, running.environment, job)


def _stands(deployment: Deployment) -> str:
    """How it stands. A job that is told to stop takes a while, in which its deployment still runs."""
    job = deployment.job
    return job.status if job is not None and job.status in CANCELLED else deployment.status.value


async def _rights(house: House, verdict: Verdict, slack_user: str, running: Sequence[Deployment]) -> Permission:
    """The same right as for a rollback, in all places. Nobody has it where that needs two, as with a feature flag."""
    if asks_for_two(house, verdict):
        return refused(_TWO.format(service=verdict.scope.service.name), None)
    places = dict.fromkeys(Place(one.project, one.environment, one.ref) for one in running)
    answers = await asyncio.gather(*(house.rights(slack_user, place) for place in places))
    return next((answer for answer in answers if not answer.allowed), answers[0])


@step(tries=3, retry_if=worth_another_try)
async def cancel_offered(house: House, action_id: str) -> Result:
    """Cancel it; what is cancelled already, by an earlier try or by somebody, is only said to be."""
    action = await house.store.actions.existing(action_id)
    leg = await _confirmed(house, action)
    incident = await house.store.incidents.existing(action.incident_id)
    async with turn(f"cancel-{leg.target_id}"):
        result, says = await _cancelled(house, incident, action, leg)
    await house.store.actions.say(action_id, says)
    return result


async def _confirmed(house: House, action: Action) -> Leg:
    view_id, _, key = action.detail.partition(" ")
    offer = await house.store.offers.of(view_id)
    found = next((leg for leg in offer.legs if leg.key == key), None) if offer is not None else None
    if found is None:
        raise LookupError(f"deployment {key} was not offered in {view_id}")
    return found


async def _cancelled(house: House, incident: Incident, action: Action, leg: Leg) -> tuple[Result, str]:
    """What became of it, also in words for the card.

    :raises GitLabError: when that is not known; looking, and asking, once more does no harm.
    """
    name = f"deployment {leg.target_id} in {leg.label}"
    now = await _now(house, leg.project, leg.target_id)
    if _stands(now) in CANCELLED:
        return "done", f"asked to cancel {name}, which is cancelled"
    why = await _why_not(house, incident, action, now) or await _asked(house, action, now)
    return ("failed", f"tried to cancel {name}{WITHOUT_SUCCESS}{why}") if why else ("done", f"cancelled {name}")


async def _why_not(house: House, incident: Incident, action: Action, now: Deployment) -> str:
    verdict = incident.verdict
    if _stands(now) in ENDED:
        return f"it has ended ({_stands(now)})"
    if house.clock() - action.at > timedelta(seconds=START_WITHIN_S):
        return "too much time has passed since it was confirmed"
    if verdict is None or all(one.id != now.id for one in can_cancel(verdict)):
        return "the card has moved on"
    return (await _rights(house, verdict, action.slack_user, (now,))).why


async def _asked(house: House, action: Action, now: Deployment) -> str:
    """Ask for it. Whatever the answer was, the job tells: why it was not cancelled, or nothing."""
    failed: GitLabError | None = None
    job_id = now.job.id if now.job is not None else 0
    try:
        async with house.acting(action.slack_user, action.id) as client:
            await gitlab_rollback.cancel_job(client, now.project, job_id)
    except GitLabError as error:
        failed = error
    if await gitlab_rollback.is_cancelled(house.gitlab, now.project, job_id):
        return ""
    if failed is not None and not isinstance(failed, GitLabRefused | ActingError):
        raise failed
    return f"GitLab did not do it ({failed or 'its job goes on'})"
