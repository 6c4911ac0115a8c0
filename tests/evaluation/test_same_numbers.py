"""What is fitted is what the bot does: the same list gets the same probabilities from both."""

from __future__ import annotations

from itertools import pairwise

import pytest

from backtrace_core.model import Change
from backtrace_core.rank import Ranking, rank
from backtrace_core.ranking_model import RankingModel, shipped
from evaluation.applying import first_named, probabilities
from evaluation.as_harvest import alert_of, change_of, corpus_for_repository
from evaluation.as_harvest import shipped as shipped_list
from evaluation.cases import Case
from evaluation.prepared import Prepared, prepared

LETTERS = "abcdefghij"


def changes(*titles: str) -> dict[str, Change]:
    rows = [
        {
            "sha": f"{number:08x}" + "0" * 32,
            "title": title,
            "files": [{"path": f"lib/f{number}.py", "added": 3, "removed": 1, "identifiers": [f"v{number}"]}],
        }
        for number, title in enumerate(titles, 1)
    ]
    return {str(row["sha"]): change_of(row) for row in rows}


def case_of(text: str, known: dict[str, Change], name: str = "r@1") -> Case:
    return Case(name, "r", "S", text, 0, tuple(known), (), tuple(known), next(iter(known)))


def both(text: str, *titles: str) -> tuple[Ranking, Prepared, RankingModel]:
    known = changes(*titles)
    case, corpus, model = case_of(text, known), corpus_for_repository(known.values()), shipped()
    candidates, harvest = shipped_list(case, "same_deploy", known)
    ranking = rank(candidates, alert_of(case), harvest, corpus=corpus, model=model)
    return ranking, prepared(case, "same_deploy", corpus, known, model), model


FILLERS = tuple(f"Filler topic {one}{other}" for one, other in pairwise(LETTERS))


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("Checkout payments refuse declined cards", FILLERS),
        ("Upstream provider times out: payments refuse declined cards", FILLERS),
        ("Checkout payments refuse declined cards", ("Refuse declined cards", *FILLERS)),
        ("Checkout payments refuse declined cards", ("Revert the payments of cards", *FILLERS)),
        ("f1.py raises", FILLERS),
    ],
)
def test_none_is_as_likely_in_the_fit_as_in_the_bot(text: str, titles: tuple[str, ...]) -> None:
    """Also where no candidate shares anything with an alert of many words, and where it points at others."""
    ranking, read, model = both(text, *titles)
    found, none = probabilities(read, model)
    first, row, _ = first_named(read, model)

    assert none == pytest.approx(ranking.probability_none, abs=1e-6)
    assert sorted(found) == pytest.approx(sorted(suspect.probability for suspect in ranking.suspects), abs=1e-6)
    assert first == pytest.approx(ranking.suspects[0].probability, abs=1e-6)
    assert found[row] == first


def test_the_fit_knows_who_may_be_named() -> None:
    """By lead, facts and ties as in the bot: a title that the alert says may be named, a filler may not."""
    said = "Checkout refuses declined cards: lib/f1.py raises DeclinedCards"
    _, told, model = both(said, "Refuse declined cards at the checkout", *FILLERS)
    _, silent, _ = both("Checkout refuses declined cards", *FILLERS)

    assert first_named(told, model)[1:] == (told.culprit, True)
    assert not first_named(silent, model)[2]


def test_a_revert_is_no_usual_change() -> None:
    """It says in the alert's own words what another change broke: "none" becomes no likelier by it."""
    known = changes("Sort the cart", *FILLERS)
    revert = change_of({"sha": "f" * 40, "title": "Revert: checkout payments refuse declined cards", "files": []})
    case = case_of("Checkout payments refuse declined cards", known)
    candidates, harvest = shipped_list(case, "same_deploy", known)
    alone, beside = (
        rank(candidates, alert_of(case), harvest, corpus=corpus_for_repository(several)).probability_none
        for several in (known.values(), (*known.values(), revert))
    )

    assert beside == pytest.approx(alone, abs=0.02)
