"""The changed lines have a value that the alert quotes: the missing key, the unknown column, what is no number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from backtrace_core.alerts.stack import without_trace
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Change, Evidence, Family, FileDiff
from backtrace_core.touched import touched_of

RULE = "literal_in_lines"
WEIGHT = 3.0
"""Believed, not measured: the culprit set has no lines."""
_QUOTED = re.compile(r"'([^'\n]{3,80})'|\"([^\"\n]{3,80})\"|`([^`\n]{3,80})`")
_NAMED = re.compile(
    r"\b(?:column|table|relation|key|field|named|flag|setting|module) [\"'`]?([\w.]{3,80})", re.IGNORECASE
)
_BESIDE = 0.4
"""What is left where the line has the value as before, and something else changed in it."""
_MOST_READ, _MOST = 4000, 8


def literal_in_lines(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    """Among several that change such a line it says less of each."""
    wanted = _literals(alert)
    found = max(_found(candidate.change, wanted), key=lambda each: each[0], default=None) if wanted else None
    if found is None:
        return None
    share, literal, path = found
    having = max(1, context.corpus.naming.get(literal.lower(), 1))
    says = f'Changes a line of {path} with "{literal}", which {context.teller} quotes'
    return Evidence(RULE, share * WEIGHT / having**0.5, says, file_url(candidate.change, path), Family.MECHANISM)


# Each candidate is held against the same alert.
@lru_cache(maxsize=16)
def _literals(alert: Alert) -> tuple[str, ...]:
    text = f"{alert.title}\n{without_trace(alert.text)}"[:_MOST_READ]
    quoted = (next(group for group in match.groups() if group) for match in _QUOTED.finditer(text))
    named = (match[1] for match in _NAMED.finditer(text))
    return tuple(dict.fromkeys(each.strip() for each in (*quoted, *named) if not each.isdigit()))[:_MOST]


def _found(change: Change, wanted: tuple[str, ...]) -> Iterator[tuple[float, str, str]]:
    """How much of it counts, the value, the path."""
    for file in filter(is_product_code, change.files):
        lines = [text for hunk in file.hunks for _, text in (*hunk.added, *hunk.removed)]
        for literal in wanted:
            if any(_has(text, literal) for text in lines):
                yield (1.0 if _is_changed(file, literal) else _BESIDE), literal, file.path


def _is_changed(file: FileDiff, literal: str) -> bool:
    touched = touched_of(file)
    return any(_has(piece, literal) for piece in (*touched.gone, *touched.new))


def _has(line: str, literal: str) -> bool:
    """As a whole: ``id`` is not in ``width``."""
    start = line.find(literal)
    before, after = line[start - 1 : start], line[start + len(literal) : start + len(literal) + 1]
    return start >= 0 and not (before.isalnum() or after.isalnum())
