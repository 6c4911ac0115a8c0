"""The error has a value or a key that the change gives to a settings file, or takes away from it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_settings, is_test
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Evidence, Family, FileDiff
from backtrace_core.raised import is_telling
from backtrace_core.words import COMMON_IN_ALERTS, STOP_WORDS, stem

RULE = "setting_in_error"
QUOTED, SAID = 6.5, 4.0
"""Believed: code that reads a value raises by the very value, and its line is as it was."""
_LONG, _FEW = 4, 3
_TRANSLATIONS = re.compile(r"(?:^|/)(?:locales?|lang|i18n|translations)/|openapi|swagger", re.IGNORECASE)
"""Prose, in files that look like settings."""
_KEYED = re.compile(r"^\s*(?:-\s*)?[\"']?([\w.\-]{1,80})[\"']?\s*[:=]\s*(.{0,200}?)[\s,]*$")
_TEXT = re.compile(r"\"([^\"\n]{1,120})\"|'([^'\n]{1,120})'")
_COMMENT = re.compile(r"^\s*(?:#|;|//)")


def setting_in_error(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    """Only beside a trace: what other alerts say has words that stand in some settings by chance."""
    if not alert.frames:
        return None
    told = _found(candidate.change.files, context.raised.message)
    found = max(((w * _rarity(phrase, context), phrase, path, gone) for w, phrase, path, gone in told), default=None)
    if found is None:
        return None
    weight, phrase, path, gone = found
    verb = "Takes" if gone else "Puts"
    where = "out of" if gone else "into"
    says = f'{verb} "{phrase}" {where} the settings in {path}, and {context.teller} has it'
    return Evidence(RULE, weight, says, file_url(candidate.change, path), Family.PLACE)


def _rarity(phrase: str, context: Context) -> float:
    """1 of a name that few changes have; ``timeout`` and ``name`` stand in many, and hit by chance."""
    return math.sqrt(min(1.0, _FEW / max(1, context.corpus.naming.get(phrase.lower(), 1))))


def _found(files: Iterable[FileDiff], message: str) -> Iterator[tuple[float, str, str, bool]]:
    for file in files:
        if not is_settings(file.path) or is_test(file.path) or _TRANSLATIONS.search(file.path):
            continue
        gone, new = _differing(file)
        for phrases, is_gone in ((gone, True), (new, False)):
            for phrase in phrases:
                weight = _weight(phrase, message)
                if weight:
                    yield weight, phrase, file.path, is_gone


@lru_cache(maxsize=at_hand.CHANGES)
def _differing(file: FileDiff) -> tuple[frozenset[str], frozenset[str]]:
    """The keys, values and words that are gone, and those that are new."""
    old = frozenset(phrase for hunk in file.hunks for _, line in hunk.removed for phrase in _phrases(line))
    new = frozenset(phrase for hunk in file.hunks for _, line in hunk.added for phrase in _phrases(line))
    return old - new, new - old


def _phrases(line: str) -> Iterator[str]:
    """Keys and whole values: a word of prose in a value is none."""
    if _COMMENT.match(line):
        return
    match = _KEYED.match(line)
    if match is not None:
        yield from (match[1], match[2].strip("\"' "))
    yield from (found[1] or found[2] for found in _TEXT.finditer(line))


def _weight(phrase: str, message: str) -> float:
    """As a whole, and no everyday word; a short one, and a number, only in quotes."""
    if not phrase or not is_telling(phrase):
        return 0.0
    if re.search(rf"['\"`]{re.escape(phrase)}['\"`]", message):
        return QUOTED
    if phrase.isalpha() and stem(phrase) in STOP_WORDS | COMMON_IN_ALERTS:
        return 0.0
    if len(phrase) < _LONG or not any(c.isalpha() for c in phrase):
        return 0.0
    return SAID if re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", message) else 0.0
