"""What follows when messages join an incident: a look whether they tell of another trouble, or tell more; one quiet
line in the thread for all that came meanwhile; and the card, drawn anew.

A storm of messages is told of in one line and one edit: a run waits a moment, and takes all that has come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dbos import DBOS

from backtrace_core.joining import Relation
from bot.slack.joined import JoinedLine, is_told, joined_words
from bot.store import Action, Incident, Message
from bot.workflows.answering import answer_alert
from bot.workflows.durable import start, step
from bot.workflows.house import House
from bot.workflows.papering import keep_paper
from bot.workflows.parting import groups, is_slacks, own_incident, part, trace_better
from bot.workflows.pressing import end, end_failed, may_press
from bot.workflows.records import StepFailedError
from bot.workflows.showing import ANSWERING_TRIES, refresh_card, worth_another_try
from bot.workflows.turns import turn

GATHER_S = 2.0
"""How long messages are gathered before they are told of. Slack takes some 50 edits a minute (tier 3)."""

LOOKS_S, LOOK_EVERY_S = 30.0, 0.5
"""How long a step waits for the card, and how often it looks."""

MOST_ROUNDS = 40
"""How often a run waits so for a card: twenty minutes."""

MOST_LOOKS = 60
"""How often is looked whether a message is another trouble, where GitLab does not answer: once a minute, an hour."""

MOST_LINKS = 5

WAIT, PAUSED = "wait", "paused"


@DBOS.workflow(name="tell_joined")
async def tell_joined(incident_id: str) -> str:
    """Look at what has joined an incident, part what is another trouble, tell of the rest."""
    parted = WAIT
    for _ in range(MOST_ROUNDS):
        parted = await look_at_joined(incident_id)
        if parted != WAIT:
            break
    else:
        raise StepFailedError("NoCard", "the card that others have joined did not come")
    if parted == PAUSED:
        # Ends in an error, so that it is begun anew once the pause is over: nothing was told yet.
        raise StepFailedError("Paused", "the channel is paused")
    await _answer_each(parted)
    await tell_in_thread(incident_id)
    await refresh_card(incident_id)
    await keep_paper(incident_id)
    return "told"


@DBOS.workflow(name="split_off")
async def split_off(action_id: str) -> str:
    """Make what has joined an incident, and may be another trouble, one of its own."""
    try:
        if not await may_press(action_id):
            return "refused"
        parted = await split_joined(action_id)
    except StepFailedError as error:
        return await end_failed(action_id, "tried to split", error)
    await _answer_each(parted)
    return await end(action_id, "done")


async def _answer_each(parted: str) -> None:
    for incident_id in parted.split():
        await start(answer_alert, f"answer-{incident_id}", incident_id)


@step(tries=3, retry_if=worth_another_try)
async def look_at_joined(house: House, incident_id: str) -> str:
    """Ids of what was parted and has no card yet; "wait" while the incident itself has none, "paused" while its channel
    is."""
    await asyncio.sleep(GATHER_S)
    incident = await _answered(house, incident_id)
    if incident.answered_at is None:
        return WAIT
    if await house.store.pauses.is_paused(incident.channel, house.clock()):
        return PAUSED
    async with turn(f"joined-{incident_id}"):
        looked, again = await house.store.messages.unlooked(incident_id), list[Message]()
        if incident.card_ts is not None:
            again = await part(house, incident, looked)
            if not await trace_better(house, incident):
                again = list(looked)
        await house.store.looks.done([one for one in looked if one not in again], house.clock())
        await house.store.looks.again(again, MOST_LOOKS, house.clock())
    return " ".join(await house.store.messages.split_from(incident_id))


async def _answered(house: House, incident_id: str) -> Incident:
    for _ in range(int(LOOKS_S / LOOK_EVERY_S)):
        incident = await house.store.incidents.existing(incident_id)
        if incident.answered_at is not None:
            return incident
        await asyncio.sleep(LOOK_EVERY_S)
    return incident


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def tell_in_thread(house: House, incident_id: str) -> None:
    """One line for all that has joined, unless it stands already."""
    async with turn(f"joined-{incident_id}"):
        while rows := await house.store.messages.begin_line(incident_id):
            incident = await house.store.incidents.existing(incident_id)
            if incident.card_ts is not None:
                await _say(house, incident, rows)
            await house.store.messages.told(rows[0].line or "", house.clock())


async def _say(house: House, incident: Incident, rows: Sequence[Message]) -> None:
    first = {row.fingerprint: row for row in reversed(rows) if is_told(row.relation)}
    told = sorted(first.values(), key=lambda row: row.at)
    lines = [await _line(house, row, nth) for nth, row in enumerate(told)]
    words = joined_words(lines)
    if words:
        thread = incident.thread_ts or incident.card_ts
        await house.poster.say_once(incident.channel, thread, words, rows[0].line or "")


async def _line(house: House, row: Message, nth: int) -> JoinedLine:
    # Each address is a request; nobody sees those of the many.
    has_url = nth < MOST_LINKS and is_slacks(row.ts)
    url = await house.poster.permalink(row.channel, row.ts) if has_url else ""
    return JoinedLine(row.sender, row.alert.title, row.relation, url)


@step(tries=3, retry_if=worth_another_try)
async def split_joined(house: House, action_id: str) -> str:
    """Part all that may be another trouble, else what joined last; ids of what has no card yet."""
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    async with turn(f"joined-{incident.id}"):
        parted = groups(house, await _to_part(house, incident, action))
        titles = ", ".join(f"“{group[0].alert.title[:80]}”" for group in parted[:3])
        says = action.says or (f"split off {titles}" if titles else "asked to split, and nothing more is left to part")
        for group in parted:
            await house.store.messages.split(group, own_incident(incident, group, house))
        await house.store.actions.say(action_id, says)
    return " ".join(await house.store.messages.split_from(incident.id))


async def _to_part(house: House, incident: Incident, action: Action) -> list[Message]:
    """What may be another trouble, else what joined last; never what opened the incident, and nothing of its
    fingerprint. A step that begins anew after it has parted something does not go on to the next best."""
    messages = await house.store.messages.of(incident.id)
    opening = {one.fingerprint for one in messages if one.relation is Relation.OPENS}
    others = [one for one in messages if one.fingerprint not in opening]
    perhaps = {one.fingerprint: one for one in reversed(others) if one.relation is Relation.PERHAPS_ANOTHER}
    if perhaps:
        return sorted(perhaps.values(), key=lambda one: one.at)
    return [] if await house.store.messages.was_split(incident.id, action.at) else others[-1:]
