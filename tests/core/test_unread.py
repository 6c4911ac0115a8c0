"""Of a change that was not read whole nobody knows what it lacks: that speaks against nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.model import Evidence, FileDiff
from backtrace_core.rank import rank
from backtrace_core.trace import trace
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

ASKED = alert("Checkout payments refuse cards with declined currency in the cart")
TITLES = (
    "Refuse declined cards in checkout",
    "Payments currency of checkout cart",
    "Checkout cards currency",
    "Declined payments retry in checkout",
    "Cart currency payments",
)


def against(*files: FileDiff) -> list[Evidence]:
    """What speaks against a change of these files by what it is about, beside five that are about the alert."""
    others = tuple(change(10 + n, t, changed(f"pay/{n}.py", lines("card = 1"))) for n, t in enumerate(TITLES))
    found = harvest((deployment(2, before(6)), (change(1, "Improve things", *files), *others)))
    suspects = rank(trace(found, ASKED), ASKED, found).suspects
    asked = next(suspect for suspect in suspects if suspect.candidate.change.iid == 1)
    return [e for e in asked.evidence if e.weight < 0 and e.rule in {"same_subject", "like_another"}]


@pytest.mark.parametrize("how", ["text_missing", "text_skipped"])
def test_what_was_not_read_speaks_against_nobody(how: str) -> None:
    """Neither where GitLab kept the text back nor where nobody asked for it; of a change that was read it does."""
    read = changed("lib/a.py", lines("x = 1"))

    assert against(read)
    assert against(replace(read, hunks=(), **{how: True})) == []
    assert against(read, replace(changed("lib/b.py"), **{how: True})) == []


def test_a_lock_file_hides_nothing() -> None:
    """What tools wrote is not read anyway: that its text is missing makes a change no less known."""
    assert against(changed("lib/a.py", lines("x = 1")), replace(changed("package-lock.json"), text_missing=True))
