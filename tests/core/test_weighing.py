"""How facts of one family add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtrace_core.ranking_model import Within

WITHIN = Within(share=0.5, limit=4.0)
NATS = st.floats(-5, 5, allow_nan=False)


def test_the_second_counts_half() -> None:
    """The strongest counts in full, of the others a share, on either side by itself."""
    assert WITHIN.total([2.0, 1.0]) == 2.5
    assert WITHIN.total([2.0, 1.0, -1.0, -0.5]) == 2.5 - 1.25
    assert WITHIN.total([]) == 0.0


def test_a_family_has_a_limit() -> None:
    """Whatever it says, for or against."""
    assert WITHIN.total([9.0]) == 4.0
    assert WITHIN.total([-9.0, -9.0]) == -4.0


@given(st.lists(st.lists(NATS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_many_at_once_are_added_as_one_is(rows: list[list[float]]) -> None:
    """The form for all known changes says the same as the form for one."""
    assert list(WITHIN.totals(np.asarray(rows))) == pytest.approx([WITHIN.total(row) for row in rows])
