"""How much it changes: a large change breaks more than a small one."""

from __future__ import annotations

import math

from backtrace_core.evidence.context import Context
from backtrace_core.hidden import is_unread, written_here
from backtrace_core.model import BY_NO_DEPLOYMENT, Alert, Candidate, Change, Evidence, Family

RULE = "size_of_change"
USUAL = 30
"""Lines. A change of that many says nothing; nor does one whose lines could not be read."""
_FARTHEST = 3.0
_FAINT = 0.1
"""Of the logarithm: up to three lines more or less than usual say nothing."""


def size_of_change(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """By the logarithm of its lines, added and removed, without those that tools or others wrote."""
    change = candidate.change
    lines = lines_of(change)
    if lines is None:
        return None
    much = math.log((1 + lines) / (1 + USUAL))
    if abs(much) < _FAINT:
        return None
    weight = context.model.weight(RULE) * max(-_FARTHEST, min(_FARTHEST, much))
    few, noun = "only " if lines < USUAL else "", "line" if lines == 1 else "lines"
    aside = " beside what tools or others wrote" if len(written_here(change)) < len(change.files) else ""
    says = f"Changes {few}{lines} {noun}{aside}"
    return Evidence(RULE, weight, says, change.url, Family.PRIOR)


def lines_of(change: Change) -> int | None:
    """None where not all of it was read, or where there are none to count: a binary file, a mere move."""
    if change.kind in BY_NO_DEPLOYMENT or is_unread(change):
        return None
    return sum(len(hunk.added) + len(hunk.removed) for file in written_here(change) for hunk in file.hunks) or None
