"""What of its lines a change really changed, also where a whole comparison would take too long."""

from __future__ import annotations

from random import Random

from backtrace_core.model import FileDiff, Hunk
from backtrace_core.touched import touched_of
from tests.core.builders import changed


def hunk(removed: tuple[str, ...], added: tuple[str, ...], at: int = 10) -> Hunk:
    old, new = (tuple(enumerate(texts, start=at)) for texts in (removed, added))
    return Hunk(at, len(old), at, len(new), "", new, old)


def table() -> tuple[str, ...]:
    draw = Random(1)  # noqa: S311 - the same numbers each time, no secret
    return tuple(f"    [{', '.join(str(draw.randint(0, 1)) for _ in range(20))}]," for _ in range(10))


def of_tables(*last: Hunk) -> FileDiff:
    """Sixty hunks of ones and noughts, in which everything is the same as everything else."""
    return changed("shop/tax.py", *(hunk(table(), table()[::-1], 100 * n) for n in range(60 - len(last))), *last)


def test_names_that_stay_are_near() -> None:
    """What is new, what is gone, and what it is done to."""
    touched = touched_of(changed("a.py", hunk(("total = int(pieces)",), ("total = float(pieces)",))))

    assert (touched.gone, touched.new) == ({"int"}, {"float"})
    assert "pieces" in touched.near


def test_of_much_that_is_alike_only_what_one_side_has() -> None:
    """The file's last hunk is not compared in order any more, and its names are found all the same."""
    touched = touched_of(of_tables(hunk(("old_rate = given",), ("new_rate = given",))))

    assert "old_rate" in touched.gone
    assert "new_rate" in touched.new
    assert touched.has("given")
    assert not touched.has("pieces")
