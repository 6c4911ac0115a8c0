"""What "no change explains this" scores, and whether the first is far enough ahead to be named: on numbers alone.

The bot ranks by these functions, and ``backtrace fit`` learns by them: what is fitted is what is used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from backtrace_core.likeness import COLUMNS, GOES_WITH, LIKE_ANOTHER, SAME_SUBJECT
from backtrace_core.model import Alert, Candidate, Family
from backtrace_core.outside import speaks_of_others
from backtrace_core.ranking_model import RankingModel
from backtrace_core.subjects import Array

QUIET_BONUS, OUTSIDE_BONUS, SILENCE_BONUS = 0.7, 1.3, 0.5
QUIET = timedelta(hours=2)
ALONE_NOBODY = (Family.TIME, Family.PRIOR)
"""What speaks for a change without a look at what the alert says."""
_BY_COMPANY = (SAME_SUBJECT, LIKE_ANOTHER, GOES_WITH)
"""Rules that go by the company which words keep."""
_COMPANY_TELLS = 0.5
"""How much of those tells that any change did it. Changes about one subject come in rows, and all but one are innocent:
they tell rather which of them it was.
"""
SHARPNESS = 2.0
"""The power of the mean in which odds are taken together: above 1 the best fit counts more than many that half fit."""
SILENT = 50
"""Known changes that have nothing in common with an alert, taken to exist beside those that are known."""
NAME_LEAD, NAME_FACTS = 2.0, 1.2
LEAD_BY_FACTS = 0.2
"""Nats by which the named one must be ahead of the next even if time and kind of change are left out."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Of each candidate (at least one), in nats: by all that is known, by what tells that any did it, by time alone."""

    whole: Sequence[float]
    told: Sequence[float]
    by_time: Sequence[float]


def tells_whether(rule: str, family: Family) -> float:
    """How much of a fact, 0 to 1, tells that any change did it: nothing of its being of a kind that breaks often."""
    if family is Family.PRIOR:
        return 0.0
    return _COMPANY_TELLS if rule in _BY_COMPANY else 1.0


def none_score(model: RankingModel, scores: Scores, usual: float, bonus: float) -> float:
    """In nats. ``usual``: see :func:`usual_likeness`. ``bonus``: what the alert and the deployments say for "none" by
    themselves.

    As in a nested logit (McFadden 1978), which of the changes it was is one question, whether any of them was is
    another. For that counts how well the best of them fit, by ``none_scale``: their odds in a power mean, beside the
    odds that their times alone give them.
    """
    fit = _together(scores.told, SHARPNESS) - _together(scores.by_time, SHARPNESS)
    return model.none_base + _together(scores.whole, 1.0) - model.none_scale * fit + model.none_usual * usual + bonus


def _together(scores: Sequence[float], power: float) -> float:
    several = [power * each for each in scores]
    top = max(several)
    return (top + math.log(math.fsum(math.exp(each - top) for each in several))) / power


def usual_likeness(background: Array, model: RankingModel) -> float:
    """What the known changes of the project score by the alert's text alone: their odds in a power mean, in nats.

    ``background``: a row for each of them, what the text rules measured, in the order of their columns.
    """
    worth = np.asarray([model.weight(rule) * tells_whether(rule, Family.TEXT) for rule in COLUMNS])
    totals = SHARPNESS * model.families[Family.TEXT].totals(background * worth)
    return float(np.log((np.exp(totals).sum() + SILENT) / (len(totals) + SILENT))) / SHARPNESS


def shares(scores: Iterable[float], none: float) -> tuple[list[float], float]:
    """The probability of each candidate, in whatever order, and of "none"."""
    several = list(scores)
    top = max((*several, none))
    weights = [math.exp(each - top) for each in several]
    weight_none = math.exp(none - top)
    total = math.fsum((*weights, weight_none))
    return [weight / total for weight in weights], weight_none / total


def bonus_of(candidates: Iterable[Candidate], alert: Alert) -> float:
    """Where nothing went live for hours, and where the alert itself points at somebody else's system."""
    quiet = QUIET_BONUS if all(_quiet(candidate, alert) for candidate in candidates) else 0.0
    return quiet + (OUTSIDE_BONUS if speaks_of_others(alert) else 0.0)


def _quiet(candidate: Candidate, alert: Alert) -> bool:
    finished = candidate.live_at
    return finished is not None and alert.onset.earliest - finished > QUIET


@dataclass(frozen=True, slots=True)
class Standing:
    """One candidate's numbers. ``told``: its score without :data:`ALONE_NOBODY`; ``facts``: what of that speaks for it.
    Both in nats.
    """

    probability: float
    told: float
    facts: float


def is_ahead(first: Standing, second: Standing | None) -> bool:
    """Clearly, and not by time and kind of change alone."""
    if first.facts < NAME_FACTS:
        return False
    if second is None:
        return True
    return first.probability >= NAME_LEAD * second.probability and first.told - second.told >= LEAD_BY_FACTS
