"""The figures of ``backtrace eval``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from backtrace_core.model import Outcome
from backtrace_core.ranking_model import RankingModel
from evaluation import metrics
from evaluation.answers import Answer, of_track
from evaluation.applying import scores
from evaluation.fitting import fitted, folds, weighed_alone
from evaluation.metrics import of_ranks
from evaluation.prepared import Prepared

LABELS = {"S": "S", "D": "D", "S+D": "SD", "N": "N"}
FOLDS = 5


def models_by_folds(cases: Sequence[Prepared], start: RankingModel) -> dict[str, RankingModel]:
    """By repository the numbers that the repositories of the other folds teach."""
    return _by_folds(cases, lambda rest, fold: fitted(rest, start, made_from=f"without fold {fold}"))


def _by_folds(
    cases: Sequence[Prepared], taught_by: Callable[[list[Prepared], int], RankingModel]
) -> dict[str, RankingModel]:
    fold_of = folds(sorted({each.case.repo for each in cases}), FOLDS)
    taught = {
        fold: taught_by([each for each in cases if fold_of[each.case.repo] != fold], fold)
        for fold in sorted(set(fold_of.values()))
    }
    return {repo: taught[fold] for repo, fold in fold_of.items()}


def report(answers: Sequence[Answer], baselines: Mapping[str, Any], costs: Mapping[str, float]) -> dict[str, Any]:
    """All figures as they are printed. ``costs``: by rule the log loss that taking it out costs."""
    return {
        "same_deploy": {name: _ranks(of_track(answers, "same_deploy", labels)) for name, labels in LABELS.items()},
        "timeline": {name: _ranks(of_track(answers, "timeline", labels)) for name, labels in LABELS.items()},
        "calibration": _calibration(answers),
        "none": _none(answers),
        "intervals": _intervals(answers),
        "per_repository": _per_repository(answers),
        "rules": dict(costs),
        "facts": _facts(answers),
        "seconds_per_case": round(float(np.mean([each.seconds for each in answers])), 4),
        "baselines": dict(baselines),
    }


def costs_of_rules(cases: Sequence[Prepared], start: RankingModel) -> dict[str, float]:
    """By rule: how much the mean log loss of ``same_deploy`` and ``timeline`` grows when it is taken out.

    On repositories that the numbers were not fitted to, and with the others fitted anew. Below nought: it does harm.
    """
    whole = _held_out_loss(cases, start)
    found = {rule: round(_held_out_loss(cases, _without(start, rule)) - whole, 5) for rule in start.weights}
    return dict(sorted(found.items(), key=lambda row: -row[1]))


def _without(model: RankingModel, rule: str) -> RankingModel:
    return replace(model, weights={name: weight for name, weight in model.weights.items() if name != rule})


def _held_out_loss(cases: Sequence[Prepared], start: RankingModel) -> float:
    models = _by_folds(cases, lambda rest, _: weighed_alone(rest, start))
    losses = []
    for each in cases:
        if each.culprit is not None and each.case.label != "N":
            found = scores(each, models[each.case.repo])
            top = float(found.max())
            losses.append(top + float(np.log(np.exp(found - top).sum())) - float(found[each.culprit]))
    return float(np.mean(losses))


def _ranks(answers: Sequence[Answer]) -> dict[str, float]:
    return of_ranks([each.rank for each in answers if each.rank is not None])


def _calibration(answers: Sequence[Answer]) -> dict[str, Any]:
    with_culprit = of_track(answers, "same_deploy", "SD")
    both = [*with_culprit, *of_track(answers, "innocent", "SD")]
    said, right = [each.first for each in both], [each.right for each in both]
    return {
        "ece": round(metrics.ece(said, right), 4),
        "ece_perfect": round(metrics.ece_perfect(said), 4),
        "brier": round(float(np.mean((np.asarray(said) - np.asarray(right)) ** 2)), 4),
        "slope": round(metrics.slope(said, right), 4),
        "bins": [_rounded(each) for each in metrics.bins(said, right)],
        "named": {name: _named(of_track(answers, "same_deploy", LABELS[name])) for name in ("S+D", "N")},
        "risk_coverage": metrics.risk_coverage(
            [each.first for each in with_culprit], [each.right for each in with_culprit]
        ),
    }


def _rounded(each: metrics.Bin) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(each).items()}


def _named(answers: Sequence[Answer]) -> dict[str, float]:
    named = [each for each in answers if each.outcome is Outcome.NAMED]
    return {
        "coverage": round(len(named) / len(answers), 4) if answers else 0.0,
        "precision": round(sum(each.right for each in named) / len(named), 4) if named else 0.0,
    }


def _none(answers: Sequence[Answer]) -> dict[str, Any]:
    innocent, with_culprit = (of_track(answers, track, "SD") for track in ("innocent", "same_deploy"))
    return {
        "auroc": round(metrics.auroc(*([1 - each.none for each in lists] for lists in (with_culprit, innocent))), 4),
        "false_name_rate": _named(innocent)["coverage"],
        "no_change": _no_change(innocent, with_culprit),
    }


def _no_change(innocent: Sequence[Answer], with_culprit: Sequence[Answer]) -> dict[str, float]:
    """Of how many lists without a culprit "no change explains this" is said; how often it is true, of both together."""
    rightly, wrongly = (sum(each.outcome is Outcome.NO_CHANGE for each in lists) for lists in (innocent, with_culprit))
    return {
        "coverage": round(rightly / max(1, len(innocent)), 4),
        "precision": round(rightly / max(1, rightly + wrongly), 4),
    }


def _intervals(answers: Sequence[Answer]) -> dict[str, list[float]]:
    """95 %, by drawing repositories."""
    found: dict[str, list[float]] = {}
    for track in ("same_deploy", "timeline"):
        rows = _rows(of_track(answers, track, "SD"))
        for top in (1, 3, 5):
            found[f"{track}.top{top}"] = list(metrics.intervals(rows, _top(top)))
    rows = _rows(of_track(answers, "same_deploy", "SD"))
    found["named.coverage"] = list(metrics.intervals(rows, lambda each: _named(each)["coverage"]))
    found["named.precision"] = list(metrics.intervals(rows, lambda each: _named(each)["precision"]))
    innocent = _rows(of_track(answers, "innocent", "SD"))
    found["false_name_rate"] = list(metrics.intervals(innocent, lambda each: _named(each)["coverage"]))
    return found


def _facts(answers: Sequence[Answer]) -> dict[str, Any] | None:
    """How many sentences were printed, and the share of them that was found again in alert and harvest; None where
    nobody looked.
    """
    wrong = [each.unproven for each in answers if each.unproven is not None]
    if not wrong:
        return None
    printed = sum(each.printed for each in answers)
    rules = Counter(says.partition(":")[0] for several in wrong for says in several)
    return {"printed": printed, "hold": 1 - rules.total() / max(1, printed), "unproven": dict(rules)}


def _rows(answers: Sequence[Answer]) -> dict[str, list[Answer]]:
    rows: dict[str, list[Answer]] = {}
    for each in answers:
        rows.setdefault(each.case.repo, []).append(each)
    return rows


def _top(count: int) -> Callable[[list[Answer]], float]:
    return lambda each: sum((answer.rank or count + 1) <= count for answer in each) / max(1, len(each))


def _per_repository(answers: Sequence[Answer]) -> dict[str, dict[str, dict[str, float]]]:
    return {
        repo: {track: _ranks(of_track(rows, track, "SD")) for track in ("same_deploy", "timeline")}
        for repo, rows in sorted(_rows(answers).items())
    }
