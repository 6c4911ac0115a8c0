"""Lengths of time in words."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backtrace_core.evidence.spans import span, without_ages

AGES = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


@given(AGES)
def test_words_without_ages_do_not_grow_old(age: timedelta) -> None:
    """Whoever reads them an hour later finds the same, so that they can be compared."""
    says = f"While it was live {span(age)} ago, this fired: 5xx for 3 min"

    assert without_ages(says) == "While it was live ago, this fired: 5xx for 3 min"
