"""Drawing the card of an incident from what the store holds, and putting it where it belongs.

Every edit draws the whole card anew from the store, so repeating one does no harm, and the newest edit is the truest.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import groupby

from sqlalchemy.exc import DBAPIError

from backtrace_core.alerts.notices import DeployNotice
from backtrace_core.scope import scope_of
from backtrace_core.told_deployments import not_in_gitlab
from bot.cards import (
    ActionLine,
    Buttons,
    CardView,
    GoneBack,
    IncidentLink,
    IncidentState,
    RollbackProgress,
    Waiting,
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
from bot.store import Action, Incident, ProofRow, Rollback
from bot.store.rollbacks import FORWARD, LEFT_OUT, START_WITHIN_S, WAITS, state_after
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.legs import leg_lines, newest_press, press_line
from bot.workflows.names import usernames
from bot.workflows.turns import turn
from bot.workflows.withholding import withheld

LATE_AFTER_S = 120
"""From how many seconds after the alert on a card says that it comes late."""

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
    now = house.clock()
    # What was refused is on record; the card tells only of what was done or tried.
    shown = [action for action in await house.store.actions.of(incident.id) if action.result in ("done", "failed")]
    actions = [_line(action) for action in shown if action.says]
    tried = await house.store.rollbacks.of(incident.id)
    presses = [tuple(group) for _, group in groupby(tried, key=lambda row: row.press_id)]
    rollbacks = [line for rows in presses if (line := press_line(rows)) is not None]
    newest = newest_press(tried)
    waited = (incident.answered_at or now) - incident.received_at
    late = int(waited.total_seconds()) if incident.alert and not incident.question else 0
    messages = await house.store.messages.of(incident.id)
    return CardView(
        incident_id=incident.id,
        verdict=incident.verdict,
        state=incident.state,
        now=now,
        buttons=buttons or house.buttons,
        actions=tuple(sorted((*actions, *rollbacks), key=lambda line: line.at)),
        incident=incident.gitlab_incident,
        failure=incident.failure,
        late_by_s=late if late > LATE_AFTER_S else 0,
        resolved_at=incident.resolved_at,
        slack_ids={username: slack_id for slack_id, username in (await usernames(house)).items()},
        progress=_progress(newest),
        rolled_back=_is_back(presses),
        legs=leg_lines(newest),
        waiting=_waiting(newest),
        asked_by=incident.asked_by or "",
        way_on=_way_on(house, incident) if incident.verdict is None else None,
        told=Counter(message.sender for message in messages),
        can_split=len({message.fingerprint for message in messages}) > 1,
        reopened_at=incident.reopened_at,
        was_split=incident.split_from is not None,
        told_deployments=await _told_deployments(house, incident),
        gone_back=gone_back_of(await house.store.proofs.of(incident.id), incident.excluded),
        reverts={one.change: IncidentLink(one.label, one.url) for one in await house.store.reverts.of(incident.id)},
    )


def gone_back_of(row: ProofRow | None, excluded: Collection[str]) -> GoneBack | None:
    """The newest rollback that is done; without what people have said since is not the culprit."""
    if row is None:
        return None
    blamed = tuple(ref for ref in row.blamed or row.took if ref.key not in excluded)
    return GoneBack(row.gone_back_at, row.stage, row.at, row.says, blamed, row.branch, row.ahead)


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


def _line(action: Action) -> ActionLine:
    return ActionLine(action.slack_user, action.kind, action.says, action.finished_at or action.at, action.url)


def _is_back(presses: Sequence[Sequence[Rollback]]) -> bool:
    """Whether the newest of those that went through went back."""
    after = [state_after(tuple(one.status for one in rows), rows[0].how) for rows in presses if rows]
    ended = [state for state in after if state in (IncidentState.ROLLED_BACK, IncidentState.ROLLED_FORWARD)]
    return bool(ended) and ended[-1] is IncidentState.ROLLED_BACK


def _waiting(rows: Sequence[Rollback]) -> Waiting | None:
    legs = [row for row in rows if row.status == WAITS and not row.second_user]
    if not legs:
        return None
    return Waiting(
        slack_user=legs[0].slack_user,
        until=legs[0].asked_at + timedelta(seconds=START_WITHIN_S),
        undoes=tuple({ref.key: ref for leg in legs for ref in leg.undoes}.values()),
        cancels=tuple(leg.facts["cancels"] for leg in legs if "cancels" in leg.facts),
        cautions=tuple(dict.fromkeys(says for leg in legs for says in leg.facts.get("cautions", ()))),
    )


def _progress(rows: Sequence[Rollback]) -> RollbackProgress | None:
    """Of a rollback that is under way: of several legs each tells its own stage."""
    legs = [row for row in rows if row.status != LEFT_OUT]
    running = [row for row in legs if row.finished_at is None]
    if not running:
        return None
    is_stopping = all(row.stopped_by for row in running)
    first = running[0]
    if len(legs) > 1:
        return RollbackProgress("", "", first.target_id, is_stopping, first.how == FORWARD)
    return RollbackProgress(first.status, first.url, first.target_id, is_stopping, first.how == FORWARD)
