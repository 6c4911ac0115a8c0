"""What an alert asks of the changes: its words, its whole names, and how much each is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backtrace_core.alerts.labels import without_keys
from backtrace_core.alerts.stack import without_trace
from backtrace_core.model import Alert, Scope
from backtrace_core.scope import environment_name
from backtrace_core.words import (
    COMMON_IN_ALERTS,
    STOP_WORDS,
    is_file,
    is_identifier,
    stem,
    stems_in,
    tokens,
    without_urls,
    written_words,
)

TITLE, TEXT = 1.0, 0.7
"""How much a word of the title, and one that only the text has, says about the trouble."""
_COMMON = 0.25
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Query:
    """``said``: the telling words (stems) with 0..1 for where they stand, ``weights`` those of all words.

    ``written``: how the alert writes a word. ``names``: its paths and identifiers, ``tokens`` all that stands between
    spaces and is no everyday word; both lower case.
    """

    said: Mapping[str, float]
    weights: Mapping[str, float]
    written: Mapping[str, str]
    names: frozenset[str]
    tokens: frozenset[str]


def query_of(alert: Alert, scope: Scope) -> Query:
    said: dict[str, float] = {}
    weights: dict[str, float] = {}
    written: dict[str, str] = {}
    names: set[str] = set()
    whole: set[str] = set()
    title = " ".join((alert.title, *alert.error_terms))
    for text, strength in ((title, TITLE), (without_keys(without_trace(alert.text)), TEXT)):
        for as_written in tokens(without_urls(text)):
            token = _without_service(as_written, scope)
            if _is_place(token, scope):
                continue
            _name(token, names, whole)
            for word, form in written_words(token):
                written.setdefault(word, form)
                # A file is the changed one or it is not: its folders are no words that somebody chose.
                if not is_file(token):
                    said[word] = max(strength, said.get(word, 0.0))
            for word in stems_in(token):
                worth = strength * (_COMMON if word in COMMON_IN_ALERTS else 1.0)
                weights[word] = max(worth, weights.get(word, 0.0))
                written.setdefault(word, word)
    return Query(said, weights, written, frozenset(names), frozenset(whole))


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
