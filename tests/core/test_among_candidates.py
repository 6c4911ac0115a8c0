"""What an alert's words tell by how many candidates have them, and which facts tell that any change did it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtrace_core.evidence.context import context_of
from backtrace_core.likeness import (
    COLUMNS,
    GOES_WITH,
    LIKE_ANOTHER,
    NAME_SHARED,
    SAME_SUBJECT,
    SPELLED_ALIKE,
    WORDS_SHARED,
    Likeness,
)
from backtrace_core.model import Candidate, Change, Family
from backtrace_core.none import tells_whether, usual_likeness
from backtrace_core.rank import Ranking, rank
from backtrace_core.ranking_model import shipped
from backtrace_core.subjects import Array
from evaluation.checker import unproven
from tests.core.builders import alert, before, change, changed, deployment, harvest

COUPON = change(1, "Round the coupon", changed("a.py"))
ALSO = tuple(change(10 + n, f"Coupon, part {n}", changed(f"b{n}.py")) for n in range(4))
OTHERS = tuple(change(50 + n, f"Other {n}", changed(f"c{n}.py")) for n in range(4))
KNOWN = (COUPON, *ALSO, *OTHERS)


_SUBJECT = COLUMNS.index(SAME_SUBJECT)


def _measured(*candidates: Change) -> Likeness:
    """The other known changes were there before."""
    shipped_by = deployment(7, before(6))
    rows = tuple(Candidate(each, shipped_by, ()) for each in candidates)
    asked = alert("CouponErrors", "the coupon is wrong")
    return context_of(rows, asked, harvest((shipped_by, KNOWN))).likeness


def strength(rule: str, *candidates: Change) -> float:
    """What the rule measures of the first candidate."""
    return _measured(*candidates).strength(candidates[0].key, rule)


def _of_project(likeness: Likeness) -> Array:
    """The coupon's row as the whole project measures it."""
    return np.asarray(likeness.strengths[likeness.rows[COUPON.key]])


@pytest.mark.parametrize("rule", [WORDS_SHARED, NAME_SHARED])
def test_what_few_candidates_have_tells_more(rule: str) -> None:
    """The more of the other candidates have a word or a name, the less it sets the one apart."""
    alone, with_one, with_all = (strength(rule, COUPON, *several) for several in (OTHERS, (ALSO[0], *OTHERS[1:]), ALSO))

    assert alone > with_one > with_all > 0


@pytest.mark.parametrize("rule", [WORDS_SHARED, NAME_SHARED, SAME_SUBJECT, SPELLED_ALIKE, LIKE_ANOTHER])
def test_a_candidate_without_others_is_measured_by_the_project(rule: str) -> None:
    """There is nobody to be told apart from: a word counts by how rare it is in the project."""
    likeness = _measured(COUPON)
    column = COLUMNS.index(rule)

    assert likeness.among[COUPON.key][column] == pytest.approx(_of_project(likeness)[column])


def test_what_tells_which_one_it_was_tells_less_whether_it_was_any() -> None:
    """Company of words sets one apart from the others, a kind of change too; a common word says that one did it."""
    half = {SAME_SUBJECT, LIKE_ANOTHER, GOES_WITH}

    assert {rule: tells_whether(rule, Family.TEXT) for rule in COLUMNS} == {
        rule: 0.5 if rule in half else 1.0 for rule in COLUMNS
    }
    assert tells_whether("size_of_change", Family.PRIOR) == 0.0
    assert tells_whether("frame_in_hunk", Family.PLACE) == 1.0


def test_innocent_changes_of_the_same_subject_count_half() -> None:
    """As for the candidates, so for the known changes that they are held against."""
    model = replace(shipped(), weights=dict.fromkeys(COLUMNS, 1.0))

    def usual(rule: str, strength: float) -> float:
        background = np.zeros((300, len(COLUMNS)))
        background[:, COLUMNS.index(rule)] = strength
        return usual_likeness(background, model)

    assert usual(SAME_SUBJECT, 2.0) == pytest.approx(usual(WORDS_SHARED, 1.0))
    assert usual(WORDS_SHARED, 2.0) > usual(WORDS_SHARED, 1.0)


def test_a_subject_tells_less_where_the_candidates_have_many() -> None:
    """What lies as far from the usual counts less among changes that lie wide apart."""
    near, far = (_measured(COUPON, *several) for several in (ALSO, OTHERS))
    left = [each.among[COUPON.key][_SUBJECT] / _of_project(each)[_SUBJECT] for each in (near, far)]

    assert left[0] > left[1] > 0


def test_a_longer_list_makes_nobody_more_suspect() -> None:
    """Of ever more that came beside it, one is ever less likely, and "no change explains this" no less."""
    several = tuple(change(100 + n, f"Part {n % 7} of {n}", changed(f"d{n % 31}/e{n}.py")) for n in range(600))
    known = harvest((deployment(7, before(6)), (COUPON, *several)))
    asked = alert("CouponErrors", "the coupon is wrong")

    def asked_of(count: int) -> Ranking:
        rows = (Candidate(each, deployment(7, before(6)), ()) for each in (COUPON, *several[:count]))
        return rank(tuple(rows), asked, known)

    found = [asked_of(count) for count in (30, 150, 600)]

    assert [each.suspects[0].candidate.change.key for each in found] == [COUPON.key] * 3
    assert found[0].suspects[0].probability > found[1].suspects[0].probability > found[2].suspects[0].probability
    assert found[0].probability_none < found[1].probability_none < found[2].probability_none


def test_nobody_to_be_measured_among() -> None:
    """Without candidates nothing is measured, and no change explains the alert."""
    ranking = rank((), alert("CouponErrors", "the coupon is wrong"), harvest((deployment(7, before(6)), KNOWN)))

    assert ranking.suspects == ()


def test_what_is_said_of_close_candidates_can_be_derived() -> None:
    """However close the candidates lie together, only what stands out in the project is said to stand out."""
    shipped_by = deployment(7, before(6))
    rows = tuple(Candidate(each, shipped_by, ()) for each in (COUPON, *ALSO))
    asked, known = alert("CouponErrors", "the coupons are wrong"), harvest((shipped_by, KNOWN))

    ranking = rank(rows, asked, known)

    assert [*unproven(ranking.suspects, asked, known)] == []
