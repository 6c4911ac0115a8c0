"""Candidates and evidence become suspects with a probability each, and "no change explains this" with its own.

``P(change | evidence)`` is a softmax of scores in nats over all candidates and "none". A score is the change's
evidence, added up by family. "None" scores what time and kind of change alone give all candidates together, and what
innocent changes usually have in common with such an alert: so neither the number of candidates nor an alert of many
everyday words makes anybody more suspect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from backtrace_core.advice import advice_for
from backtrace_core.corpus import Corpus
from backtrace_core.evidence.context import ENOUGH_WORDS, Context, context_of, says_enough
from backtrace_core.evidence.named_in_alert import RULE as NAMED
from backtrace_core.evidence.rules import evidence_for
from backtrace_core.hidden import hides_candidates, unread
from backtrace_core.history import arrived
from backtrace_core.likeness import COLUMNS, WORDS_IN_CODE, WORDS_SHARED
from backtrace_core.model import (
    SHORTLIST_MOST,
    SHORTLIST_SPREAD,
    Alert,
    Candidate,
    Evidence,
    Family,
    Harvest,
    Outcome,
    Suspect,
)
from backtrace_core.outside import speaks_of_others
from backtrace_core.ranking_model import RankingModel
from backtrace_core.ties import POINTERS, is_tied
from backtrace_core.weighing import score, stated

QUIET_BONUS, OUTSIDE_BONUS, SILENCE_BONUS = 0.7, 1.3, 0.5
QUIET = timedelta(hours=2)
NAME_LEAD, NAME_FACTS = 2.0, 1.2
LEAD_BY_FACTS = 0.2
"""Nats by which the named one must be ahead of the next even if time and kind of change are left out."""
SHORTLIST_FROM = 0.5
NONE_FROM = 0.5
_FACT = 0.5
_DIRECT = POINTERS | {NAMED, WORDS_IN_CODE, WORDS_SHARED}
ALONE_NOBODY = (Family.TIME, Family.PRIOR)
"""What speaks for a change without a look at what the alert says."""
SILENT = 50
"""Known changes that have nothing in common with an alert, taken to exist beside those that are known."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """``suspects``: all candidates, likeliest first. ``advice``: only for "not enough"."""

    outcome: Outcome
    suspects: tuple[Suspect, ...]
    probability_none: float
    advice: str = ""


def rank(  # noqa: PLR0913 (what is known, and what is learned)
    candidates: tuple[Candidate, ...],
    alert: Alert,
    harvest: Harvest,
    ruled_out: frozenset[str] = frozenset(),
    *,
    corpus: Corpus | None = None,
    model: RankingModel | None = None,
) -> Ranking:
    """Weigh all candidates. Ties: the deployment that went live later first, then the change's key.

    ``ruled_out``: keys of the changes that people took off the candidates; only the advice minds them. ``corpus``: what
    the project's changes teach, where that is known already. ``model``: other learned numbers than the shipped ones.
    """
    context = context_of(candidates, alert, harvest, corpus, model)
    weighed = [(c, evidence_for(c, alert, context)) for c in candidates]
    scores = [score(evidence, context.model) for _, evidence in weighed]
    none = _none(candidates, weighed, alert, context)
    shares, probability_none = _softmax(scores, none)
    suspects = tuple(
        sorted(
            (Suspect(c, stated(e, context.model), p, s) for (c, e), p, s in zip(weighed, shares, scores, strict=True)),
            key=_likeliest_first,
        )
    )
    named = _names_first(suspects, context)
    outcome = Outcome.NAMED if named else _otherwise(suspects, probability_none, context, (alert, harvest))
    if outcome is not Outcome.NOT_ENOUGH:
        return Ranking(outcome, suspects, probability_none)
    advice = advice_for(alert, harvest, context, unread(candidates, alert), ruled_out)
    return Ranking(outcome, suspects, probability_none, advice)


def _none(
    candidates: tuple[Candidate, ...],
    weighed: list[tuple[Candidate, tuple[Evidence, ...]]],
    alert: Alert,
    context: Context,
) -> float:
    """The score of "no change explains this", in nats."""
    if not candidates:
        return 0.0
    model = context.model
    by_chance = sum(math.exp(score(evidence, model, ALONE_NOBODY)) for _, evidence in weighed)
    weight = model.none_base + math.log(by_chance) + model.none_usual * usual_likeness(context)
    if all(_quiet(candidate, alert) for candidate in candidates):
        weight += QUIET_BONUS
    if len(context.said) >= ENOUGH_WORDS and not any(_speaks(evidence) for _, evidence in weighed):
        weight += SILENCE_BONUS
    return weight + (OUTSIDE_BONUS if speaks_of_others(alert) else 0.0)


def _speaks(evidence: tuple[Evidence, ...]) -> bool:
    return any(e.weight > 0 and e.family not in ALONE_NOBODY for e in evidence)


def usual_likeness(context: Context) -> float:
    """What any known change of the project scores by the alert's text alone: the log of the mean odds, in nats."""
    worth = np.asarray([context.model.weight(rule) for rule in COLUMNS])
    totals = context.model.families[Family.TEXT].totals(context.likeness.strengths * worth)
    if not len(totals):
        return 0.0
    return float(np.log((np.exp(totals).sum() + SILENT) / (len(totals) + SILENT)))


def _quiet(candidate: Candidate, alert: Alert) -> bool:
    finished = candidate.live_at
    return finished is not None and alert.onset.earliest - finished > QUIET


def _softmax(scores: list[float], none: float) -> tuple[list[float], float]:
    top = max((*scores, none))
    weights = [math.exp(each - top) for each in scores]
    weight_none = math.exp(none - top)
    total = sum(weights) + weight_none
    return [weight / total for weight in weights], weight_none / total


def _likeliest_first(suspect: Suspect) -> tuple[float, float, str]:
    when = suspect.candidate.live_at or arrived(suspect.candidate)
    return (-suspect.probability, -when.timestamp(), suspect.candidate.change.key)


def _otherwise(
    suspects: tuple[Suspect, ...], probability_none: float, context: Context, asked: tuple[Alert, Harvest]
) -> Outcome:
    """The outcome where nobody is named."""
    alert, harvest = asked
    if _shortlisted(suspects) > 1:
        return Outcome.SHORTLIST
    if any(hides_candidates(gap) for gap in harvest.gaps) or unread((s.candidate for s in suspects), alert):
        return Outcome.NOT_ENOUGH
    if not suspects:
        return Outcome.NO_CHANGE
    if probability_none >= NONE_FROM and says_enough(alert, context):
        return Outcome.NO_CHANGE
    return Outcome.NOT_ENOUGH


def _names_first(suspects: tuple[Suspect, ...], context: Context) -> bool:
    """Likely, clearly ahead, and tied to the alert; time, kind of change and one word alone name nobody."""
    if not suspects:
        return False
    first, second = suspects[0], suspects[1] if len(suspects) > 1 else None
    ahead = second is None or first.probability >= NAME_LEAD * second.probability
    by_more_than_time = second is None or _told(first, context) - _told(second, context) >= LEAD_BY_FACTS
    by_facts = first.probability >= context.model.named_from and ahead and _facts(first, context) >= NAME_FACTS
    return by_facts and by_more_than_time and is_tied(first.candidate, first.evidence, context)


def _told(suspect: Suspect, context: Context) -> float:
    """Its score by what the alert says, without time and kind of change, in nats."""
    return score([e for e in suspect.evidence if e.family not in ALONE_NOBODY], context.model)


def _facts(suspect: Suspect, context: Context) -> float:
    """What speaks for it of what the alert says, in nats."""
    told = [e for e in suspect.evidence if e.weight > 0 and e.family not in ALONE_NOBODY]
    return score(told, context.model)


def _is_direct(suspect: Suspect) -> bool:
    return any(e.rule in _DIRECT and e.weight >= _FACT for e in suspect.evidence)


def _shortlisted(suspects: tuple[Suspect, ...]) -> int:
    """How many of the first can't be told apart; 0 when there are more than a shortlist holds, or too little mass."""
    if not suspects:
        return 0
    close = [s for s in suspects if s.probability * SHORTLIST_SPREAD >= suspects[0].probability]
    if len(close) > SHORTLIST_MOST or not all(_is_direct(s) for s in close):
        return 0
    return len(close) if sum(s.probability for s in close) >= SHORTLIST_FROM else 0
