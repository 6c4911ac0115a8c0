"""Drawing the card of an incident from what the store holds, and putting it where it belongs.

Every edit draws the whole card anew from the store, so repeating one does no harm, and the newest edit is the truest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from backtrace_core.alerts.notices import DeployNotice
from backtrace_core.scope import scope_of
from backtrace_core.told_deployments import not_in_gitlab
from bot.cards import (
    Buttons,
    CardView,
    WayOn,
)
from bot.gitlab.client import GitLabError
from bot.mentions import authors_in_slack, may_mention
from bot.slack import command
from bot.slack.blocks import Block
from bot.slack.card import Card, render_card
from bot.slack.client import SlackError
from bot.slack.sentences import without_place
from bot.slack.withheld import withheld_card
from bot.store import Incident
from bot.workflows.card_view import Known, card_view
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.names import usernames
from bot.workflows.turns import turn
from bot.workflows.withholding import withheld

ANSWERING_TRIES = 15
"""About ten minutes of a Slack that does not answer."""

HISTORY_WAITS_S = (0.5, 1.0, 2.0)
"""Between looks for a card that was sent, as its answer got lost: Slack does not say how soon its history has it."""

log = logging.getLogger(__name__)


def _turn(incident_id: str) -> asyncio.Lock:
    # Two runs may edit one card; without taking turns the one that read the store first could write last.
    return turn(f"card-{incident_id}")


def worth_another_try(error: BaseException) -> bool:
    """The parties', the network's and the files' passing troubles; a fault of our own would only be repeated."""
    if isinstance(error, SlackError):
        return not error.permanent
    return isinstance(error, GitLabError | OSError | DBAPIError)


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def post_card(house: House, incident_id: str) -> None:
    """Post the card, unless it stands already; then it is only brought up to date."""
    async with _turn(incident_id):
        incident = await house.store.incidents.existing(incident_id)
        if incident.question and not await house.audience.is_member(incident.channel):
            await _show_to_asker(house, incident)
            ts = None
        else:
            ts = await _post(house, incident)
            await _mention_author(house, incident, ts)
        await house.store.incidents.save_card(incident_id, ts, house.clock())


async def _drawn(house: House, incident: Incident) -> Card:
    if await withheld(house.store, house.settings.catalog, incident):
        return withheld_card(incident.gitlab_incident)
    return render_card(await view_of(house, incident))


async def _post(house: House, incident: Incident) -> str:
    card = await _drawn(house, incident)
    ts = incident.card_ts or await _standing(house, incident)
    if ts is None:
        await house.store.incidents.save_posting(incident.id, house.clock())
        return await house.poster.post_card(incident.channel, incident.thread_ts, card, incident.id)
    await house.poster.update_card(incident.channel, ts, card, incident.id)
    return ts


async def _mention_author(house: House, incident: Incident, card_ts: str) -> None:
    """Once, below the card, where the settings want it; nobody for what was asked, or is over."""
    verdict = incident.verdict
    if verdict is None or incident.question or incident.resolved_at is not None:
        return
    if may_mention(verdict, house.settings, house.clock()):
        slack_ids = authors_in_slack(verdict, house.settings)
        await house.poster.mention_once(
            incident.channel, incident.thread_ts or card_ts, slack_ids, f"culprit-{incident.id}"
        )


async def _standing(house: House, incident: Incident) -> str | None:
    """Where the card stands already. One whose answer got lost may be in the channel before it is in its history."""
    for wait_s in (0.0, *(HISTORY_WAITS_S if incident.posting_at else ())):
        await asyncio.sleep(wait_s)
        ts = await house.poster.find_card(incident.channel, incident.thread_ts, incident.id)
        if ts is not None:
            return ts
    return None


async def _show_to_asker(house: House, incident: Incident) -> None:
    # Nobody else sees it and nobody can edit it, so it has no buttons that act.
    card = render_card(await view_of(house, incident, Buttons.LINKS))
    if incident.reply_to:
        await reply(house, incident.reply_to, card.text, (*card.blocks, *command.invite_blocks()))


async def reply(house: House, url: str, text: str, blocks: Sequence[Block] = ()) -> None:
    """Answer the asker of a question. Slack takes such answers for half an hour; later there is nobody to tell."""
    try:
        await house.poster.reply(url, text, blocks)
    except SlackError as error:
        if not error.permanent:
            raise
        log.warning("a question could not be answered any more: %s", error)


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def refresh_card(house: House, incident_id: str) -> None:
    """Bring the card up to date, where there is one."""
    await _edit(house, incident_id)


@step()
async def show_progress(house: House, incident_id: str) -> None:
    await show_in_passing(house, incident_id)


async def show_in_passing(house: House, incident_id: str) -> None:
    """The card as it stands: what is under way does not wait for Slack, and the last edit will tell all."""
    try:
        await _edit(house, incident_id)
    except Exception as error:
        log.warning("the card of %s could not be brought up to date: %s", incident_id, error, exc_info=error)


async def _edit(house: House, incident_id: str) -> None:
    async with _turn(incident_id):
        incident = await house.store.incidents.existing(incident_id)
        if incident.card_ts is None:
            return
        card = await _drawn(house, incident)
        await house.poster.update_card(incident.channel, incident.card_ts, card, incident.id)


async def view_of(house: House, incident: Incident, buttons: Buttons | None = None) -> CardView:
    """All that the card of an incident is drawn from, as the store has it now."""
    store = house.store
    known = Known(
        now=house.clock(),
        buttons=buttons or house.buttons,
        slack_ids={username: slack_id for slack_id, username in (await usernames(house)).items()},
        actions=await store.actions.of(incident.id),
        rollbacks=await store.rollbacks.of(incident.id),
        messages=await store.messages.of(incident.id),
        proof=await store.proofs.of(incident.id),
        reverts=await store.reverts.of(incident.id),
        told_deployments=await _told_deployments(house, incident),
        way_on=_way_on(house, incident) if incident.verdict is None else None,
    )
    return card_view(incident, known)


async def _told_deployments(house: House, incident: Incident) -> tuple[DeployNotice, ...]:
    verdict = incident.verdict
    if verdict is None:
        return ()
    scope = verdict.scope
    notices = house.store.notices
    told = await notices.between(incident.channel, scope.service.name, scope.since, scope.onset.latest)
    return not_in_gitlab(verdict, told, house.settings.gitlab.url)


def _way_on(house: House, incident: Incident) -> WayOn | None:
    scope = scope_of(incident.alert, house.settings.catalog, incident.since) if incident.alert else None
    if incident.alert is None or scope is None:
        return None
    service, title = scope.service, without_place(incident.alert.title, scope.service.name, scope.environment)
    words = incident.question or " ".join((service.name, scope.environment, title))
    return WayOn(service.name, words, f"{house.settings.gitlab.url.rstrip('/')}/{service.project}/-/environments")
