"""What goes back together: the further places looked at, git asked about each line, the set decided."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from backtrace_core.hidden import unsafe_gaps
from backtrace_core.model import GoingBack, Harvest, Outcome, Place, RollbackLeg, RollbackPlan, Verdict
from backtrace_core.places import at, narrowed, places_in
from backtrace_core.rollback_lines import Line, further_places, lines_of, may_have_further, own_suspects
from backtrace_core.rollback_set import (
    Asking,
    first_question,
    further_question,
    labelled,
    last_leg,
    leg_of,
    summed_up,
    targets_of,
    unread_leg,
    with_answer,
)
from backtrace_core.targets import NOTHING_KNOWN, TargetFacts
from bot.sources import FactSource
from bot.sources.reading import UNANSWERED, why_unanswered


async def going_back(
    verdict: Verdict, harvest: Harvest, source: FactSource, past: TargetFacts = NOTHING_KNOWN
) -> tuple[tuple[RollbackLeg, ...], RollbackPlan | None]:
    """The legs of the set, and the set as one plan; None where the verdict offers none. ``past``: what is known of
    possible targets before any job is looked at."""
    if verdict.outcome is Outcome.NO_CHANGE:
        return (), None
    beyond, unread = await _beyond(harvest, source) if own_suspects(verdict.named) else ((), ())
    lines = lines_of((harvest, *beyond), verdict.named)
    found = await asyncio.gather(*(_leg(line, verdict, (source, past)) for line in lines))
    legs = labelled([*(leg for leg in found if leg is not None), *unread])
    return legs, summed_up(legs, verdict.named)


async def _beyond(harvest: Harvest, source: FactSource) -> tuple[tuple[Harvest, ...], tuple[RollbackLeg, ...]]:
    """The service's production environments beyond the alert's own; those that can't be read don't go back."""
    scope = harvest.scope
    if not may_have_further(scope):
        return (), ()
    known = await source.environments(scope.service.all_projects)
    places = further_places(scope, known, places_in(harvest))
    found = await asyncio.gather(*(_skimmed(harvest, place, source) for place in places))
    read = tuple(one for one in found if isinstance(one, Harvest))
    return read, tuple(one for one in found if isinstance(one, RollbackLeg))


async def _skimmed(harvest: Harvest, place: Place, source: FactSource) -> Harvest | RollbackLeg:
    try:
        found = await source.skim(narrowed(harvest.scope, place))
    except UNANSWERED as error:
        return unread_leg(place, why_unanswered(error))
    gaps = unsafe_gaps(found)
    return unread_leg(place, f"{gaps[0].what}: {gaps[0].why}") if gaps else _knowing(found, harvest)


async def harvest_at(place: Place, harvest: Harvest, source: FactSource) -> Harvest:
    """What ran in a place that went back: of the harvest where it has it, else looked at by itself.

    Raises any of ``UNANSWERED`` when it can't be read.
    """
    if place in places_in(harvest):
        return at(harvest, place)
    return _knowing(await source.skim(narrowed(harvest.scope, place)), harvest)


def _knowing(found: Harvest, harvest: Harvest) -> Harvest:
    """With the changes as the alert's own harvest has them, which was read in full."""
    known = {change.key: change for change in (*found.changes, *harvest.changes)}
    return replace(found, changes=tuple(known.values()))


async def _leg(line: Line, verdict: Verdict, knowing: tuple[FactSource, TargetFacts]) -> RollbackLeg | None:
    source, past = knowing
    first = first_question(line)
    # The nearest one is the target as a rule: its job is asked about before git has answered.
    nearest = first.asked.targets[:1] if line.harvest.scope.service.rollback is GoingBack.RETRY else ()
    asking, retrying = await asyncio.gather(_answered(first, source), source.retrying(line.harvest, nearest))
    further = further_question(asking) if verdict.outcome is not Outcome.NOT_ENOUGH else None
    if further is not None:
        lineage = await source.lineage(line.harvest, further.changes, further.deployments)
        asking = with_answer(asking, further, lineage)
    facts = await _with_all_jobs(asking, source, replace(past, retrying=retrying), {target.id for target in nearest})
    return last_leg(asking, facts) if verdict.outcome is Outcome.NOT_ENOUGH else leg_of(asking, facts)


async def _answered(asking: Asking, source: FactSource) -> Asking:
    asked = asking.asked
    lineage = await source.lineage(asking.line.harvest, asked.changes, asked.deployments)
    return Asking(asking.line, asked, lineage)


async def _with_all_jobs(asking: Asking, source: FactSource, facts: TargetFacts, asked: set[int]) -> TargetFacts:
    """What can't be read is not asked about again, so this ends. ``asked``: the ids of the targets asked about."""
    while True:
        left = tuple(target for target in targets_of(asking, facts) if target.id not in asked)
        if not left:
            return facts
        asked |= {target.id for target in left}
        known = await source.retrying(asking.line.harvest, left)
        facts = replace(facts, retrying=facts.retrying.and_also(known))
