"""The runs that GitLab's own incidents start: traced like an alert, with a card where one may stand, and the paper."""

from __future__ import annotations

from dbos import DBOS

from bot.slack.client import SlackError
from bot.workflows.answering import SILENT, keep_failure, stay_silent, trace_incident
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.opening import open_paper
from bot.workflows.papering import keep_paper
from bot.workflows.pressing import end, end_failed, may_press
from bot.workflows.records import StepFailedError
from bot.workflows.showing import ANSWERING_TRIES, post_card, refresh_card, worth_another_try
from bot.workflows.withholding import withheld

NO_RESULT = "the trace has no result that could be written down"


@DBOS.workflow(name="answer_incident")
async def answer_incident(incident_id: str) -> str:
    """Trace a GitLab incident, show a card in its service's channel, and write the paper. Returns the outcome.

    A Slack that takes no card keeps nothing from the paper; the run ends in its error afterwards and is begun anew.
    """
    try:
        outcome = await trace_incident(incident_id)
    except StepFailedError as error:
        await keep_failure(incident_id, error.why)
        outcome = "failed"
    if await is_paused_there(incident_id):
        await keep_paper(incident_id)
        # Ends in an error, so that it is begun anew once the pause is over: the card is still to come.
        raise StepFailedError("Paused", "the channel is paused")
    if not await may_show_incident(incident_id):
        await stay_silent(incident_id)
        await keep_paper(incident_id)
        return f"{SILENT}, {outcome}"
    try:
        await post_card(incident_id)
    except StepFailedError:
        await keep_paper(incident_id)
        raise
    await keep_paper(incident_id)
    return outcome


@DBOS.workflow(name="retrace_incident")
async def retrace_incident(incident_id: str) -> str:
    """Trace again what is said in other words now, or of which a deployment has ended, and move card and paper on."""
    return await trace_anew(incident_id)


async def trace_anew(incident_id: str) -> str:
    """The same inside a workflow."""
    try:
        outcome = await trace_incident(incident_id)
    except StepFailedError as error:
        await keep_failure(incident_id, error.why)
        outcome = "failed"
    await refresh_card(incident_id)
    await keep_paper(incident_id)
    return outcome


@DBOS.workflow(name="open_incident_pressed")
async def open_incident_pressed(action_id: str) -> str:
    """Somebody wants an incident in GitLab for what the card shows."""
    try:
        if not await may_press(action_id):
            return "refused"
        incident_id = await open_for_press(action_id)
    except StepFailedError as error:
        return await end_failed(action_id, "tried to open an incident", error)
    ended = await end(action_id, "done")
    await keep_paper(incident_id)
    return ended


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def may_show_incident(house: House, incident_id: str) -> bool:
    """Whether a card may stand in its channel: not in a shared one, and of a confidential incident only where the
    settings say so."""
    incident = await house.store.incidents.existing(incident_id)
    if not incident.channel or await withheld(house.store, house.settings.catalog, incident):
        return False
    try:
        return not await house.audience.refusal(incident.team, None, incident.channel)
    except SlackError as error:
        if not error.permanent:
            raise
        return False


@step()
async def is_paused_there(house: House, incident_id: str) -> bool:
    """Whether its card has to wait; it is answered again then, and no later than a day."""
    incident = await house.store.incidents.existing(incident_id)
    return bool(incident.channel) and await house.store.pauses.is_paused(incident.channel, house.clock())


@step(tries=3, retry_if=worth_another_try)
async def open_for_press(house: House, action_id: str) -> str:
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    if incident.verdict is None:
        raise LookupError(NO_RESULT)
    await open_paper(house, incident, incident.verdict, assigns=True)
    opened = (await house.store.incidents.existing(incident.id)).gitlab_incident
    await house.store.actions.say(action_id, f"opened {opened.label if opened else 'an incident'}")
    return incident.id
