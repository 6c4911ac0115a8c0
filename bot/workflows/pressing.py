"""Whether a press may be followed at all: asked again behind Slack, since a button's look keeps nobody out."""

from __future__ import annotations

from bot.cards import Buttons
from bot.store import Ending, Incident
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.showing import worth_another_try

READ_ONLY = "Backtrace may only read in this GitLab, so its buttons do nothing here."


async def refusal_of(house: House, incident: Incident, slack_user: str) -> str:
    """Why this person's press is not followed, in plain words; empty where it is."""
    if house.buttons is Buttons.LINKS:
        return READ_ONLY
    return await house.audience.refusal(incident.team, slack_user, incident.channel) or ""


@step(tries=3, retry_if=worth_another_try)
async def may_press(house: House, action_id: str) -> bool:
    """Refuses what this person may not press: says so to them alone, and keeps it on record."""
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    refusal = await refusal_of(house, incident, action.slack_user)
    if refusal:
        await house.poster.tell(incident.channel, action.slack_user, refusal)
        await house.store.actions.finish(action_id, Ending("refused", refusal), house.clock())
    return not refusal
