"""The learned numbers, from prepared cases: a conditional logit with a penalty, the terms of "none", a threshold.

Nothing random is in it: the same cases give the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from backtrace_core.model import Family
from backtrace_core.none import Scores, none_score, usual_likeness
from backtrace_core.ranking_model import RankingModel
from evaluation.applying import bonus, parts
from evaluation.prepared import Array, Prepared
from evaluation.thresholds import named_from, no_change_from

PENALTY = 1.0
"""Of how far a weight lies from what is believed of it beforehand, squared."""
BELIEVED = {"named_in_alert": 1.7}
"""In nats; of all other rules nought. A path or a file in the text of a revert: measured on 702 cases of 41
repositories of another set than this one, where it occurs too seldom to be learned."""
_ROUNDS, _CLOSE, _HALVINGS = 60, 1e-7, 14


@dataclass(frozen=True)
class _Lists:
    """Lists of equal length: measured and own nats by list, candidate, rule; the row of the culprit."""

    measured: Array
    own: Array
    culprits: npt.NDArray[np.intp]


def fitted(cases: Sequence[Prepared], start: RankingModel, *, made_from: str) -> RankingModel:
    """Weights by what tells culprits from their neighbours; "none" by lists with a culprit and lists without.

    ``start`` gives the shares and limits of the families, and the names of the weights. Cases labelled ``N`` teach
    nothing: nobody could name a culprit from their text.

    :raises ValueError: without any list that has its culprit.
    """
    telling = [each for each in cases if each.case.label != "N"]
    if not any(each.culprit is not None for each in telling):
        raise ValueError("no case to learn from: DIR needs cases labelled S or D")
    weighed = replace(start, weights=_weights(telling, start), made_from=made_from)
    apart = _weighed_apart(telling, weighed)
    with_none = _none(telling, weighed, apart)
    learned = {repo: replace(with_none, weights=model.weights) for repo, model in apart.items()}
    return replace(with_none, named_from=named_from(telling, learned), no_change_from=no_change_from(telling, learned))


def weighed_alone(cases: Sequence[Prepared], start: RankingModel) -> RankingModel:
    """Only the weights are fitted: all that the order of the candidates depends on."""
    return replace(start, weights=_weights([each for each in cases if each.case.label != "N"], start))


def _weighed_apart(cases: Sequence[Prepared], weighed: RankingModel) -> Mapping[str, RankingModel]:
    """By repository the weights that the others teach: by what a list scores that was not learned from, "none" and
    the threshold are fitted. Of one repository alone, those that it taught itself.
    """
    fold_of = folds(sorted({each.case.repo for each in cases}))
    models = {}
    for fold in sorted(set(fold_of.values())):
        others = [each for each in cases if fold_of[each.case.repo] != fold and each.culprit is not None]
        models[fold] = replace(weighed, weights=_weights(others, weighed)) if others else weighed
    return {repo: models[fold] for repo, fold in fold_of.items()}


def _weights(cases: Sequence[Prepared], start: RankingModel) -> dict[str, float]:
    rules = tuple(start.weights)
    families = {rule: family for each in cases for rule, family in zip(each.rules, each.families, strict=True)}
    with_culprit = [each for each in cases if each.culprit is not None]
    everything = tuple(dict.fromkeys((*rules, *_speaking(with_culprit, families))))
    groups = _grouped(with_culprit, everything)
    believed = np.asarray([BELIEVED.get(rule, 0.0) for rule in everything])
    known = np.asarray([rule in start.weights for rule in everything])
    kinds = [families.get(rule, Family.PRIOR) for rule in everything]

    def value_and_slopes(weights: Array) -> tuple[float, Array, Array]:
        apart = weights - believed
        value = -0.5 * PENALTY * float(apart @ apart)
        slope, curve = -PENALTY * apart, PENALTY * np.eye(len(weights))
        for lists in groups:
            more = _likelihood(lists, weights, kinds, start)
            value, slope, curve = value + more[0], slope + more[1] * known, curve + more[2] * np.outer(known, known)
        return value, slope, curve

    begin = np.asarray([start.weights.get(rule, own) for rule, own in zip(everything, believed, strict=True)])
    found = _climbed(value_and_slopes, begin)
    return {rule: round(float(found[everything.index(rule)]), 4) for rule in rules}


def _speaking(cases: Sequence[Prepared], rules: Iterable[str]) -> list[str]:
    """Those of the rules that say anything at all."""
    saying = {
        rule
        for each in cases
        for number, rule in enumerate(each.rules)
        if each.measured[:, number].any() or each.own[:, number].any()
    }
    return [rule for rule in rules if rule in saying]


def _grouped(cases: Sequence[Prepared], rules: Sequence[str]) -> list[_Lists]:
    by_length: dict[int, list[Prepared]] = {}
    for each in cases:
        by_length.setdefault(len(each.keys), []).append(each)
    return [
        _Lists(
            np.asarray([_aligned(each.measured, each.rules, rules) for each in several]),
            np.asarray([_aligned(each.own, each.rules, rules) for each in several]),
            np.asarray([each.culprit for each in several]),
        )
        for several in by_length.values()
    ]


def _aligned(table: Array, own: Sequence[str], rules: Sequence[str]) -> Array:
    found = np.zeros((len(table), len(rules)))
    for number, rule in enumerate(own):
        if rule in rules:
            found[:, rules.index(rule)] = table[:, number]
    return found


def _likelihood(
    lists: _Lists, weights: Array, kinds: Sequence[Family], model: RankingModel
) -> tuple[float, Array, Array]:
    """Its logarithm, slope and (negative) curvature; where a family's strongest fact changes, the slope of one side."""
    values = lists.measured * weights + lists.own
    total = np.zeros(values.shape[:2])
    counting = np.zeros(values.shape)
    for family in Family:
        columns = [number for number, kind in enumerate(kinds) if kind is family]
        if columns:
            within = model.families[family]
            some = values[:, :, columns]
            total = total + within.totals(some.reshape(-1, len(columns))).reshape(values.shape[:2])
            counting[:, :, columns] = _counting(some, within.share, within.limit)
    slopes = lists.measured * counting
    shifted = total - total.max(axis=1, keepdims=True)
    shares = np.exp(shifted)
    sums = shares.sum(axis=1, keepdims=True)
    shares = shares / sums
    at = np.arange(len(lists.culprits))
    value = float((shifted[at, lists.culprits] - np.log(sums[:, 0])).sum())
    mean = np.einsum("nk,nkr->nr", shares, slopes)
    slope = slopes[at, lists.culprits].sum(axis=0) - mean.sum(axis=0)
    rooted = (slopes * np.sqrt(shares)[:, :, None]).reshape(-1, slopes.shape[2])
    curve = rooted.T @ rooted - mean.T @ mean
    return value, slope, curve


def _counting(values: Array, share: float, limit: float) -> Array:
    """How much of each fact the family's total takes: all of the strongest of either sign, a share of the others."""
    found = np.full(values.shape, share)
    for signed in (values, -values):
        strongest = signed.max(axis=2)
        first = (signed == strongest[:, :, None]) & (strongest > 0)[:, :, None]
        found[first] = 1.0
    whole = np.abs((values * found).sum(axis=2)) >= limit
    found[whole] = 0.0
    return found


_Climb = Callable[[Array], tuple[float, Array, Array]]


def _climbed(value_and_slopes: _Climb, start: Array) -> Array:
    """Newton's steps, halved as long as they don't climb."""
    at, (value, slope, curve) = start, value_and_slopes(start)
    for _ in range(_ROUNDS):
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(at)), slope)
        for _ in range(_HALVINGS):
            after = value_and_slopes(at + step)
            if after[0] > value:
                break
            step = step / 2
        else:
            return at
        climbed = after[0] - value
        at, (value, slope, curve) = at + step, after
        if climbed < _CLOSE:
            return at
    return at


@dataclass(frozen=True)
class _Posed:
    """A list with a culprit, or without: what its candidates score at a temperature of 1, and what is said beside."""

    parts: tuple[Array, ...]
    usual: float
    bonus: float
    culprit: int | None


_NONE_BELIEVED = (0.0, 1.0, 1.0, 0.0)
_NONE_PENALTY = (0.25, 1.0, 1.0, 4.0)
"""Of the terms of "none" (base, usual, scale) and of the logarithm of the temperature: what is believed of them
beforehand, and what lying off it costs, squared."""


def _none(cases: Sequence[Prepared], model: RankingModel, apart: Mapping[str, RankingModel]) -> RankingModel:
    """The terms of "none" and the temperature, by lists with a culprit and lists without. ``apart``: by repository."""
    plain = {repo: replace(each, temperature=1.0) for repo, each in apart.items()}
    posed = [_posed(each, plain[each.case.repo]) for each in cases if each.track in ("same_deploy", "innocent")]
    believed, penalty = np.asarray(_NONE_BELIEVED), np.asarray(_NONE_PENALTY)

    def value(at: Array) -> float:
        tried = _with_terms(model, at)
        lost = 0.5 * float(penalty @ (at - believed) ** 2)
        return sum(_log_share(each, tried) for each in posed) - lost

    begin = (model.none_base, model.none_usual, model.none_scale, math.log(model.temperature))
    found = _with_terms(model, _climbed(_by_differences(value), np.asarray(begin)))
    return replace(
        found,
        none_base=round(found.none_base, 4),
        none_usual=round(found.none_usual, 4),
        none_scale=round(found.none_scale, 4),
        temperature=round(found.temperature, 4),
    )


def _posed(each: Prepared, model: RankingModel) -> _Posed:
    return _Posed(parts(each, model), usual_likeness(each.background, model), bonus(each, model), each.culprit)


def _with_terms(model: RankingModel, at: Array) -> RankingModel:
    base, usual, scale, heat = map(float, at)
    return replace(
        model,
        none_base=base,
        none_usual=usual,
        none_scale=scale,
        temperature=math.exp(heat),
    )


def _log_share(each: _Posed, model: RankingModel) -> float:
    """The logarithm of the probability of what was so."""
    several = Scores(*((part / model.temperature).tolist() for part in each.parts))
    together = np.append(several.whole, none_score(model, several, each.usual, each.bonus))
    top = float(together.max())
    own = together[-1] if each.culprit is None else together[each.culprit]
    return float(own - top - math.log(np.exp(together - top).sum()))


def _by_differences(value: Callable[[Array], float], width: float = 1e-3) -> _Climb:
    def value_and_slopes(at: Array) -> tuple[float, Array, Array]:
        steps = np.eye(len(at)) * width
        here = value(at)
        up, down = ([value(at + sign * step) for step in steps] for sign in (1, -1))
        slope = (np.asarray(up) - np.asarray(down)) / (2 * width)
        curve = np.zeros((len(at), len(at)))
        for i, one in enumerate(steps):
            for j, other in enumerate(steps[: i + 1]):
                both = up[i] + down[i] - 2 * here if i == j else value(at + one + other) - up[i] - up[j] + here
                curve[i, j] = curve[j, i] = -both / width**2
        return here, slope, curve

    return value_and_slopes


def folds(repositories: Sequence[str], count: int = 5) -> Mapping[str, int]:
    """By repository: sorted names, index modulo the count."""
    return {name: number % count for number, name in enumerate(sorted(repositories))}
