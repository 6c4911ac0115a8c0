"""Candidates and evidence become suspects with a probability each, and "no change explains this" with its own.

``P(change | evidence)`` is a softmax of scores in nats over all candidates and "none". A score is the change's
evidence, added up by family. "None" scores what the candidates score together, less how much better the best of them
fit than innocent changes of the project usually do: so neither the number of candidates nor an alert of many everyday
words makes anybody more suspect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backtrace_core.advice import advice_for
from backtrace_core.corpus import Corpus
from backtrace_core.evidence.context import ENOUGH_WORDS, Context, context_of, says_enough
from backtrace_core.evidence.named_in_alert import RULE as NAMED
from backtrace_core.evidence.outlived import RULE as OUTLIVED
from backtrace_core.evidence.rules import evidence_for
from backtrace_core.hidden import hides_candidates, unread
from backtrace_core.history import arrived
from backtrace_core.likeness import SPELLED_ALIKE, WORDS_IN_CODE, WORDS_SHARED
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
from backtrace_core.none import (
    ALONE_NOBODY,
    SILENCE_BONUS,
    Scores,
    Standing,
    bonus_of,
    is_ahead,
    none_score,
    shares,
    tells_whether,
    usual_likeness,
)
from backtrace_core.once import once
from backtrace_core.ranking_model import RankingModel
from backtrace_core.ties import POINTERS, is_tied
from backtrace_core.weighing import Totals, added, score, stated, totals_of

SHORTLIST_FROM = 0.5
_FACT = 0.5
_DIRECT = POINTERS | {NAMED, WORDS_IN_CODE, WORDS_SHARED, SPELLED_ALIKE}


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
    """Weigh all candidates, each change once. Ties: the deployment that went live later first, then the change's key.

    ``ruled_out``: keys of the changes that people took off the candidates. ``corpus``: what the project's changes
    teach, where that is known already. ``model``: other learned numbers than the shipped ones.
    """
    candidates = once(candidates)
    context = context_of(candidates, alert, harvest, corpus, model)
    suspects, probability_none = _weighed(candidates, alert, context)
    outcome = _otherwise(suspects, probability_none, context, (alert, harvest))
    if _names_first(suspects, context):
        is_named = _is_named_anyway(suspects[0], alert, context, candidates)
        # What a rollback proved against one of them points at nobody: they are shown, and that is all.
        outcome = (
            Outcome.NAMED if is_named else Outcome.SHORTLIST if _shortlisted(suspects, probability_none) else outcome
        )
    if ruled_out and outcome is Outcome.NO_CHANGE:
        # One fitted, or people would not have been shown it; that they are right is theirs to say.
        outcome = Outcome.NOT_ENOUGH
    if outcome is not Outcome.NOT_ENOUGH:
        return Ranking(outcome, suspects, probability_none)
    advice = advice_for(alert, harvest, context, _unread(suspects, alert), ruled_out)
    return Ranking(outcome, suspects, probability_none, advice)


def _weighed(candidates: tuple[Candidate, ...], alert: Alert, context: Context) -> tuple[tuple[Suspect, ...], float]:
    """All candidates, likeliest first, and the probability of "no change explains this"."""
    weighed = [(c, evidence_for(c, alert, context)) for c in candidates]
    totals = [totals_of(evidence, context.model) for _, evidence in weighed]
    scores = [added(each, context.model) for each in totals]
    none = _none(totals, weighed, alert, context)
    probabilities, probability_none = shares(scores, none)
    suspects = (
        Suspect(c, stated(e, t, context.model), p, s)
        for (c, e), t, p, s in zip(weighed, totals, probabilities, scores, strict=True)
    )
    return tuple(sorted(suspects, key=_likeliest_first)), probability_none


def _is_named_anyway(first: Suspect, alert: Alert, context: Context, candidates: tuple[Candidate, ...]) -> bool:
    """Whether it would be named as well without what rollbacks did not help, and was not itself taken away in vain.

    That one change did not do it makes no other one the culprit.
    """
    if not context.outlived:
        return True
    if any(e.rule == OUTLIVED for e in first.evidence):
        return False
    without = replace(context, outlived={})
    suspects, _ = _weighed(candidates, alert, without)
    return _names_first(suspects, without) and suspects[0].candidate.change.key == first.candidate.change.key


def _none(
    totals: list[Totals],
    weighed: list[tuple[Candidate, tuple[Evidence, ...]]],
    alert: Alert,
    context: Context,
) -> float:
    """The score of "no change explains this", in nats."""
    if not weighed:
        return 0.0
    model = context.model
    whole = [added(each, model) for each in totals]
    told = [added(totals_of(evidence, model, tells_whether), model) for _, evidence in weighed]
    by_time = [added(each, model, (Family.TIME,)) for each in totals]
    bonus = bonus_of((candidate for candidate, _ in weighed), alert)
    if len(context.said) >= ENOUGH_WORDS and not any(_speaks(evidence) for _, evidence in weighed):
        bonus += SILENCE_BONUS
    return none_score(model, Scores(whole, told, by_time), usual_likeness(context.background, model), bonus)


def _speaks(evidence: tuple[Evidence, ...]) -> bool:
    return any(e.weight > 0 and e.family not in ALONE_NOBODY for e in evidence)


def _likeliest_first(suspect: Suspect) -> tuple[float, float, str]:
    when = suspect.candidate.live_at or arrived(suspect.candidate)
    return (-suspect.probability, -when.timestamp(), suspect.candidate.change.key)


def _otherwise(
    suspects: tuple[Suspect, ...], probability_none: float, context: Context, asked: tuple[Alert, Harvest]
) -> Outcome:
    """The outcome where nobody is named."""
    alert, harvest = asked
    if _shortlisted(suspects, probability_none) > 1:
        return Outcome.SHORTLIST
    if any(hides_candidates(gap) for gap in harvest.gaps) or _unread(suspects, alert):
        return Outcome.NOT_ENOUGH
    if not suspects:
        return Outcome.NO_CHANGE
    if probability_none >= context.model.no_change_from and says_enough(alert, context):
        return Outcome.NO_CHANGE
    return Outcome.NOT_ENOUGH


def _unread(suspects: tuple[Suspect, ...], alert: Alert) -> Candidate | None:
    """The likeliest of those that could not be read."""
    return unread((suspect.candidate for suspect in suspects), alert)


def _names_first(suspects: tuple[Suspect, ...], context: Context) -> bool:
    """Likely, clearly ahead, and tied to the alert; time, kind of change and one word alone name nobody."""
    if not suspects:
        return False
    first, second = suspects[0], suspects[1] if len(suspects) > 1 else None
    ahead = is_ahead(_standing(first, context), _standing(second, context) if second is not None else None)
    by_facts = first.probability >= context.model.named_from and ahead
    return by_facts and is_tied(first.candidate, first.evidence, context)


def _standing(suspect: Suspect, context: Context) -> Standing:
    told = [e for e in suspect.evidence if e.family not in ALONE_NOBODY]
    facts = [e for e in told if e.weight > 0]
    return Standing(suspect.probability, score(told, context.model), score(facts, context.model))


def _is_direct(suspect: Suspect) -> bool:
    return any(e.rule in _DIRECT and e.weight >= _FACT for e in suspect.evidence)


def _shortlisted(suspects: tuple[Suspect, ...], probability_none: float) -> int:
    """How many of the first can't be told apart; 0 when there are more than a shortlist holds, or too little mass, or
    when it is likelier that no change did it than that the first of them did.
    """
    if not suspects or suspects[0].probability < probability_none:
        return 0
    close = [s for s in suspects if s.probability * SHORTLIST_SPREAD >= suspects[0].probability]
    if len(close) > SHORTLIST_MOST or not all(_is_direct(s) for s in close):
        return 0
    return len(close) if sum(s.probability for s in close) >= SHORTLIST_FROM else 0
