"""Bots that are broken on purpose, each in one way: what the chaos bench has to catch, and one fault of our own.

They are broken in the fork alone that plays them (:mod:`tests.slow.victim`): the product has no switch for it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, NoReturn

from backtrace_core.joining import OPENS
from bot.acting import Recorder
from bot.gitlab import rollback as gitlab_rollback
from bot.inbox import Inbox
from bot.slack.hands import MessageDelivery
from bot.store import Joined, MessageStore, NewIncident, Rollback
from bot.workflows import piping, rolling_back, showing, tracing
from bot.workflows.house import House

LATER_S = 3.0
"""After the answer; the kill has to come first, on a busy machine too."""


async def nothing(*_: object) -> None:
    """What is found by who does not look."""


def fails() -> None:
    async def fail(*_: object, **_more: object) -> NoReturn:
        raise ArithmeticError("a fault of our own, that nobody has foreseen")

    tracing.investigate = fail


def sends_again() -> None:
    """Sends a rollback once more where it does not know what came of it, without a look at what GitLab has made."""

    async def start(house: House, row: Rollback) -> int:
        newest = await gitlab_rollback.newest_job(house.gitlab, row.project, row.pipeline_id or 0, row.job_name)
        return await rolling_back._start(house, replace(row, newest_job_id=newest.id))

    rolling_back._start_or_find = start
    rolling_back._look_patiently = nothing
    piping.look_long = nothing
    piping.left_over = nothing


def records_afterwards() -> None:
    """Keeps what it sends to GitLab on record once GitLab has answered."""

    async def sends(_recorder: Recorder, method: str, path: str) -> str:
        return f"{method} {path}"

    async def answered(recorder: Recorder, request: str, answer: str) -> None:
        audit, now = recorder.audit, recorder.clock()
        await audit.answered(await audit.sends(recorder.about, recorder.slack_user, request, now), answer, now)

    Recorder.sends, Recorder.answered = sends, answered


def acknowledges_first() -> None:
    """Takes an alert for heard, tells Slack so, and keeps it a moment later."""
    later: set[asyncio.Task[None]] = set()

    async def keep(inbox: Inbox, delivery: MessageDelivery) -> None:
        await asyncio.sleep(LATER_S)
        await inbox._keep(delivery.event_id, delivery.team_id, delivery.channel, delivery.message)

    async def keep_message(inbox: Inbox, delivery: MessageDelivery) -> None:
        await inbox.store.incidents.mark(delivery.channel, delivery.ts)
        later.add(asyncio.create_task(keep(inbox, delivery)))

    Inbox.keep_message = keep_message


def posts_without_looking() -> None:
    """Posts a card, without a look whether it stands already."""
    showing._standing = nothing


def takes_each_delivery_for_new() -> None:
    """Opens an incident for each delivery of an alert, also for one that comes twice."""
    join, numbers = MessageStore.join, count(1)

    async def open_one(store: MessageStore, delivery: str, incident: NewIncident, ts: str, *_: Any) -> Joined:
        if await store.get(incident.channel, ts) is not None:
            number = next(numbers)
            incident, ts = replace(incident, id=f"{incident.id}-{number}"), f"{ts}{number}"
        return await join(store, delivery, incident, ts, lambda _: OPENS)

    MessageStore.join = open_one


BREAKS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    **{
        broken.__name__: broken
        for broken in (
            fails,
            sends_again,
            records_afterwards,
            acknowledges_first,
            posts_without_looking,
            takes_each_delivery_for_new,
        )
    },
}
