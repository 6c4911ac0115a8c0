"""Candidates and evidence become suspects with a probability each, and "no change explains this" with its own.

Weights are nats, added up; a softmax over all candidates and "none". What "none" weighs grows with how much the
candidates' times alone would claim, so that the number of deployments changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from backtrace_core.advice import advice_for
from backtrace_core.evidence import RULES
from backtrace_core.evidence.blamed_line import RULE as BLAMED
from backtrace_core.evidence.context import Context, context_of
from backtrace_core.evidence.deployed_before_onset import RULE as TIME
from backtrace_core.evidence.frame_in_hunk import RULE as FRAMES
from backtrace_core.evidence.named_in_alert import RULE as NAMES
from backtrace_core.evidence.nothing_in_common import says_enough
from backtrace_core.evidence.words_shared import RULE as WORDS
from backtrace_core.hidden import hides_candidates, unread
from backtrace_core.history import arrived
from backtrace_core.model import (
    SHORTLIST_MOST,
    SHORTLIST_SPREAD,
    Alert,
    Candidate,
    Evidence,
    Harvest,
    Outcome,
    Suspect,
)
from backtrace_core.outside import speaks_of_others
from backtrace_core.ties import is_tied

PRIOR_NONE = 0.45
"""How often no change is to blame: published shares lie between 30 and 74 %."""
QUIET_BONUS, OUTSIDE_BONUS = 0.7, 1.0
QUIET = timedelta(hours=2)
NAME_FROM, NAME_LEAD, NAME_FACTS = 0.5, 2.0, 1.5
SHORTLIST_FROM = 0.5
NONE_FROM = 0.65
MOST_FACTS = 5.0
_FACT = 0.8
_DIRECT = frozenset((NAMES, WORDS, FRAMES, BLAMED))


@dataclass(frozen=True, slots=True)
class Ranking:
    """``suspects``: all candidates, likeliest first. ``advice``: only for "not enough"."""

    outcome: Outcome
    suspects: tuple[Suspect, ...]
    probability_none: float
    advice: str = ""


def rank(
    candidates: tuple[Candidate, ...], alert: Alert, harvest: Harvest, ruled_out: frozenset[str] = frozenset()
) -> Ranking:
    """Weigh all candidates. Ties: the deployment that went live later first, then the change's key.

    ``ruled_out``: keys of the changes that people took off the candidates; only the advice minds them.
    """
    context = context_of(candidates, alert, harvest)
    weighed = [(c, _evidence(c, alert, context)) for c in candidates]
    scores = [_score(evidence) for _, evidence in weighed]
    none = _none(candidates, weighed, alert)
    shares, probability_none = _softmax(scores, none)
    suspects = tuple(
        sorted(
            (Suspect(c, e, p) for (c, e), p in zip(weighed, shares, strict=True)),
            key=_likeliest_first,
        )
    )
    named = _names_first(suspects, alert, context)
    outcome = Outcome.NAMED if named else _otherwise(suspects, probability_none, context, (alert, harvest))
    if outcome is not Outcome.NOT_ENOUGH:
        return Ranking(outcome, suspects, probability_none)
    advice = advice_for(alert, harvest, context, unread(candidates, alert), ruled_out)
    return Ranking(outcome, suspects, probability_none, advice)


def _evidence(candidate: Candidate, alert: Alert, context: Context) -> tuple[Evidence, ...]:
    """What the rules say, the strongest first."""
    said = [e for rule in RULES if (e := rule(candidate, alert, context)) is not None]
    return tuple(sorted(said, key=lambda e: (-e.weight, e.rule)))


def _score(evidence: tuple[Evidence, ...]) -> float:
    """All weights together; but facts that speak for a change often repeat each other, so that they are capped.

    A frame inside the changed lines is more than all of them, and so is the line's blame: they say the same.
    """
    facts = sum(e.weight for e in evidence if e.rule != TIME and e.weight > 0)
    others = sum(e.weight for e in evidence if e.rule == TIME or e.weight <= 0)
    frame = max((e.weight for e in evidence if e.rule in (FRAMES, BLAMED)), default=0.0)
    return others + max(frame, min(facts, MOST_FACTS))


def _none(
    candidates: tuple[Candidate, ...], weighed: list[tuple[Candidate, tuple[Evidence, ...]]], alert: Alert
) -> float:
    """The weight of "no change explains this", in nats."""
    if not candidates:
        return 0.0
    by_clock = sum(math.exp(_time_weight(evidence)) for _, evidence in weighed)
    weight = math.log(PRIOR_NONE / (1 - PRIOR_NONE)) + math.log(by_clock)
    if all(_quiet(candidate, alert) for candidate in candidates):
        weight += QUIET_BONUS
    return weight + (OUTSIDE_BONUS if speaks_of_others(alert) else 0.0)


def _time_weight(evidence: tuple[Evidence, ...]) -> float:
    return sum(e.weight for e in evidence if e.rule == TIME)


def _quiet(candidate: Candidate, alert: Alert) -> bool:
    finished = candidate.live_at
    return finished is not None and alert.onset.earliest - finished > QUIET


def _softmax(scores: list[float], none: float) -> tuple[list[float], float]:
    top = max((*scores, none))
    weights = [math.exp(score - top) for score in scores]
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


def _names_first(suspects: tuple[Suspect, ...], alert: Alert, context: Context) -> bool:
    """Likely, clearly ahead, and tied to the alert; time, kind of change and one word alone name nobody."""
    if not suspects:
        return False
    first, second = suspects[0], suspects[1] if len(suspects) > 1 else None
    ahead = second is None or first.probability >= NAME_LEAD * second.probability
    by_facts = first.probability >= NAME_FROM and ahead and _facts(first) >= NAME_FACTS
    return by_facts and is_tied(first.candidate, first.evidence, alert, context)


def _facts(suspect: Suspect) -> float:
    return sum(e.weight for e in suspect.evidence if e.rule != TIME and e.weight > 0)


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
