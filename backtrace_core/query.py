"""What an alert asks of the changes: its words, its whole names, and how much each is worth."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backtrace_core.alerts.labels import without_keys
from backtrace_core.alerts.stack import without_trace
from backtrace_core.model import Alert, Scope
from backtrace_core.scope import environment_name
from backtrace_core.words import (
    COMMON_IN_ALERTS,
    STOP_WORDS,
    counted_words,
    is_file,
    is_identifier,
    is_telling_word,
    spelled_words,
    stem,
    stems_in,
    tokens,
    tokens_again,
    without_urls,
)

TITLE, TEXT = 1.0, 0.7
"""How much a word of the title, and one that only the text has, says about the trouble."""
_COMMON = 0.4
_REPEATED, _MOST_REPEATED = 0.6, 4
"""What is said again matters more, by the logarithm of how often; not without end: logs repeat everything."""
_AS_CODE = 1.35
"""For a word that stands in a name of code, a path or quotes: somebody copied it."""
_PLANNED = 0.4
"""Left of a word that only stands where people say what is to be done, not what they saw."""
_SHORTEST_NAME = 3
_CODE = re.compile(
    r"`[^`\n]{2,80}`|\"[^\"\n]{2,60}\"|\b\w{0,80}_\w{1,80}\b|\b[a-z]{1,40}[A-Z]\w{1,80}\b|\b[\w-]{1,80}(?:/[\w.-]{1,80})+"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_PLANS = re.compile(
    r"\b(revert\w*|re-?land\w*|re-?submit\w*|re-?appl\w*|investigat\w*|until|for now|sorry|in the future|temporar\w*"
    r"|unblock\w*|will (?:be )?(?:fix|re|send|try|work|add)\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """``said``: the telling words (stems) with 0..1 for where they stand, ``weights`` those of all words.

    ``written``: how the alert writes a word. ``names``: its paths and identifiers, ``tokens`` all that stands between
    spaces and is no everyday word; both lower case.
    ``spoken``: words as they are written, lower case, with how often.
    """

    said: Mapping[str, float]
    weights: Mapping[str, float]
    written: Mapping[str, str]
    names: frozenset[str]
    tokens: frozenset[str]
    spoken: Mapping[str, int]


def query_of(alert: Alert, scope: Scope) -> Query:
    said: dict[str, float] = {}
    weights: dict[str, float] = {}
    written: dict[str, str] = {}
    names: set[str] = set()
    whole: set[str] = set()
    parts = tuple((without_urls(text), strength) for text, strength in _texts(alert))
    often = Counter(word for text, _ in parts for word in stems_in(text))
    as_code = {word for text, _ in parts for code in _CODE.findall(text) for word in stems_in(code)}
    for sentence, strength, worth in _sentences(parts):
        for token in _tokens(sentence, scope):
            _name(token, names, whole)
            for word, form in counted_words(token):
                written.setdefault(word, form)
                weights[word] = max(worth * _weight(word, often[word], is_code=word in as_code), weights.get(word, 0.0))
                # A file is the changed one or it is not: its folders are no words that somebody chose.
                if is_telling_word(word, form) and not is_file(token):
                    said[word] = max(strength, said.get(word, 0.0))
    return Query(said, weights, written, frozenset(names), frozenset(whole), _spoken(parts, scope))


def _texts(alert: Alert) -> tuple[tuple[str, float], ...]:
    title = " ".join((alert.title, *alert.error_terms))
    return (title, TITLE), (without_keys(without_trace(alert.text)), TEXT)


def _sentences(parts: tuple[tuple[str, float], ...]) -> Iterator[tuple[str, float, float]]:
    """Each with how much its words say about the trouble by where it stands, and by what it speaks of as well."""
    for text, strength in parts:
        for sentence in _SENTENCE.split(text):
            yield sentence, strength, strength * (_PLANNED if _PLANS.search(sentence) else 1.0)


def _tokens(sentence: str, scope: Scope) -> Iterator[str]:
    for as_written in tokens(sentence):
        token = _without_service(as_written, scope)
        if not _is_place(token, scope):
            yield token


def _spoken(parts: tuple[tuple[str, float], ...], scope: Scope) -> Mapping[str, int]:
    found = (_without_service(token, scope) for text, _ in parts for token in tokens_again(text))
    return Counter(word for token in found if not _is_place(token, scope) for word in spelled_words(token))


def _weight(word: str, often: int, *, is_code: bool) -> float:
    repeated = 1 + _REPEATED * math.log(max(1, min(often, _MOST_REPEATED)))
    return repeated * (_COMMON if word in COMMON_IN_ALERTS else 1.0) * (_AS_CODE if is_code else 1.0)


def _name(token: str, names: set[str], whole: set[str]) -> None:
    is_everyday = token.isalpha() and stem(token) in STOP_WORDS
    if len(token) >= _SHORTEST_NAME and not token.replace(".", "").isdigit() and not is_everyday:
        whole.add(token.lower())
    if is_identifier(token) or "/" in token or "." in token:
        names.add(token.lower())


def _without_service(token: str, scope: Scope) -> str:
    """Pods and short ids begin with the service's name: ``search-6d9f7c-x2k4q``."""
    prefix = f"{scope.service.name.lower()}-"
    return token[len(prefix) :] if token.lower().startswith(prefix) else token


def _is_place(token: str, scope: Scope) -> bool:
    """The service's own name and the environment say where, not what."""
    word = token.lower()
    names = (scope.service.name, *scope.service.all_projects, scope.environment, *scope.environment.split("/"))
    return word in map(str.lower, names) or environment_name(word) in map(environment_name, names)
