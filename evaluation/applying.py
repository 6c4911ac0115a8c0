"""What a model says of prepared cases: as the bot's own ranking, on tables of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtrace_core.model import Family
from backtrace_core.none import (
    ALONE_NOBODY,
    SILENCE_BONUS,
    Scores,
    Standing,
    is_ahead,
    none_score,
    shares,
    tells_whether,
    usual_likeness,
)
from backtrace_core.ranking_model import RankingModel
from evaluation.prepared import Array, Prepared


def scores(each: Prepared, model: RankingModel) -> Array:
    """Of each candidate, in nats, as :func:`backtrace_core.weighing.score` adds them up."""
    return _added(each, _values(each, model), model, tuple(Family))


def _values(each: Prepared, model: RankingModel) -> Array:
    return np.asarray(each.measured * np.asarray([model.weight(rule) for rule in each.rules]) + each.own)


def _added(each: Prepared, values: Array, model: RankingModel, families: Sequence[Family]) -> Array:
    total = np.zeros(len(values))
    for family in families:
        columns = [number for number, f in enumerate(each.families) if f is family]
        if columns:
            total = total + model.families[family].totals(values[:, columns])
    return total / model.temperature


def parts(each: Prepared, model: RankingModel) -> tuple[Array, ...]:
    """Of each candidate what :class:`~backtrace_core.none.Scores` holds, in its order."""
    values, everything = _values(each, model), tuple(Family)
    telling = np.asarray(list(map(tells_whether, each.rules, each.families)))
    told = _added(each, values * telling, model, everything)
    return _added(each, values, model, everything), told, _added(each, values, model, (Family.TIME,))


def probabilities(each: Prepared, model: RankingModel) -> tuple[Array, float]:
    """Of each candidate, and of "no change explains this"."""
    parted = Scores(*(part.tolist() for part in parts(each, model)))
    none = none_score(model, parted, usual_likeness(each.background, model), bonus(each, model))
    found, probability_none = shares(parted.whole, none)
    return np.asarray(found), probability_none


def bonus(each: Prepared, model: RankingModel) -> float:
    """As in the bot; that no candidate has anything to do with what an alert says depends on the weights."""
    told = [number for number, family in enumerate(each.families) if family not in ALONE_NOBODY]
    silent = each.says_much and not (_values(each, model)[:, told] > 0).any()
    return each.bonus + (SILENCE_BONUS if silent else 0.0)


def first_named(each: Prepared, model: RankingModel) -> tuple[float, int, bool]:
    """The likeliest: its probability, its row, and whether it may be named if that is enough."""
    found, _ = probabilities(each, model)
    values = _values(each, model)
    rest = [family for family in Family if family not in ALONE_NOBODY]
    told, facts = _added(each, values, model, rest), _added(each, np.maximum(values, 0.0), model, rest)
    first, *others = np.argsort(-found, kind="stable")[:2]
    standing = [Standing(float(found[row]), float(told[row]), float(facts[row])) for row in (first, *others)]
    ahead = is_ahead(standing[0], standing[1] if others else None)
    return standing[0].probability, int(first), ahead and bool(each.tied[first])
