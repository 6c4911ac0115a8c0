"""A second person for production: what one has confirmed begins only once somebody else, who may deploy there, agrees.

It runs with the rights of the one who asked; the pre-flight is made anew after the second has agreed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from dbos import DBOS

from bot.rights import Place
from bot.store import Action, Ending, Rollback
from bot.store.rollbacks import STOPPED, WAITS
from bot.workflows.confirming import end_stopped, is_too_late
from bot.workflows.durable import step
from bot.workflows.following import ROUND_S, until_nudged
from bot.workflows.house import House
from bot.workflows.pressing import end_failed, may_press, tell_presser
from bot.workflows.records import StepFailedError
from bot.workflows.showing import refresh_card, show_in_passing, worth_another_try

AGREED = "agreed"
_NOBODY = "to which nobody else agreed in time. Nothing was started"
NOTHING_WAITS = "No rollback waits for a second person here any more."
YOUR_OWN = "You asked for this rollback yourself: somebody else has to agree to it."


@DBOS.workflow(name="agree_to_rollback")
async def agree_to_rollback(action_id: str) -> str:
    """Somebody pressed "Agree"."""
    try:
        if not await may_press(action_id):
            return "refused"
        incident_id = await agree(action_id)
    except StepFailedError as error:
        return await end_failed(action_id, "tried to agree to the rollback", error)
    await refresh_card(incident_id)
    return "done"


@step(tries=3, retry_if=worth_another_try)
async def agree(house: House, action_id: str) -> str:
    """Let the rollback that waits begin, where this person may deploy there too. Returns the incident's id."""
    action = await house.store.actions.existing(action_id)
    if action.finished_at is not None:
        return action.incident_id
    legs = [leg for leg in await house.store.rollbacks.of(action.incident_id) if leg.status == WAITS]
    refusal = await _refusal(house, action, legs)
    if not refusal and not await house.store.rollbacks.agree(legs[0].press_id, action.slack_user, house.clock()):
        refusal = NOTHING_WAITS
    if refusal:
        incident = await house.store.incidents.existing(action.incident_id)
        await tell_presser(house, incident, action, refusal)
        await house.store.actions.finish(action_id, Ending("refused", refusal), house.clock())
        return action.incident_id
    await house.store.actions.finish(action_id, Ending("done", "agreed to the rollback"), house.clock())
    house.nudge.set()
    house.nudge.clear()
    return action.incident_id


async def _refusal(house: House, action: Action, legs: Sequence[Rollback]) -> str:
    """Why this person can't agree; empty where they can."""
    if not legs or (legs[0].second_user and legs[0].second_user != action.slack_user):
        return NOTHING_WAITS
    if action.slack_user == legs[0].slack_user:
        return YOUR_OWN
    places = dict.fromkeys(Place(leg.project, leg.environment, leg.ref) for leg in legs)
    answers = await asyncio.gather(*(house.rights(action.slack_user, place) for place in places))
    if any(answer.username == legs[0].username for answer in answers):
        # Two members of Slack, and one person in GitLab.
        return YOUR_OWN
    return next((answer.why for answer in answers if not answer.allowed), "")


@step()
async def await_second(house: House, press_id: str) -> str:
    """Wait until somebody agrees, for half a minute at most. Returns "waits" where nothing has happened yet."""
    deadline = house.clock() + timedelta(seconds=ROUND_S)
    while True:
        legs = await house.store.rollbacks.legs(press_id)
        left = [leg for leg in legs if leg.finished_at is None]
        if not left:
            return legs[0].status
        # Before the agreement: who stops it means that it shall not begin, whoever was first.
        if await end_stopped(house, left):
            return STOPPED
        if left[0].second_user:
            return AGREED
        if is_too_late(house, left[0]):
            ends = {leg.id: ("late", f"asked for {leg.deed} of {leg.label}, {_NOBODY}") for leg in left}
            await house.store.rollbacks.finish_all(ends, house.clock())
            return "late"
        if house.clock() > deadline:
            # Slack may have refused the edit that had the button, and without it nobody can agree.
            await show_in_passing(house, left[0].incident_id)
            return WAITS
        await until_nudged(house)
