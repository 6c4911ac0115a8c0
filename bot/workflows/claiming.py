""" "I'm on it": somebody takes an incident on, or takes it over from somebody else."""

from __future__ import annotations

from dbos import DBOS

from bot.slack.deeds import CLAIM
from bot.store import Action, Ending
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.names import usernames
from bot.workflows.paper import incident_of_press
from bot.workflows.papering import keep_paper
from bot.workflows.pressing import end, end_failed, may_press, tell_presser
from bot.workflows.records import StepFailedError
from bot.workflows.turns import turn

ALREADY = "You are on it already: the card says so. Somebody else can take over."


@DBOS.workflow(name="claim_incident")
async def claim_incident(action_id: str) -> str:
    """Say on the card, and on the paper, who is at work on it. The newest claim counts."""
    try:
        if not await may_press(action_id):
            return "refused"
        if not await claim(action_id):
            return "refused"
    except StepFailedError as error:
        return await end_failed(action_id, "tried to take this on", error)
    ended = await end(action_id, "done")
    await keep_paper(await incident_of_press(action_id))
    return ended


@step()
async def claim(house: House, action_id: str) -> bool:
    """False where they are on it already: then they are told so, and nothing changes."""
    action = await house.store.actions.existing(action_id)
    async with turn(f"claim-{action.incident_id}"):
        words = action.says or await _words(house, action)
        if words:
            await house.store.actions.say(action_id, words)
            return True
    incident = await house.store.incidents.existing(action.incident_id)
    await tell_presser(house, incident, action, ALREADY)
    await house.store.actions.finish(action_id, Ending("refused", ALREADY), house.clock())
    return False


async def _words(house: House, action: Action) -> str:
    """Empty for whoever is on it already."""
    others = [
        one
        for one in await house.store.actions.of(action.incident_id)
        if one.kind == CLAIM and one.says and one.result in ("", "done")
    ]
    before = others[-1] if others else None
    if before is None:
        return "is on it"
    if before.slack_user == action.slack_user:
        return ""
    name = (await usernames(house)).get(before.slack_user) or f"Slack member {before.slack_user}"
    return f"took this over from {name}"
