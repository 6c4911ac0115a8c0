"""Two words of the alert that stand side by side in a change."""

from __future__ import annotations

import pytest

from backtrace_core.evidence.words_together import words_together
from backtrace_core.model import Change
from tests.core.builders import alert, change, changed, lines
from tests.core.test_evidence import judged, said

ASKED = alert("Floating addresses vanish")


@pytest.mark.parametrize(
    ("culprit", "where"),
    [
        (change(1, "Float the address once more"), "its title"),
        (change(2, "Rework", closes="Address floats away"), "#2"),
        (change(1, "Rework", changed("net/floating_address.py", lines("x = 1"))), "net/floating_address.py"),
        (change(1, "Rework", changed("net/ip.py", lines("y = FloatingAddress()"))), "the lines that it changes"),
    ],
)
def test_where_they_stand(culprit: Change, where: str) -> None:
    """In prose, in a path or in a name of code, in whatever order and inflected: the sentence says where."""
    found = said(judged(words_together, culprit, ASKED))

    assert found == f'Has "addresses" and "floating" side by side in {where}, as the alert does'


def test_apart_they_say_nothing() -> None:
    """Both words, but not side by side, are no pair."""
    apart = change(1, "Floating windows keep their address", changed("net/ip.py", lines("float = 1", "address = 2")))
    assert judged(words_together, apart, ASKED) is None


def test_the_rarer_pair_weighs_more() -> None:
    """What stands side by side in every change of the project says little."""
    culprit = change(1, "Floating address pool")
    alike = tuple(change(50 + n, f"Floating address of part {n}", changed(f"p{n}.py", lines("z"))) for n in range(6))
    rare, usual = judged(words_together, culprit, ASKED), judged(words_together, culprit, ASKED, *alike)

    assert rare is not None
    assert usual is not None
    assert rare.weight > usual.weight > 0
