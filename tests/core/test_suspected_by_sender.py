"""The sender's own suspect commit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.suspected_by_sender import WEIGHT, suspected_by_sender
from backtrace_core.model import Candidate
from tests.core.builders import alert, change, sha

CHANGE = change(45, "Tighten session expiry")


@pytest.mark.parametrize(
    ("commits", "speaks"),
    [
        ((sha("!45"),), True),
        ((sha("!45")[:8].upper(),), True),
        ((sha("!44"), sha("!45")[:7]), True),
        ((sha("!45")[:6],), False),
        ((sha("!44"),), False),
        ((), False),
    ],
)
def test_it_speaks_for_the_change_that_has_the_commit(commits: tuple[str, ...], speaks: bool) -> None:  # noqa: FBT001 - a column of the table
    """By a start of seven characters at least; of another commit, or none, nothing is said."""
    candidate, seen = Candidate(CHANGE, None, ()), replace(alert("500s"), sender="sentry", suspect_commits=commits)
    found = suspected_by_sender(candidate, seen, _unused())

    assert (found is not None) is speaks
    if found is not None:
        assert found.weight == WEIGHT
        assert found.says == f"Sentry itself suspects commit {sha('!45')[: min(8, len(commits[-1]))]}"


def _unused() -> Context:
    return Context.__new__(Context)
