"""The runs that answer: an alert in its thread, a question in its channel, a card that moves on."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from dbos import DBOS

from backtrace_core.model import Alert, Scope
from backtrace_core.places import label_of_key
from backtrace_core.question import Question, read_question
from backtrace_core.scope import Catalog, scope_of, why_no_scope
from bot.gitlab.client import GitLabError, GitLabRefused
from bot.slack import command
from bot.store import Ending, Incident
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.papering import keep_paper
from bot.workflows.pressing import end_failed, may_press
from bot.workflows.records import StepFailedError
from bot.workflows.ruling_out import PUT_BACK
from bot.workflows.scoping import catalog_for
from bot.workflows.showing import ANSWERING_TRIES, post_card, refresh_card, reply, worth_another_try
from bot.workflows.tracing import alert_of, may_show, trace_turn, verdict_of

SILENT = "silent"
_SINCE = re.compile(r"\bsince\b", re.IGNORECASE)

log = logging.getLogger(__name__)


@DBOS.workflow(name="answer_alert")
async def answer_alert(incident_id: str) -> str:
    """Trace an alert and answer with a card in its thread; a trace that fails answers as well. Returns the outcome."""
    if not await may_answer_here(incident_id):
        return await stay_silent(incident_id)
    outcome = await _answer(incident_id)
    if await keep_paper(incident_id):
        await refresh_card(incident_id)
    return outcome


@DBOS.workflow(name="answer_question")
async def answer_question(incident_id: str) -> str:
    """Answer ``/backtrace …``: with a card in the channel, or in words that only the asker sees."""
    if await understand_question(incident_id):
        return await _answer(incident_id)
    return await reply_in_words(incident_id)


async def _answer(incident_id: str) -> str:
    try:
        outcome = await trace_incident(incident_id)
    except StepFailedError as error:
        await keep_failure(incident_id, error.why)
        await post_card(incident_id)
        raise
    await post_card(incident_id)
    return outcome


@DBOS.workflow(name="move_card_on")
async def move_card_on(incident_id: str) -> None:
    """Draw the card anew, after something about its incident changed."""
    await refresh_card(incident_id)
    await keep_paper(incident_id)


@DBOS.workflow(name="dismiss_suspect")
async def dismiss_suspect(action_id: str) -> str:
    """Not the culprit: remember that, trace again without this change, move the card on to the next suspect."""
    return await _trace_after(action_id, exclude_suspect, "tried to look for the next suspect")


@DBOS.workflow(name="put_suspect_back")
async def put_suspect_back(action_id: str) -> str:
    """It may be the culprit after all: remember that, and trace again with this change."""
    return await _trace_after(action_id, include_suspect, "tried to put a change back")


async def _trace_after(action_id: str, remember: Callable[[str], Awaitable[str]], tried: str) -> str:
    try:
        if not await may_press(action_id):
            return "refused"
        incident_id = await remember(action_id)
        outcome = await trace_again(incident_id, action_id)
    except StepFailedError as error:
        return await end_failed(action_id, tried, error)
    await refresh_card(incident_id)
    await keep_paper(incident_id)
    return outcome


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def may_answer_here(house: House, incident_id: str) -> bool:
    """Whether a card may stand where the alert stands: not in shared channels, not for services shown elsewhere."""
    incident = await house.store.incidents.existing(incident_id)
    if incident.held_at is not None and incident.resolved_at is not None:
        # It was held back, and is over: nobody needs its card any more.
        return False
    if await house.audience.refusal(incident.team, None, incident.channel):
        return False
    scope = scope_of(alert_of(incident), await catalog_for(house, alert_of(incident)))
    return scope is None or may_show(scope.service, incident.channel)


@step()
async def trace_incident(house: House, incident_id: str) -> str:
    async with trace_turn(incident_id):
        incident = await house.store.incidents.existing(incident_id)
        alert = alert_of(incident)
        catalog = await catalog_for(house, alert)
        scope = scope_of(alert, catalog, incident.since)
        if scope is None:
            await house.store.incidents.save_failure(incident_id, _unclear(alert, catalog, incident.channel))
            return "failed"
        return await _trace(house, incident, scope)


@step()
async def trace_again(house: House, incident_id: str, action_id: str) -> str:
    # Of two who rule something out, or put it back, the later trace must know what both said.
    async with trace_turn(incident_id):
        incident = await house.store.incidents.existing(incident_id)
        if incident.verdict is None:
            raise GitLabError("there is no verdict yet that another suspect could follow")
        outcome = await _trace(house, incident, incident.verdict.scope)
    action = await house.store.actions.existing(action_id)
    label = label_of_key(action.detail, incident.verdict.scope.service.project)
    says = f"put {label} back" if action.kind == PUT_BACK else f"said that {label} is not the culprit"
    await house.store.actions.finish(action_id, Ending("done", says), house.clock())
    return outcome


async def _trace(house: House, incident: Incident, scope: Scope) -> str:
    try:
        verdict = await verdict_of(house, incident, scope)
    except GitLabError as error:
        why = _unreadable(house, error)
        log.warning("the trace for incident %s failed: %s", incident.id, why)
        await house.store.incidents.save_failure(incident.id, why)
        return "failed"
    await house.store.incidents.save_verdict(incident.id, verdict)
    return verdict.outcome.value


def _unreadable(house: House, error: GitLabError) -> str:
    """Which GitLab it is, and what it did: an address with a typing error in it is seen here."""
    did = "did not let Backtrace read" if isinstance(error, GitLabRefused) else "does not answer"
    return f"GitLab ({house.settings.gitlab.url}) {did}: {error}"


@step()
async def exclude_suspect(house: House, action_id: str) -> str:
    action = await house.store.actions.existing(action_id)
    await house.store.incidents.exclude(action.incident_id, action.detail)
    return action.incident_id


@step()
async def include_suspect(house: House, action_id: str) -> str:
    action = await house.store.actions.existing(action_id)
    await house.store.incidents.put_back(action.incident_id, action.detail)
    return action.incident_id


@step()
async def stay_silent(house: House, incident_id: str) -> str:
    await house.store.incidents.save_card(incident_id, None, house.clock())
    return SILENT


@step()
async def keep_failure(house: House, incident_id: str, why: str) -> None:
    await house.store.incidents.save_failure(incident_id, why)


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def understand_question(house: House, incident_id: str) -> bool:
    """Keep what the question asks for, or why it is not answered; returns whether it is."""
    incident = await house.store.incidents.existing(incident_id)
    refusal = await house.audience.refusal(incident.team, incident.asked_by, incident.channel)
    asked = refusal or await (_read(house, incident) if incident.alert is None else _of_message(house, incident))
    if isinstance(asked, str):
        await house.store.incidents.save_failure(incident_id, asked)
        return False
    await house.store.incidents.save_question(incident_id, asked.alert, asked.since)
    return True


async def _read(house: House, incident: Incident) -> Question | str:
    """The question, or why it is not answered here."""
    zone = ZoneInfo(await house.poster.timezone(incident.asked_by or ""))
    catalog = house.settings.catalog
    if incident.channel not in house.settings.slack.channels:
        return command.not_in_this_channel()
    words = incident.question or ""
    question = read_question(words, incident.received_at, zone, catalog)
    if isinstance(question, str) and incident.thread_ts is not None:
        # A message that people wrote to each other: its "since the deployment" is no order.
        question = read_question(_SINCE.sub(" ", words), incident.received_at, zone, catalog)
    if isinstance(question, str):
        return command.not_understood(question)
    catalog = await catalog_for(house, question.alert)
    scope = scope_of(question.alert, catalog, question.since)
    if scope is None:
        return _unclear(question.alert, catalog, incident.channel)
    return question if may_show(scope.service, incident.channel) else command.not_in_this_channel()


async def _of_message(house: House, incident: Incident) -> Question | str:
    """The same of a message that somebody wants to have traced, and that a reader has understood."""
    alert = alert_of(incident)
    scope = scope_of(alert, await catalog_for(house, alert), incident.since)
    if incident.channel not in house.settings.slack.channels:
        return command.not_in_this_channel()
    if scope is None:
        return _unclear(alert, house.settings.catalog, incident.channel)
    return (
        Question(alert, incident.since) if may_show(scope.service, incident.channel) else command.not_in_this_channel()
    )


def _unclear(alert: Alert, catalog: Catalog, channel: str) -> str:
    """Why no service, or no environment of it, is meant; names nothing but what may be shown in the channel."""
    shown = replace(catalog, services=tuple(one for one in catalog.services if may_show(one, channel)))
    if not shown.services:
        return command.not_in_this_channel()
    return command.unknown_service(why_no_scope(alert, shown), shown)


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def reply_in_words(house: House, incident_id: str) -> str:
    """Tell the asker, and nobody else, why there is no answer."""
    incident = await house.store.incidents.existing(incident_id)
    if incident.reply_to:
        await reply(house, incident.reply_to, incident.failure)
    await house.store.incidents.save_card(incident_id, None, house.clock())
    return SILENT
