"""How much it changes: a large change breaks more than a small one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_doc, is_product_code, is_test
from backtrace_core.hidden import is_unread
from backtrace_core.model import BY_NO_DEPLOYMENT, Alert, Candidate, Change, Evidence, Family, FileDiff

RULE = "size_of_change"
USUAL = 30
"""Lines. A change of that many says nothing; nor does one whose lines could not be read."""
_FARTHEST = 3.0
_FAINT = 0.1
"""Of the logarithm: up to three lines more or less than usual say nothing."""


def size_of_change(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """By the logarithm of the lines, added and removed, that may break something: not those of tests and documents, nor
    what tools or others wrote.
    """
    change = candidate.change
    runs = [file for file in change.files if is_product_code(file)]
    lines = _lines_of(change, runs)
    if lines is None:
        return None
    much = math.log((1 + lines) / (1 + USUAL))
    if abs(much) < _FAINT:
        return None
    weight = context.model.weight(RULE) * max(-_FARTHEST, min(_FARTHEST, much))
    return Evidence(RULE, weight, _says(lines, len(change.files) - len(runs)), change.url, Family.PRIOR)


def _says(lines: int, left: int) -> str:
    """``left``: how many of its files are not counted."""
    if lines == 0:
        return "Changes only tests or documents"
    few, noun = "only " if lines < USUAL else "", "line" if lines == 1 else "lines"
    aside = " beside tests, documents and what tools or others wrote" if left else ""
    return f"Changes {few}{lines} {noun}{aside}"


def _lines_of(change: Change, runs: Sequence[FileDiff]) -> int | None:
    """Those of ``runs``, the files that run in production. None where not all of it was read, or where there are none
    to count: a binary file, a mere move, a new lock file. Of what changes only tests or documents none.
    """
    if change.kind in BY_NO_DEPLOYMENT or is_unread(change):
        return None
    if not runs and all(is_test(file.path) or is_doc(file.path) for file in change.files):
        return 0
    return sum([len(hunk.added) + len(hunk.removed) for file in runs for hunk in file.hunks]) or None
