""" "Stop": a rollback that runs is cancelled, and what has not begun of it is not begun.

The press only leaves word; each leg's own run, which alone knows how far it is, finds it and cancels what there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dbos import DBOS

from bot.rights import Place
from bot.store import Action, Ending, Rollback
from bot.ways import way_of
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.pressing import end_failed, may_press, tell_presser
from bot.workflows.records import StepFailedError
from bot.workflows.showing import refresh_card, worth_another_try

NOTHING_RUNS = "There is no rollback under way here any more."


@DBOS.workflow(name="stop_rollback")
async def stop_rollback(action_id: str) -> str:
    """Somebody pressed "Stop"."""
    try:
        if not await may_press(action_id):
            return "refused"
        incident_id = await ask_to_stop(action_id)
    except StepFailedError as error:
        return await end_failed(action_id, "tried to stop the rollback", error)
    await refresh_card(incident_id)
    return "done"


@step(tries=3, retry_if=worth_another_try)
async def ask_to_stop(house: House, action_id: str) -> str:
    """Leave word for the legs that run, where this person may deploy there. Returns the incident's id."""
    action = await house.store.actions.existing(action_id)
    if action.finished_at is not None:
        # The bot died since: what runs by now may be another press.
        return action.incident_id
    legs = [leg for leg in await house.store.rollbacks.of(action.incident_id) if leg.finished_at is None]
    refusal = await _refusal(house, action, legs)
    if refusal:
        incident = await house.store.incidents.existing(action.incident_id)
        await tell_presser(house, incident, action, refusal)
        await house.store.actions.finish(action_id, Ending("refused", refusal), house.clock())
        return action.incident_id
    await house.store.rollbacks.ask_to_stop(legs[0].press_id, action.slack_user)
    await house.store.actions.finish(
        action_id, Ending("done", f"asked to stop the {way_of(legs[0].how).deed}"), house.clock()
    )
    house.nudge.set()
    house.nudge.clear()
    return action.incident_id


async def _refusal(house: House, action: Action, legs: Sequence[Rollback]) -> str:
    """Why this person can't stop it; empty where they can. Whoever may start a rollback there may stop it."""
    if not legs:
        return NOTHING_RUNS
    places = dict.fromkeys(Place(leg.project, leg.environment, leg.ref) for leg in legs)
    answers = await asyncio.gather(*(house.rights(action.slack_user, place) for place in places))
    return next((answer.why for answer in answers if not answer.allowed), "")
