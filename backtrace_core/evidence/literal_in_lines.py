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
from backtrace_core.words import FILLERS, STOP_WORDS

RULE = "literal_in_lines"
WEIGHT = 3.0
"""Believed, not measured: the culprit set has no lines."""
_QUOTED = re.compile(r"(?<!\w)'([^'\n]{0,80})'(?!\w)|\"([^\"\n]{0,80})\"|`([^`\n]{0,80})`")
"""In pairs: also what is too short to tell anything, so that nothing between two texts is taken for one."""
_SHORTEST = 3
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
    says = f'Changes a line of {path} with "{literal}", which {context.teller} names'
    return Evidence(RULE, share * WEIGHT / having**0.5, says, file_url(candidate.change, path), Family.MECHANISM)


# Each candidate is held against the same alert.
@lru_cache(maxsize=16)
def _literals(alert: Alert) -> tuple[str, ...]:
    text = f"{alert.title}\n{without_trace(alert.text)}"[:_MOST_READ]
    quoted = (next((group for group in match.groups() if group), "") for match in _QUOTED.finditer(text))
    named = (match[1].strip(".") for match in _NAMED.finditer(text) if _is_name(match[1].strip(".")))
    return tuple(dict.fromkeys(each.strip() for each in (*quoted, *named) if _tells(each.strip())))[:_MOST]


def _is_name(word: str) -> bool:
    """Of what stands without quotes: no word of prose."""
    return any(c in "_." or c.isdigit() for c in word) and word.lower() not in STOP_WORDS


def _tells(value: str) -> bool:
    everyday = value.isalpha() and (value.lower() in STOP_WORDS or value.lower() in FILLERS)
    return len(value) >= _SHORTEST and any(c.isalpha() for c in value) and not everyday


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
    return literal in line and re.search(rf"(?<!\w){re.escape(literal)}(?!\w)", line) is not None
