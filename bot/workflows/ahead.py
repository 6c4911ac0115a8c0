"""After a rollback: what will bring back what it took away, kept for the card."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from backtrace_core.ahead import Ahead, ahead_of
from backtrace_core.contained import Answers, Asked
from backtrace_core.model import Harvest, Place
from backtrace_core.places import at, narrowed, places_in
from backtrace_core.under_way import MOST_ASKED, others_under_way
from bot.gitlab.ahead import refuses_outdated, schedules_of
from bot.gitlab.client import GitLabError
from bot.store import ProofRow
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.legs import still_back
from bot.workflows.records import StepFailedError
from bot.workflows.showing import worth_another_try

T = TypeVar("T")


async def look_ahead(incident_id: str) -> None:
    """In a workflow. It fails no run: what is due is looked at once more when the card says how far it is."""
    with suppress(StepFailedError):
        await keep_ahead(incident_id)


@step(tries=3, retry_if=worth_another_try)
async def keep_ahead(house: House, incident_id: str) -> None:
    """Ask GitLab what is on its way and what is due, and keep the warnings; nothing where nobody went back."""
    row = await house.store.proofs.of(incident_id)
    incident = await house.store.incidents.existing(incident_id)
    gone = still_back(await house.store.rollbacks.of(incident_id))
    if row is None or incident.verdict is None or not gone:
        return
    harvest = await house.source.harvest(incident.verdict.scope, incident.verdict.alert)
    places = dict.fromkeys(Place(leg.project, leg.environment) for leg in gone)
    found = await asyncio.gather(*(_asked(house, row, harvest, place) for place in places))
    now = house.clock()
    # What is due for the whole project is told once.
    warnings = dict.fromkeys(warning for ahead, answers in found for warning in ahead_of(ahead, answers, now))
    await house.store.proofs.look_ahead(row.id, tuple(warnings))


async def _asked(house: House, row: ProofRow, whole: Harvest, place: Place) -> tuple[Ahead, Answers]:
    """:raises GitLabError: when not even the project can be read."""
    refs = row.blamed or row.took
    # Looked at in passing it would lack what waits there for a person.
    is_in = place in places_in(whole)
    harvest = at(whole, place) if is_in else await house.source.harvest(narrowed(whole.scope, place))
    under_way = others_under_way(harvest, None)[:MOST_ASKED]
    changes = tuple(change for change in harvest.changes if change.key in {ref.key for ref in refs})
    lineage, due, forward = await asyncio.gather(
        house.source.lineage(harvest, changes, under_way),
        _or_why(schedules_of(house.gitlab, place.project, row.branch)),
        refuses_outdated(house.gitlab, place.project),
    )
    found, why = due
    unread = (f"Whether a scheduled pipeline is due on {row.branch} could not be read ({why})",) if why else ()
    labels = tuple(ref.label for ref in refs)
    ahead = Ahead(row.branch, row.gone_back_at, under_way, changes, labels, found or (), forward, unread)
    return ahead, Answers(Asked(under_way=under_way, changes=changes), lineage)


async def _or_why(read: Coroutine[Any, Any, T]) -> tuple[T | None, str]:
    try:
        return await read, ""
    except GitLabError as error:
        return None, str(error)
