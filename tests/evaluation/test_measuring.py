"""``backtrace eval`` and ``backtrace fit``, on a small made-up set."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backtrace_core.model import Outcome
from backtrace_core.ranking_model import ModelError, as_json, model_from, shipped
from evaluation.answers import ask, prepare
from evaluation.applying import probabilities
from evaluation.cases import CasesError, read_culprit_set
from evaluation.command import Wanted, evaluate, fit, fit_on
from evaluation.scoring import report
from tests.evaluation.shelf import write

pytestmark = pytest.mark.timeout(300)


def figures(folder: Path, *, by_folds: bool = False) -> dict[str, Any]:
    out = io.StringIO()
    assert evaluate(folder, Wanted(by_folds=by_folds, as_objects=True, cases=True, facts=True), out) == 0
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return figures(write(tmp_path_factory.mktemp("set")))


def without_seconds(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key != "seconds_per_case"}


def test_culprits_with_the_words_come_first(measured: dict[str, Any]) -> None:
    """Whose name the symptom quotes is first in each list; N and S+D are counted apart."""
    assert measured["same_deploy"]["S+D"] == {"n": 15, "top1": 1.0, "top3": 1.0, "top5": 1.0, "mrr": 1.0}
    assert measured["same_deploy"]["N"]["n"] == 3
    assert set(measured) >= {"same_deploy", "timeline", "calibration", "none", "per_repository", "baselines", "rules"}
    assert set(measured["baselines"]) == {"bm25", "largest", "latest"}


def test_bins_add_up_to_the_calibration_error(measured: dict[str, Any]) -> None:
    """Both lists of each case with a usable symptom are in one of the ten."""
    found = measured["calibration"]
    counts = [each["count"] for each in found["bins"]]
    apart = sum(abs(each["said"] - each["true"]) * each["count"] for each in found["bins"])

    assert (len(counts), sum(counts)) == (10, 30)
    assert apart / 30 == pytest.approx(found["ece"], abs=2e-4)


def test_how_often_no_change_is_said_and_is_true(tmp_path: Path) -> None:
    """Of the lists without a culprit; and of them and those of one deployment that have one, together."""
    found = read_culprit_set(write(tmp_path))
    says = {("innocent", "S"), ("innocent", "N"), ("same_deploy", "D"), ("same_deploy", "N"), ("timeline", "S")}
    answers = [
        replace(each, outcome=Outcome.NO_CHANGE if (each.track, each.case.label) in says else Outcome.NOT_ENOUGH)
        for each in ask(found, dict.fromkeys(found.repositories, shipped()))
    ]

    assert report(answers, {}, {})["none"]["no_change"] == {"coverage": 9 / 15, "precision": 9 / (9 + 6)}


def test_order_and_times_tell_nothing_in_one_deployment(measured: dict[str, Any], tmp_path: Path) -> None:
    """Lists turned round and all times moved: the same figures, to the last digit."""
    turned = figures(write(tmp_path, shuffle=True, later=10_000_000))

    for figure in ("same_deploy", "calibration", "none"):
        assert turned[figure] == measured[figure]
    first = {row["id"]: (row["rank"], row["first"]) for row in measured["cases"] if row["track"] == "same_deploy"}
    assert first == {row["id"]: (row["rank"], row["first"]) for row in turned["cases"] if row["track"] == "same_deploy"}


def test_the_same_set_gives_the_same_numbers(tmp_path: Path) -> None:
    """Fitting has no chance in it, and writes what it says and nothing else."""
    found = read_culprit_set(write(tmp_path / "set"))
    once, again = (as_json(fit_on(found, shipped())) for _ in range(2))
    target = tmp_path / "ranking.json"

    assert once == again
    assert fit(tmp_path / "set", target) == 0
    assert target.read_text(encoding="utf-8") == once
    assert "15 cases labelled S or D of 3 repositories" in model_from(once).made_from


def test_folds_score_what_they_did_not_see(tmp_path: Path) -> None:
    """Each rule's worth is printed where the numbers are fitted anew."""
    found = figures(write(tmp_path), by_folds=True)

    assert set(found["rules"]) == set(shipped().weights)
    assert found["same_deploy"]["S+D"]["n"] == 15


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "cases.jsonl.gz").unlink(), "cases.jsonl.gz is missing"),
        (lambda folder: (folder / "changes.jsonl.gz").write_bytes(b"no gzip"), "can't be read"),
        (lambda folder: pack(folder / "cases.jsonl.gz", {"id": "x"}), "line 1: a case needs 'repo'"),
        (lambda folder: pack(folder / "changes.jsonl.gz", {"sha": "x"}), "line 1: a change needs 'repo'"),
    ],
)
def test_what_is_no_set_is_said(spoil: Any, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which file, which line, and what it lacks."""
    spoil(write(tmp_path))

    with pytest.raises(CasesError, match=says):
        read_culprit_set(tmp_path)
    assert evaluate(tmp_path, Wanted()) == 1
    assert says in capsys.readouterr().err


def pack(path: Path, row: dict[str, Any]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write(json.dumps(row))


def test_learned_numbers_that_are_none_are_refused() -> None:
    """With the way to make them again."""
    with pytest.raises(ModelError, match="backtrace fit DIR"):
        model_from("{}")
    assert model_from(as_json(shipped())) == shipped()


def test_what_is_fitted_is_what_the_bot_says(tmp_path: Path) -> None:
    """By the numbers of each case that are learned from, a list has the very probabilities that the ranker gives it."""
    found, model = read_culprit_set(write(tmp_path)), shipped()
    answers = {(each.case.id, each.track): each for each in ask(found, dict.fromkeys(found.repositories, model))}

    for each in prepare(found, model):
        if each.track == "timeline":
            continue
        several, none = probabilities(each, model)
        said = answers[each.case.id, each.track]
        assert said.none == pytest.approx(none, abs=1e-6)
        assert said.first == pytest.approx(max(several), abs=1e-6)
