"""The alert and the change have a word written the same way, at most in other capitals: the rarer, the more it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from unicodedata import normalize

from backtrace_core.evidence.change_words import ChangeWords, paths_of
from backtrace_core.evidence.context import Context
from backtrace_core.likeness import NAME_SHARED as RULE
from backtrace_core.model import Alert, Candidate, Change, Evidence, FileDiff


def name_shared(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    change = candidate.change
    name = context.likeness.names.get(change.key)
    if name is None:
        return None
    weight = context.model.weight(RULE) * context.likeness.strength(change.key, RULE)
    where, texts = _where(name, change, context.words(change.key))
    asked = _as_written(name, alert)
    own = next((form for text in texts for form in asked if form in text and form in _forms(name, text)), "")
    how = "letter by letter" if own else "but for capitals"
    says = f'Has "{own or asked[0]}" in {where}, {how} as {context.teller} writes it'
    return Evidence(RULE, weight, says, change.url)


def _where(name: str, change: Change, words: ChangeWords) -> tuple[str, Iterable[str]]:
    """What to call the place, and what stands there."""
    if name in words.identifiers:
        path = words.identifiers[name][1]
        return path, (text for file in change.files if file.path == path for text in _code_of(file))
    if name in words.tokens:
        return "its title or description", (change.title, change.description)
    if name in words.files:
        return "its paths", (path for file in change.files for path in paths_of(file))
    return "the lines that it changes", (text for file in change.files for text in _code_of(file))


def _code_of(file: FileDiff) -> Iterator[str]:
    for hunk in file.hunks:
        yield hunk.heading
        yield from (text for _, text in (*hunk.added, *hunk.removed))


# Each candidate is held against the same alert.
@lru_cache(maxsize=256)
def _as_written(name: str, alert: Alert) -> tuple[str, ...]:
    return _forms(name, "\n".join((alert.title, *alert.error_terms, alert.text))) or (name,)


def _forms(name: str, text: str) -> tuple[str, ...]:
    """How a text writes a name that is given in lower case."""
    composed = text if text.isascii() else normalize("NFC", text)
    if name not in composed.lower():
        return ()
    return tuple(dict.fromkeys(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", composed, re.IGNORECASE)))
