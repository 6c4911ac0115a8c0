"""The values that an alert quotes, and the candidates whose changed lines have them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from backtrace_core.alerts.stack import without_trace
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.model import Alert, Candidate, Change, FileDiff
from backtrace_core.touched import touched_of
from backtrace_core.words import FILLERS, STOP_WORDS

_QUOTED = re.compile(r"(?<!\w)'([^'\n]{0,80})'(?!\w)|\"([^\"\n]{0,80})\"|`([^`\n]{0,80})`")
"""In pairs: also what is too short to tell anything, so that nothing between two texts is taken for one."""
_SHORTEST = 3
_NAMED = re.compile(
    r"\b(?:column|table|relation|key|field|named|flag|setting|module) [\"'`]?([\w.]{3,80})", re.IGNORECASE
)
_BESIDE = 0.4
"""What is left where the line has the value as before, and something else changed in it."""
_MOST_READ, _MOST = 4000, 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A changed file with a line that has the ``value``; ``share``: how much of that counts, 0..1."""

    share: float
    value: str
    path: str


@dataclass(frozen=True, slots=True)
class QuotedValues:
    """``hits``: by key, of those that have any. ``having``: by value, how many candidates have it."""

    hits: Mapping[str, tuple[Hit, ...]]
    having: Mapping[str, int]


def quoted_values(candidates: Iterable[Candidate], alert: Alert) -> QuotedValues:
    """Each change is looked at once, however often it is among the candidates."""
    wanted = values_of(alert)
    once = {candidate.change.key: candidate.change for candidate in candidates} if wanted else {}
    hits = {key: found for key, change in once.items() if (found := tuple(_hits(change, wanted)))}
    return QuotedValues(hits, Counter(value for found in hits.values() for value in {hit.value for hit in found}))


@lru_cache(maxsize=16)
def values_of(alert: Alert) -> tuple[str, ...]:
    """In quotes, or behind a word that a name follows on."""
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


def _hits(change: Change, wanted: tuple[str, ...]) -> Iterator[Hit]:
    for file in filter(is_product_code, change.files):
        lines = [text for hunk in file.hunks for _, text in (*hunk.added, *hunk.removed)]
        for value in wanted:
            if any(_has(text, value) for text in lines):
                yield Hit(1.0 if _is_changed(file, value) else _BESIDE, value, file.path)


def _is_changed(file: FileDiff, value: str) -> bool:
    touched = touched_of(file)
    return any(_has(piece, value) for piece in (*touched.gone, *touched.new))


def _has(line: str, value: str) -> bool:
    """As a whole: ``id`` is not in ``width``."""
    return value in line and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", line) is not None
