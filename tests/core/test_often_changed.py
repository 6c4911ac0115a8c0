"""Code that many changes touch."""

from __future__ import annotations

import math

import pytest

from backtrace_core.evidence.often_changed import RULE, often_changed
from backtrace_core.model import Change
from backtrace_core.ranking_model import shipped
from tests.core.builders import alert, change, changed, lines
from tests.core.test_evidence import judged

ASKED = alert("Errors")
CART, TOTAL = changed("app/cart.py", lines("x")), changed("app/total.py", lines("y"))
CULPRIT = change(1, "Rework", CART, TOTAL)


def others(count: int, title: str = "Change the cart") -> tuple[Change, ...]:
    return tuple(change(50 + number, f"{title} {number}", CART) for number in range(count))


@pytest.mark.parametrize(
    ("count", "several"), [(1, "one other known change touches"), (3, "3 other known changes touch")]
)
def test_the_file_of_most_changes_is_told(count: int, several: str) -> None:
    """With how many others touch it; the change itself is none of them."""
    found = judged(often_changed, CULPRIT, ASKED, *others(count))

    assert found is not None
    assert found.says == f"Touches app/cart.py, which {several} too"
    assert found.weight == pytest.approx(shipped().weight(RULE) * math.log(1 + count))


@pytest.mark.parametrize(
    "several",
    [others(2, 'Revert "Rework"'), others(2, "Reland: rework"), (change(50, "Rework", changed("app/other.py")),)],
)
def test_what_does_not_count(several: tuple[Change, ...]) -> None:
    """Who takes a change back or brings it again touches its files for its sake; other files are others."""
    assert judged(often_changed, CULPRIT, ASKED, *several) is None


def test_lists_that_every_change_touches_do_not_count() -> None:
    """A changelog, a lock file, tests: they are touched often, and break nothing."""
    files = (changed("CHANGELOG.md"), changed("package-lock.json"), changed("tests/test_cart.py"))
    several = tuple(change(50 + number, f"Rework part {number}", *files) for number in range(4))

    assert judged(often_changed, change(1, "Rework", *files), ASKED, *several) is None
