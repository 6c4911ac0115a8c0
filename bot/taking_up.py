"""Taking up what is kept and not finished: nothing may be lost, and nothing may stay open that no run works on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from bot.holding import Holding
from bot.store import Ending, Store
from bot.store.rollbacks import FAILED
from bot.workflows import Starter

_ENDED = "Backtrace itself failed. Its log has the details."

log = logging.getLogger(__name__)


async def take_up(store: Store, start: Starter, clock: Callable[[], datetime], holding: Holding) -> None:
    """Start everything that is kept and not finished. What already runs is not started twice.

    What only an ended run could have finished is ended here: a rollback left open would keep its environment to itself.
    """
    for incident_id in await store.incidents.unanswered():
        if await _is_held(store, incident_id, clock(), holding):
            continue
        if not await start.unanswered(incident_id):
            log.error("%s could not be answered: see the errors above", incident_id)
            await store.incidents.save_card(incident_id, None, clock())
    await _take_up_joined(store, start, clock())
    for pause_id in await store.pauses.unfinished():
        if not await start.unfinished_pause(pause_id):
            await store.pauses.finish(pause_id, clock())
    for action in await store.actions.unfinished():
        if not await start.unfinished_action(action):
            await _end_action(store, start, action.id, clock())
    for press_id in await store.rollbacks.unfinished():
        if not await start.unfinished_rollback(press_id):
            await _end_rollback(store, start, press_id, clock())


async def _is_held(store: Store, incident_id: str, now: datetime, holding: Holding) -> bool:
    """Whether it waits: its channel is paused, its service has quiet hours. What waited too long gets no card."""
    incident = await store.incidents.existing(incident_id)
    if not await holding.holds(incident, now):
        return False
    if holding.is_past(incident, now):
        await store.incidents.save_card(incident_id, None, now)
    elif incident.held_at is None:
        await store.incidents.hold(incident_id, now)
    return True


async def _take_up_joined(store: Store, start: Starter, now: datetime) -> None:
    for incident_id, name in await store.looks.waiting():
        if await _is_told_of(store, incident_id, now) and not await start.look_again(incident_id, name):
            await store.looks.done(await store.messages.unlooked(incident_id), now)
    for incident_id, ts in await store.messages.untold():
        if not await _is_told_of(store, incident_id, now):
            continue
        if not await start.untold(incident_id, ts):
            log.error("of %s nothing more could be told: see the errors above", incident_id)
            await store.looks.done(await store.messages.unlooked(incident_id), now)
            for message in await store.messages.begin_line(incident_id):
                await store.messages.told(message.line or "", now)


async def _is_told_of(store: Store, incident_id: str, now: datetime) -> bool:
    # Nothing is told below a card that does not stand, nor during a pause; a later round looks again.
    incident = await store.incidents.existing(incident_id)
    return incident.answered_at is not None and not await store.pauses.is_paused(incident.channel, now)


async def _end_action(store: Store, start: Starter, action_id: str, now: datetime) -> None:
    # Read again: the run may have finished it, and then ended in its error, since the list was read.
    action = await store.actions.existing(action_id)
    if action.finished_at is None:
        says = "" if action.kind == "roll_back" else f"pressed a button, without success. {_ENDED}"
        await store.actions.finish(action_id, Ending("failed", says), now)
        await start.card(action.incident_id, f"ended-{action_id}")


async def _end_rollback(store: Store, start: Starter, press_id: str, now: datetime) -> None:
    left = [row for row in await store.rollbacks.legs(press_id) if row.finished_at is None]
    mind = f"{_ENDED} See in GitLab how far it went."
    ends = {row.id: (FAILED, f"tried {row.deed} of {row.label}, without success. {mind}") for row in left}
    if left:
        await store.rollbacks.finish_all(ends, now)
        await start.card(left[0].incident_id, f"ended-{press_id}")
