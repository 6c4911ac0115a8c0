"""How each press begins and ends: whether it may be followed at all is asked again behind Slack, since a button's look
keeps nobody out; and the card says how it ended."""

from __future__ import annotations

import logging
from typing import Literal

from backtrace_core.model import Verdict
from backtrace_core.places import label_of_key
from bot.cards import WITHOUT_SUCCESS, Buttons
from bot.mentions import is_production
from bot.slack.client import SlackError
from bot.slack.withheld import SAYS as CONFIDENTIAL
from bot.store import Action, Ending, Incident
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.records import StepFailedError
from bot.workflows.ruling_out import NOT_CULPRIT, PUT_BACK, ruled_out_keys
from bot.workflows.showing import refresh_card, worth_another_try
from bot.workflows.withholding import withheld

Result = Literal["done", "failed"]

log = logging.getLogger(__name__)

READ_ONLY = "Backtrace may only read in this GitLab, so its buttons do nothing here."


async def refusal_of(house: House, incident: Incident, slack_user: str) -> str:
    """Why this person's press is not followed, in plain words; empty where it is."""
    if house.buttons is Buttons.LINKS:
        return READ_ONLY
    if await withheld(house.store, house.settings.catalog, incident):
        return CONFIDENTIAL
    return await house.audience.refusal(incident.team, slack_user, incident.channel) or ""


def asks_for_two(house: House, verdict: Verdict) -> bool:
    """Whether one person alone may change nothing there: in production, where the settings of now say so."""
    service = house.settings.catalog.find(verdict.scope.service.name)
    return is_production(verdict) and service is not None and service.second_person


@step(tries=3, retry_if=worth_another_try)
async def may_press(house: House, action_id: str) -> bool:
    """Refuses what this person may not press: says so to them alone, and keeps it on record."""
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    refusal = await refusal_of(house, incident, action.slack_user) or _moved_on(incident, action)
    if refusal:
        await tell_presser(house, incident, action, refusal)
        await house.store.actions.finish(action_id, Ending("refused", refusal), house.clock())
    return not refusal


def _moved_on(incident: Incident, action: Action) -> str:
    """Why a press that speaks of one change is not followed: what it speaks of is not what the card names now."""
    verdict = incident.verdict
    named = frozenset(suspect.candidate.change.key for suspect in verdict.named) if verdict else frozenset()
    # Said once more of a change that is out already it does no harm; of several changes no one's author is meant.
    followed = {
        "assign": named if len(named) == 1 else frozenset(),
        NOT_CULPRIT: named | incident.excluded,
        PUT_BACK: ruled_out_keys(incident),
    }
    if action.detail in followed.get(action.kind, (action.detail,)):
        return ""
    change = (label_of_key(action.detail, verdict.scope.service.project) if verdict else "") or "that"
    if action.kind == PUT_BACK:
        return f"{change} is not ruled out now, so there is nothing to put back. Look at the card again."
    return f"The card has moved on and does not name {change} now, so nothing was done. Look at it again."


async def tell_presser(house: House, incident: Incident, action: Action, words: str) -> None:
    """Say something to the presser alone. Plain text."""
    await tell_alone(house, incident, action.slack_user, words)


async def tell_alone(house: House, incident: Incident, slack_user: str, words: str) -> None:
    """The same to anybody."""
    try:
        await house.poster.tell(incident.channel, slack_user, words)
    except SlackError as error:
        if not error.permanent:
            raise
        log.warning("%s could not be told what became of their press: %s", slack_user, error)


async def end(action_id: str, result: Result, says: str = "") -> str:
    """End a press, in words for the card; in a workflow. Without ``says`` those stand that a step has left."""
    incident_id = await finish_action(action_id, result, says)
    await refresh_card(incident_id)
    return result


async def end_failed(action_id: str, tried: str, error: StepFailedError) -> str:
    return await end(action_id, "failed", f"{tried}{WITHOUT_SUCCESS}{error.why}")


@step()
async def finish_action(house: House, action_id: str, result: Result, says: str) -> str:
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    url = action.url or (incident.gitlab_incident.url if incident.gitlab_incident else "")
    await house.store.actions.finish(action_id, Ending(result, says or action.says, url), house.clock())
    return action.incident_id
