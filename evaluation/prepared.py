"""What the rules of evidence say of each candidate of each case, before the learned numbers weigh it.

The rules run as in the bot, once with all learned weights at one and once at nought: the difference is what a rule
measured, the rest is what it says by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from backtrace_core.corpus import Corpus
from backtrace_core.evidence.context import ENOUGH_WORDS, Context, context_of
from backtrace_core.evidence.rules import evidence_for
from backtrace_core.model import Alert, Candidate, Change, Family
from backtrace_core.none import bonus_of
from backtrace_core.ranking_model import RankingModel
from backtrace_core.ties import is_tied
from evaluation.as_harvest import alert_of, shipped
from evaluation.cases import Case

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """One list of one case. ``keys``: the candidates. ``measured``, ``own``: a row a candidate, a column a rule, nats
    for a weight of one, and nats beside that. ``families``: of each column. ``background``: by known change of the
    project, what the text rules measured, in the order of their columns; of a ``timeline`` none. ``bonus``: what speaks
    for "none" beside the candidates; ``says_much``: that none of them has to do with it does too. ``tied``: by
    candidate, whether it may be named. ``culprit``: its row; None: it is not in the list.
    """

    case: Case
    track: str
    keys: tuple[str, ...]
    rules: tuple[str, ...]
    families: tuple[Family, ...]
    measured: Array
    own: Array
    background: Array
    bonus: float
    says_much: bool
    tied: npt.NDArray[np.bool_]
    culprit: int | None


def prepared(case: Case, track: str, corpus: Corpus, changes: dict[str, Change], model: RankingModel) -> Prepared:
    candidates, harvest = shipped(case, track, changes)
    alert = alert_of(case)
    context = context_of(candidates, alert, harvest, corpus, model)
    ones, nought = (_with(context, dict.fromkeys(model.weights, value)) for value in (1.0, 0.0))
    measured = [_by_rule(candidate, alert, ones) for candidate in candidates]
    own = [_by_rule(candidate, alert, nought) for candidate in candidates]
    families = dict(sorted((rule, f) for row in (*measured, *own) for rule, (_, f) in row.items()))
    at_one, at_nought = (_table(rows, families) for rows in (measured, own))
    background = context.background
    tied = [is_tied(candidate, evidence_for(candidate, alert, context), context) for candidate in candidates]
    keys = tuple(candidate.change.key for candidate in candidates)
    wanted = changes[case.culprit].key
    return Prepared(
        case=case,
        track=track,
        keys=keys,
        rules=tuple(families),
        families=tuple(families.values()),
        measured=at_one - at_nought,
        own=at_nought,
        background=background.astype(np.float32) if track != "timeline" else np.zeros((0, background.shape[1])),
        bonus=bonus_of(candidates, alert),
        says_much=len(context.said) >= ENOUGH_WORDS,
        tied=np.asarray(tied),
        culprit=keys.index(wanted) if wanted in keys else None,
    )


def _with(context: Context, weights: dict[str, float]) -> Context:
    return replace(context, model=replace(context.model, weights=weights))


def _by_rule(candidate: Candidate, alert: Alert, context: Context) -> dict[str, tuple[float, Family]]:
    return {e.rule: (e.weight, e.family) for e in evidence_for(candidate, alert, context)}


def _table(rows: Iterable[dict[str, tuple[float, Family]]], rules: Iterable[str]) -> Array:
    names = tuple(rules)
    return np.asarray([[row.get(rule, (0.0, Family.TEXT))[0] for rule in names] for row in rows])
