"""The spine: where to look, gather, walk back, weigh, decide where to go back to."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from backtrace_core.model import (
    Alert,
    Candidate,
    Change,
    Harvest,
    LookedAt,
    Outcome,
    RollbackPlan,
    Scope,
    Suspect,
    Verdict,
)
from backtrace_core.rank import Ranking, rank
from backtrace_core.rollback import choose_rollback, last_deployment_plan, possible_targets
from backtrace_core.trace import trace
from bot.sources import FactSource

MOST_SUSPECTS = 50
"""A verdict is kept and read for each button: the rest of hundreds is never shown."""


async def investigate(alert: Alert, scope: Scope, source: FactSource, excluded: frozenset[str]) -> Verdict:
    """Answer one alert.

    ``excluded`` are keys of changes that people said are not the culprit: they are not candidates any more.

    :raises bot.gitlab.client.GitLabError: when not even the project can be read.
    """
    harvest = await source.harvest(scope, alert)
    # Off the event loop: with many candidates it takes long enough for Slack to notice.
    candidates, ranking = await asyncio.to_thread(_ranked, harvest, alert, excluded)
    verdict = Verdict(
        alert=alert,
        scope=scope,
        environment=harvest.environment,
        outcome=ranking.outcome,
        suspects=ranking.suspects[:MOST_SUSPECTS],
        probability_none=ranking.probability_none,
        rollback=None,
        looked_at=_looked_at(harvest, len(candidates)),
        gaps=harvest.gaps,
        decided_at=harvest.harvested_at,
        advice=ranking.advice,
    )
    return replace(verdict, rollback=await _plan(verdict, harvest, source))


def _ranked(harvest: Harvest, alert: Alert, excluded: frozenset[str]) -> tuple[tuple[Candidate, ...], Ranking]:
    candidates = tuple(c for c in trace(harvest, alert) if c.change.key not in excluded)
    return candidates, rank(candidates, alert, harvest)


async def replan(verdict: Verdict, source: FactSource) -> RollbackPlan | None:
    """The rollback of a verdict as the world stands now; None where the verdict offers none.

    :raises bot.gitlab.client.GitLabError: when not even the project can be read.
    """
    return await _plan(verdict, await source.harvest(verdict.scope, verdict.alert), source)


async def _plan(verdict: Verdict, harvest: Harvest, source: FactSource) -> RollbackPlan | None:
    if verdict.outcome is Outcome.NO_CHANGE:
        return None
    suspects = verdict.named
    targets = possible_targets(harvest, suspects)
    lineage = await source.lineage(harvest, _changes(harvest, suspects), targets)
    if verdict.outcome is Outcome.NOT_ENOUGH:
        return last_deployment_plan(harvest, lineage)
    return choose_rollback(harvest, suspects, lineage)


def _changes(harvest: Harvest, suspects: tuple[Suspect, ...]) -> tuple[Change, ...]:
    wanted = {suspect.candidate.change.key for suspect in suspects}
    return tuple(change for change in harvest.changes if change.key in wanted)


def _looked_at(harvest: Harvest, changes: int) -> LookedAt:
    page = harvest.environment.url if harvest.environment else ""
    return LookedAt(len(harvest.deployments), changes, harvest.scope.since, page)
