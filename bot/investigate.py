"""The spine: where to look, gather, walk back, weigh, decide where to go back to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from backtrace_core.flags import flag_places, flag_states, switchable
from backtrace_core.hidden import unsafe_gaps
from backtrace_core.model import (
    Alert,
    Candidate,
    Change,
    ChangeRef,
    Gap,
    Harvest,
    LookedAt,
    Outlived,
    RollbackLeg,
    RollbackPlan,
    Scope,
    Verdict,
)
from backtrace_core.others import candidates_of_others, gaps_of_others
from backtrace_core.rank import Ranking, rank
from backtrace_core.slim import slim
from backtrace_core.targets import NOTHING_KNOWN, TargetFacts
from backtrace_core.trace import shipped_later, trace
from bot.plan_set import going_back
from bot.sources import FactSource
from bot.sources.reading import SOURCE, UNANSWERED, why_unanswered

MOST_SUSPECTS = 50
"""A verdict is kept and read for each button: the rest of hundreds is never shown."""


async def investigate(  # noqa: PLR0913 (what is asked, and what people and rollbacks have told since)
    alert: Alert,
    scope: Scope,
    source: FactSource,
    excluded: frozenset[str],
    beside: tuple[Scope, ...] = (),
    *,
    outlived: tuple[Outlived, ...] = (),
    past: TargetFacts = NOTHING_KNOWN,
) -> Verdict:
    """Answer one alert.

    ``excluded`` are keys of changes that people ruled out: they are not candidates any more. ``beside``
    are the scopes of the services that this one depends on: what they shipped is ranked too, as theirs. ``outlived``
    is what rollbacks took away without an end of the trouble. ``past`` is what is known of possible targets already.

    :raises bot.gitlab.client.GitLabError: when not even the project can be read.
    """
    harvest, others = await _gather(source, (alert, scope), beside)
    harvest = replace(harvest, outlived=outlived)
    # Off the event loop: with many candidates it takes long enough for Slack to notice.
    candidates, ranking, ruled_out = await asyncio.to_thread(_ranked, (harvest, others), alert, excluded)
    verdict = Verdict(
        alert=alert,
        scope=scope,
        environment=harvest.environment,
        outcome=ranking.outcome,
        suspects=tuple(map(slim, ranking.suspects[:MOST_SUSPECTS])),
        probability_none=ranking.probability_none,
        rollback=None,
        looked_at=_looked_at(harvest, candidates, len(shipped_later(harvest, alert))),
        gaps=(*harvest.gaps, *gaps_of_others(others)),
        decided_at=harvest.harvested_at,
        advice=ranking.advice,
        ruled_out=ruled_out,
    )
    legs, plan = await going_back(verdict, harvest, source, past)
    named = _named_in(harvest, verdict)
    flag = switchable(named, harvest.flags, scope.environment)
    flags = flag_states(named, harvest.flags, flag_places(scope, legs), verdict.decided_at)
    return replace(verdict, flag=flag, flags=flags, rollback=plan, legs=legs)


def _named_in(harvest: Harvest, verdict: Verdict) -> tuple[Change, ...]:
    """What the verdict names, as it was harvested: with its diffs."""
    named = {suspect.candidate.shipped.key for suspect in verdict.named}
    return tuple(change for change in harvest.changes if change.key in named)


async def _gather(
    source: FactSource, asked: tuple[Alert, Scope], beside: tuple[Scope, ...]
) -> tuple[Harvest, tuple[Harvest, ...]]:
    alert, scope = asked
    found = await asyncio.gather(source.harvest(scope, alert), *(_in_passing(source, other) for other in beside))
    return found[0], tuple(found[1:])


async def _in_passing(source: FactSource, scope: Scope) -> Harvest:
    try:
        return await source.skim(scope)
    except UNANSWERED as error:
        # Whatever is odd there: it must not cost the answer about the service itself.
        return Harvest(scope, None, (), (), (), (Gap(SOURCE, "", why_unanswered(error)),), scope.onset.latest)


def _ranked(
    found: tuple[Harvest, tuple[Harvest, ...]], alert: Alert, excluded: frozenset[str]
) -> tuple[tuple[Candidate, ...], Ranking, tuple[ChangeRef, ...]]:
    harvest, others = found
    traced = (*trace(harvest, alert), *candidates_of_others(others, alert))
    # A project that both services have is the alert's own.
    once = {c.change.key: c for c in reversed(traced)}
    ruled_out = tuple(once.pop(key).change.ref for key in sorted(excluded & once.keys()))
    candidates = tuple(reversed(once.values()))
    return candidates, rank(candidates, alert, harvest, excluded), ruled_out


@dataclass(frozen=True, slots=True)
class Replanned:
    """A rollback as the world stands now. ``gaps`` are what could not be read and must be known to start one.

    ``suspects`` are the changes that the verdict names, with their diffs as far as they could be read.
    """

    plan: RollbackPlan | None
    gaps: tuple[Gap, ...] = ()
    suspects: tuple[Change, ...] = ()
    legs: tuple[RollbackLeg, ...] = ()


async def replan(verdict: Verdict, source: FactSource, past: TargetFacts = NOTHING_KNOWN) -> Replanned:
    """The rollback of a verdict as the world stands now, with all that goes back together.

    :raises bot.gitlab.client.GitLabError: when not even the project can be read.
    """
    harvest = await source.harvest(verdict.scope, verdict.alert)
    legs, plan = await going_back(verdict, harvest, source, past)
    return Replanned(plan, unsafe_gaps(harvest), _named_in(harvest, verdict), legs)


def _looked_at(harvest: Harvest, candidates: Iterable[Candidate], later: int) -> LookedAt:
    page = harvest.environment.url if harvest.environment else ""
    own = sum(candidate.service is None for candidate in candidates)
    return LookedAt(len(harvest.deployments), own, harvest.scope.since, page, later)
