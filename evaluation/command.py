"""``backtrace eval DIR`` and ``backtrace fit DIR``: the ranking measured on real culprits, its numbers made anew."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from backtrace_core import ranking_model
from backtrace_core.ranking_model import RankingModel, as_json, shipped
from evaluation.answers import Answer, ask, prepare
from evaluation.baselines import baselines
from evaluation.cases import CasesError, CulpritSet, read_culprit_set
from evaluation.fitting import fitted
from evaluation.scoring import costs_of_rules, models_by_folds, report

RANKING_FILE = Path(ranking_model.__file__).with_name("ranking.json")


@dataclass(frozen=True, slots=True)
class Wanted:
    """``by_folds``: with numbers that the other repositories taught. ``as_objects``: as JSON. ``cases``: each of them.
    ``facts``: each printed fact is derived anew, which takes several times as long as all else.
    """

    by_folds: bool = False
    as_objects: bool = False
    cases: bool = False
    facts: bool = False


def evaluate(folder: Path, wanted: Wanted, out: TextIO = sys.stdout) -> int:
    """Print the figures. 0: done; 1: the folder holds no culprit set (said on stderr)."""
    try:
        found = read_culprit_set(folder)
    except CasesError as error:
        print(f"backtrace eval: {error}", file=sys.stderr)
        return 1
    costs: Mapping[str, float] = {}
    models = dict.fromkeys(found.repositories, shipped())
    if wanted.by_folds:
        read = prepare(found, shipped())
        models = models_by_folds(read, shipped())
        costs = costs_of_rules(read, shipped())
    answers = ask(found, models, facts=wanted.facts)
    figures = report(answers, baselines(found), costs)
    if wanted.cases:
        figures["cases"] = [_as_object(each) for each in answers]
    shown = answers if wanted.cases else []
    print(json.dumps(figures, indent=2) if wanted.as_objects else "\n".join(_table(figures, shown)), file=out)
    return 0


def fit(folder: Path, target: Path = RANKING_FILE) -> int:
    """Make the file of learned numbers again. 0: done; 1: the folder holds no culprit set that teaches anything."""
    try:
        found = read_culprit_set(folder)
        model = fit_on(found, shipped())
    except (CasesError, ValueError) as error:
        print(f"backtrace fit: {error}", file=sys.stderr)
        return 1
    target.write_text(as_json(model), encoding="utf-8")
    print(f"{target} is made from {model.made_from}.")
    return 0


def fit_on(found: CulpritSet, start: RankingModel) -> RankingModel:
    """:raises ValueError: without any case that teaches."""
    telling = sum(case.label in ("S", "D") for case in found.cases)
    of = f"{telling} cases labelled S or D of {len(found.repositories)} repositories, by backtrace fit"
    return fitted(prepare(found, start), start, made_from=of)


def _as_object(answer: Answer) -> dict[str, Any]:
    return {
        "id": answer.case.id,
        "label": answer.case.label,
        "track": answer.track,
        "rank": answer.rank,
        "outcome": answer.outcome.value,
        "first": {"title": answer.title, "probability": round(answer.first, 4), "right": answer.right},
        "none": round(answer.none, 4),
        "facts": [{"nats": round(nats, 3), "says": says} for nats, says in answer.facts],
    }


def _table(figures: Mapping[str, Any], answers: list[Answer]) -> Iterator[str]:
    yield f"{'':14}{'n':>6}{'top-1':>8}{'top-3':>8}{'top-5':>8}{'mrr':>8}"
    for track in ("same_deploy", "timeline"):
        for label, row in figures[track].items():
            yield _row(f"{track} {label}", row)
    for name, tracks in figures["baselines"].items():
        for track, row in tracks.items():
            yield _row(f"{track} {name}", row)
    yield ""
    yield from _named(figures)
    yield "95 % by repository: " + ", ".join(f"{k} {low}..{high}" for k, (low, high) in figures["intervals"].items())
    if figures["rules"]:
        yield "\nLog loss that taking a rule out costs, on repositories that it was not fitted to:"
        yield from (f"  {rule:24}{cost:+.4f}" for rule, cost in figures["rules"].items())
    for answer in answers:
        place = "not in the list" if answer.rank is None else f"rank {answer.rank:g}"
        yield f"\n{answer.case.id} {answer.track}: {place}, {answer.outcome.value}, none {answer.none:.2f}"
        yield f"  first: {answer.title} ({answer.first:.2f}{', right' if answer.right else ''})"
        yield from (f"    {nats:+.2f} {says}" for nats, says in answer.facts)


def _row(name: str, row: Mapping[str, float]) -> str:
    return f"{name:22}{row['n']:>5}" + "".join(f"{row[key]:>8.3f}" for key in ("top1", "top3", "top5", "mrr"))


def _named(figures: Mapping[str, Any]) -> Iterator[str]:
    calibration, none = figures["calibration"], figures["none"]
    for label, row in calibration["named"].items():
        yield f"named, {label}: coverage {row['coverage']:.3f}, precision {row['precision']:.3f}"
    yield (
        f"ece {calibration['ece']:.3f} (perfect: {calibration['ece_perfect']:.3f}), slope {calibration['slope']:.2f},"
        f" brier {calibration['brier']:.3f}"
    )
    yield f"none: auroc {none['auroc']:.3f}, false names {none['false_name_rate']:.3f}"
    said = none["no_change"]
    yield f"no change explains this: said of {said['coverage']:.3f}, precision {said['precision']:.3f}"
    if (facts := figures["facts"]) is not None:
        yield f"facts: {facts['printed']} printed, {facts['hold']:.4%} found again {facts['unproven'] or ''}".rstrip()
    yield f"seconds a case: {figures['seconds_per_case']:.3f}"
