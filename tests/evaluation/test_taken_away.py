"""A fact counts for what is stated: without it the ranking gives that much less, and the odds change by that factor."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from backtrace_core.evidence import kind_of_change, rules
from backtrace_core.model import Alert, Candidate, Evidence, Family, Harvest
from backtrace_core.rank import rank
from evaluation.as_harvest import alert_of, change_of, shipped
from evaluation.cases import TRACKS, read_culprit_set
from tests.evaluation.gallery import all_incidents
from tests.evaluation.shelf import write

Asked = tuple[tuple[Candidate, ...], Alert, Harvest]
NUMBERS = json.loads(resources.files("backtrace_core").joinpath("ranking.json").read_text(encoding="utf-8"))
ALL_RULES = sorted({sys.modules[r.__module__].RULE for r in rules.RULES} | {kind.rule for kind in kind_of_change.KINDS})


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    """Every small incident, and the first list of each of the eighteen cases of a small culprit set."""
    found = [(tuple(s.candidate for s in each.suspects), each.alert, each.harvest) for each in all_incidents()]
    return [*found, *_of_cases(tmp_path_factory.mktemp("set"))]


def _of_cases(folder: Path) -> Iterator[Asked]:
    culprits = read_culprit_set(write(folder))
    for case in culprits.cases:
        changes = {sha: change_of(row) for sha, row in culprits.changes[case.repo].items()}
        for track in TRACKS[:1]:
            candidates, harvest = shipped(case, track, changes)
            yield candidates, alert_of(case), harvest


def by_hand(facts: tuple[Evidence, ...]) -> float:
    """The strongest of a family and a share of the others, for and against apart, at most so much; from the file."""
    total = 0.0
    for family in Family:
        own = NUMBERS["families"][family.value]
        parts = []
        for sign in (1, -1):
            several = sorted(sign * fact.weight for fact in facts if fact.family is family and sign * fact.weight > 0)
            parts.append(several[-1] + own["share"] * math.fsum(several[:-1]) if several else 0.0)
        total += max(-own["limit"], min(own["limit"], parts[0] - parts[1]))
    return total / float(NUMBERS["temperature"])


def test_a_score_is_what_its_facts_add_up_to(asked: list[Asked]) -> None:
    """Worked out by hand, with the learned numbers alone; and two candidates' odds are what their scores say."""
    for candidates, alert, harvest in asked:
        suspects = rank(candidates, alert, harvest).suspects
        for each in suspects:
            assert each.score == pytest.approx(by_hand(each.evidence))
            odds = math.log(each.probability / suspects[0].probability)
            assert odds == pytest.approx(each.score - suspects[0].score, abs=1e-9)


@pytest.mark.parametrize("rule", ALL_RULES)
def test_without_a_rule_the_score_is_less_by_what_its_fact_counts(
    rule: str, asked: list[Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out of the ranking itself; of everybody who has no such fact the score stays."""
    stated = [{s.candidate.change.key: s for s in rank(*each).suspects} for each in asked]
    others = tuple(each for each in rules.RULES if rule != sys.modules[each.__module__].RULE)
    monkeypatch.setattr(rules, "RULES", others)
    monkeypatch.setattr(kind_of_change, "KINDS", tuple(kind for kind in kind_of_change.KINDS if kind.rule != rule))
    met = 0
    for whole, each in zip(stated, asked, strict=True):
        for suspect in rank(*each).suspects:
            before = whole[suspect.candidate.change.key]
            counts = math.fsum(fact.counts for fact in before.evidence if fact.rule == rule)
            met += any(fact.rule == rule for fact in before.evidence)
            assert suspect.score == pytest.approx(before.score - counts)
    assert met
