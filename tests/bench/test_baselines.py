"""The three published rules, on blame and paths made by hand, and the figures that compare them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bench.traces.baselines import (
    BASELINES,
    Line,
    Seen,
    Touched,
    newest_blame,
    path_suffix,
    predator,
    predator_score,
    shared_end,
)
from bench.traces.figures import OURS, Row, figures, place_in, table

NOW = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def touched(number: int, hours: float, *paths: str, author: str = "vani", **lines: tuple[int, ...]) -> Touched:
    """``lines`` are those of the first path."""
    return Touched(number, author, ago(hours), paths, {paths[0]: lines.get("lines", ())} if paths else {})


def seen(lines: tuple[Line, ...], *changes: Touched) -> Seen:
    return Seen(lines, changes, NOW)


def test_the_newest_blame_over_all_frames_wins() -> None:
    """Not the innermost; the next ones follow by age."""
    inner, outer = Line("a/x.py", 3, 1, ago(5)), Line("a/y.py", 9, 2, ago(2))

    assert newest_blame(seen((inner, outer))) == (2, 1)


def test_a_newest_blame_that_is_nobody_s_names_nobody() -> None:
    """A commit that no candidate has stands before them; what is older than a year does not count."""
    pushed, ours = Line("a/x.py", 3, None, ago(1)), Line("a/y.py", 9, 2, ago(2))
    old = Line("a/z.py", 1, 3, ago(24 * 366))

    assert newest_blame(seen((pushed, ours))) == ()
    assert newest_blame(seen((ours, old))) == (2,)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [("shop/cart.py", "shop/cart.py", 2), ("lib/cart.py", "shop/cart.py", 1), ("cart.py", "shop/tax.py", 0)],
)
def test_paths_match_by_equal_segments_at_the_end(one: str, other: str, equal: int) -> None:
    """Whole segments only."""
    assert shared_end(one, other) == equal


def test_the_author_of_the_best_matching_commits_is_first() -> None:
    """Five points for the innermost frame's newest, and so on until they are spent; one equal segment is too little."""
    frames = (Line("shop/cart.py", 3, None, None), Line("shop/tax.py", 9, None, None))
    cart, tax = touched(1, 3, "shop/cart.py", author="vani"), touched(2, 1, "shop/tax.py", author="kim")
    namesake = touched(3, 0.5, "lib/cart.py", author="luca")

    assert path_suffix(seen(frames, cart, tax, namesake)) == (1, 2)


def test_predator_adds_up_its_published_weights() -> None:
    """The very line of the innermost frame: distance 2, index 1, file 1, folder 1, and the rarity of the path."""
    frames = (Line("shop/cart.py", 30, None, None), Line("shop/tax.py", 9, None, None))
    there = touched(1, 3, "shop/cart.py", lines=(30,))
    others = touched(2, 2, "docs/a.md"), touched(3, 1, "docs/b.md")
    ratio = 3 / 2

    assert predator_score(there, seen(frames, there, *others)) == pytest.approx(5 + ratio / (1 + ratio))


def test_predator_fades_with_lines_frames_and_files() -> None:
    """Half of the way to fifty lines is half of the weight; one frame is a seventh; 45 files cost all of their half."""
    frames = (Line("a.py", 1, None, None), Line("shop/tax.py", 30, None, None))
    near = touched(1, 3, "shop/tax.py", lines=(55,))
    rarity = (2 / 2) / (1 + 2 / 2)
    many = touched(2, 3, *(f"docs/{n}.md" for n in range(45)))

    assert predator_score(near, seen(frames, near, many)) == pytest.approx(1 + 2 * 0.5 + 6 / 7 + rarity + 1)
    assert predator_score(many, seen(frames, near, many)) == pytest.approx(-0.5)
    assert predator(seen(frames, near, many)) == (1,)


def row(kind: str, ours: int | None, *others: int | None, outcome: str = "shortlist") -> Row:
    places = dict(zip((OURS, *BASELINES), (ours, *others), strict=True))
    return Row("a-00-a", "Title", kind, "KeyError: 'x'", outcome, 0.5, places)


def test_the_figures_are_shares_by_kind_against_the_bars() -> None:
    """At home the best baseline is the bar, elsewhere 0.60; who is not in an order is not found."""
    rows = (
        row("line", 1, 1, 3, None, outcome="named"),
        row("line", 2, 4, 1, 1, outcome="named"),
        row("caller", 1, None, None, None),
        row("rename", 4, None, None, 3),
    )
    found = figures(rows, left_out=3)

    assert (found["line_backtrace_top1"], found["line_backtrace_top3"]) == (0.5, 1.0)
    assert (found["line_newest_blame_top3"], found["line_path_suffix_top3"]) == (0.5, 1.0)
    assert (found["others_backtrace_top1"], found["rename_predator_top3"]) == (0.5, 1.0)
    assert (found["bar_line"], found["bar_others"]) == (True, False)
    assert (found["named"], found["wrongly_named"], found["left_out"]) == (2, 1, 3)
    assert "NOT met" in table(rows, 3)
    assert "3 cases in JavaScript were left out" in table(rows, 3)


def test_a_place_counts_from_one() -> None:
    """And is none for what is not in the order."""
    assert [place_in((7, 9), number) for number in (7, 9, 8)] == [1, 2, None]
