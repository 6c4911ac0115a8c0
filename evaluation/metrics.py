"""Figures of rankings and of probabilities. All are means over cases, or over lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
T = TypeVar("T")

BINS = 10
_DRAWS, _SEED = 2000, 20


def rank_of(scores: Array, culprit: int) -> float:
    """1 for the first; a tie counts as the mean rank of the tied, so that no order of the list can help."""
    own = scores[culprit]
    return 1 + float((scores > own).sum()) + (float((scores == own).sum()) - 1) / 2


def of_ranks(ranks: Sequence[float]) -> dict[str, float]:
    """``n``, ``top1``, ``top3``, ``top5`` and ``mrr``, the mean of one over the rank."""
    found = np.asarray(ranks, dtype=float)
    if not len(found):
        return {"n": 0, "top1": 0.0, "top3": 0.0, "top5": 0.0, "mrr": 0.0}
    tops = {f"top{k}": round(float((found <= k).mean()), 4) for k in (1, 3, 5)}
    return {"n": len(found), **tops, "mrr": round(float((1 / found).mean()), 4)}


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a positive scores higher than a negative; a tie is half."""
    above, below = np.asarray(positive), np.asarray(negative)
    if not len(above) or not len(below):
        return 0.5
    apart = above[:, None] - below[None, :]
    return float((apart > 0).mean() + (apart == 0).mean() / 2)


@dataclass(frozen=True, slots=True)
class Bin:
    """The mean probability that was ``said``, the share of the answers that came ``true``, the ``count``."""

    said: float
    true: float
    count: int


def bins(probabilities: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Of equal mass, by rising probability."""
    said, true = np.asarray(probabilities), np.asarray(right, dtype=float)
    parts = np.array_split(np.argsort(said, kind="stable"), BINS)
    return [Bin(float(said[rows].mean()), float(true[rows].mean()), len(rows)) for rows in parts if len(rows)]


def ece(probabilities: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error: in bins of equal mass, how far what was said lies from what came true."""
    if not len(probabilities):
        return 0.0
    apart = (abs(each.said - each.true) * each.count for each in bins(probabilities, right))
    return float(sum(apart) / len(probabilities))


def ece_perfect(probabilities: Sequence[float]) -> float:
    """What a perfectly calibrated model of that many answers would get on average: it is never nought."""
    said = np.asarray(probabilities)
    draws = np.random.default_rng(_SEED)
    return float(np.mean([ece(probabilities, list(draws.random(len(said)) < said)) for _ in range(_DRAWS // 10)]))


def slope(probabilities: Sequence[float], right: Sequence[bool]) -> float:
    """Of the logistic regression of what came true on the log odds of what was said: 1 is calibrated, less too bold."""
    said = np.clip(np.asarray(probabilities), 1e-6, 1 - 1e-6)
    odds, true = np.log(said / (1 - said)), np.asarray(right, dtype=float)
    rows = np.column_stack((np.ones(len(odds)), odds))
    at = np.zeros(2)
    for _ in range(50):
        expected = 1 / (1 + np.exp(-rows @ at))
        curve = (rows.T * (expected * (1 - expected))) @ rows + 1e-9 * np.eye(2)
        at = at + np.linalg.solve(curve, rows.T @ (true - expected))
    return float(at[1])


def risk_coverage(probabilities: Sequence[float], right: Sequence[bool]) -> list[dict[str, float]]:
    """Named by falling probability: at each tenth of coverage the share that was right."""
    order = np.argsort(-np.asarray(probabilities), kind="stable")
    true = np.asarray(right, dtype=float)[order]
    counts = [(tenth / 10, max(1, round(tenth / 10 * len(true)))) for tenth in range(1, 11)]
    return [{"coverage": share, "precision": round(float(true[:count].mean()), 4)} for share, count in counts]


def right_from(answers: Iterable[tuple[float, bool]], wanted: float, least: float) -> float:
    """The least probability, not below ``least``, from which on the ``wanted`` share was right; 1 where there is none.

    ``answers``: each one's probability, and whether it was right.
    """
    right, found = 0, 1.0
    # Of what is equally likely the wrong ones first: a threshold takes all of them.
    for count, (probability, is_right) in enumerate(sorted(answers, key=lambda each: (-each[0], each[1])), 1):
        right += is_right
        if right / count >= wanted and probability >= least:
            found = probability
    return round(found, 4)


def intervals(
    rows: Mapping[str, Sequence[T]], figure: Callable[[list[T]], float], draws: int = _DRAWS
) -> tuple[float, float]:
    """95 % of a figure, by drawing repositories: ``rows`` are each one's."""
    names = sorted(rows)
    if len(names) < 2:
        return (-math.inf, math.inf)
    chance = np.random.default_rng(_SEED)
    found = []
    for _ in range(draws):
        drawn = chance.integers(0, len(names), len(names))
        found.append(figure([row for number in drawn for row in rows[names[number]]]))
    low, high = np.percentile(found, (2.5, 97.5))
    return (round(float(low), 4), round(float(high), 4))
