"""Facts become a score in nats: added up by family, so that what says the same twice does not count twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backtrace_core.model import Evidence, Family
from backtrace_core.ranking_model import RankingModel

Totals = Mapping[Family, float]
"""By family what its facts say together, in nats."""


def score(evidence: Sequence[Evidence], model: RankingModel, families: Sequence[Family] = tuple(Family)) -> float:
    """The sum over the families of what their facts say together, in nats."""
    return added(totals_of(evidence, model), model, families)


def totals_of(evidence: Sequence[Evidence], model: RankingModel) -> Totals:
    weights: dict[Family, list[float]] = {family: [] for family in Family}
    for e in evidence:
        weights[e.family].append(e.weight)
    return {family: model.families[family].total(several) for family, several in weights.items()}


def added(totals: Totals, model: RankingModel, families: Sequence[Family] = tuple(Family)) -> float:
    """A score, of the totals of some families."""
    return sum(totals[family] for family in families) / model.temperature


def stated(evidence: Sequence[Evidence], model: RankingModel) -> tuple[Evidence, ...]:
    """Each with what the score would lose without it. The strongest first."""
    whole = {f: [e for e in evidence if e.family is f] for f in Family}
    totals = {f: model.families[f].total(e.weight for e in rows) for f, rows in whole.items()}
    counted = []
    for e in evidence:
        without = model.families[e.family].total(o.weight for o in whole[e.family] if o is not e)
        counted.append(replace(e, counts=(totals[e.family] - without) / model.temperature))
    return tuple(sorted(counted, key=lambda e: (-e.weight, e.rule)))
