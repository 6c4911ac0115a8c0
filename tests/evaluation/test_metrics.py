"""The figures, on lists so small that they can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.metrics import Bin, auroc, bins, ece, intervals, of_ranks, rank_of, right_from, risk_coverage, slope


def test_a_tie_counts_as_the_mean_rank() -> None:
    """Two of three that score alike share the places one and two."""
    assert rank_of(np.asarray([1.0, 1.0, 0.0]), 0) == rank_of(np.asarray([1.0, 1.0, 0.0]), 1) == 1.5
    assert rank_of(np.asarray([1.0, 1.0, 0.0]), 2) == 3


def test_ranks_become_shares() -> None:
    """Of ranks 1, 2 and 6 one is first, two are in the first three, and the last counts a sixth."""
    found = of_ranks([1, 2, 6])

    assert (found["n"], found["top1"], found["top3"], found["top5"]) == (3, 0.3333, 0.6667, 0.6667)
    assert found["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 6) / 3, abs=1e-4)


def test_auroc_is_how_often_one_is_above_the_other() -> None:
    """Half of a tie."""
    assert auroc([2, 3], [1]) == 1.0
    assert auroc([1, 3], [2]) == 0.5
    assert auroc([1], [1]) == 0.5


def test_calibration_error_is_nought_where_what_is_said_comes_true() -> None:
    """Half of those said to be half are right: no error; none of them right: an error of a half."""
    said = [0.5] * 20

    assert ece(said, [True, False] * 10) == pytest.approx(0.0)
    assert ece(said, [False] * 20) == pytest.approx(0.5)


def test_bins_hold_equally_many_by_rising_probability() -> None:
    """Of twenty-one answers, the other way round: three in the lowest bin, two in each other; none of no answers."""
    said = [number / 100 for number in range(21)][::-1]
    found = bins(said, [each >= 0.195 for each in said])

    assert [each.count for each in found] == [3] + [2] * 9
    assert found[0] == Bin(pytest.approx(0.01), 0.0, 3)
    assert found[-1] == Bin(pytest.approx(0.195), 0.5, 2)
    assert bins([], []) == []


def test_slope_is_below_one_for_the_bold() -> None:
    """Who says 0.99 and is right in seven of ten cases says too much."""
    said = [0.99] * 10 + [0.01] * 10
    right = [True] * 7 + [False] * 3 + [True] * 3 + [False] * 7

    assert 0 < slope(said, right) < 0.5


def test_the_surest_are_named_first() -> None:
    """At half of the coverage only the surer half counts."""
    rows = {
        row["coverage"]: row["precision"] for row in risk_coverage([0.9, 0.8, 0.2, 0.1], [True, True, False, False])
    }

    assert rows[0.5] == 1.0
    assert rows[1.0] == 0.5


def test_intervals_draw_whole_repositories() -> None:
    """Two repositories, of which one is always right: the mean lies anywhere between, and the same each time."""
    rows = {"a": [1.0] * 5, "b": [0.0] * 5}
    low, high = intervals(rows, lambda each: float(np.mean(each)), draws=200)

    assert (low, high) == intervals(rows, lambda each: float(np.mean(each)), draws=200) == (0.0, 1.0)


def test_a_threshold_is_the_least_from_which_enough_were_right() -> None:
    """Further down, too, where more of them are right again; equally likely ones count together."""
    answers = [(0.9, True), (0.8, False), (0.7, True), (0.7, True), (0.6, False), (0.4, True)]

    assert right_from(answers, 0.75, 0.5) == 0.7
    assert right_from(answers, 0.9, 0.5) == 0.9
    assert right_from([(0.9, True), (0.9, False)], 0.6, 0.5) == 1.0
    assert right_from(answers, 0.5, 0.0) == 0.4
    assert right_from([], 0.5, 0.0) == 1.0
