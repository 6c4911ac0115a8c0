"""Facts become a score in nats: added up by family, so that what says the same twice does not count twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from backtrace_core.model import Evidence, Family
from backtrace_core.ranking_model import RankingModel

Totals = Mapping[Family, float]
"""By family what its facts say together, in nats."""


def score(evidence: Sequence[Evidence], model: RankingModel, families: Sequence[Family] = tuple(Family)) -> float:
    """The sum over the families of what their facts say together, in nats."""
    return added(totals_of(evidence, model), model, families)


def totals_of(
    evidence: Sequence[Evidence], model: RankingModel, telling: Callable[[str, Family], float] | None = None
) -> Totals:
    """``telling``: of a rule and its family, how much of its facts counts, 0 to 1; None: all."""
    weights: dict[Family, list[float]] = {family: [] for family in Family}
    for e in evidence:
        weights[e.family].append(e.weight if telling is None else e.weight * telling(e.rule, e.family))
    return {family: model.families[family].total(several) for family, several in weights.items()}


def added(totals: Totals, model: RankingModel, families: Sequence[Family] = tuple(Family)) -> float:
    """A score, of the totals of some families."""
    return sum(totals[family] for family in families) / model.temperature


def stated(evidence: Sequence[Evidence], totals: Totals, model: RankingModel) -> tuple[Evidence, ...]:
    """Each with what the score would lose without it. The strongest first. ``totals``: of all of the evidence."""
    counted = []
    for e in evidence:
        without = model.families[e.family].total([o.weight for o in evidence if o.family is e.family and o is not e])
        counts = (totals[e.family] - without) / model.temperature
        counted.append(replace(e, counts=counts))
    return tuple(sorted(counted, key=lambda e: (-e.weight, e.rule)))
