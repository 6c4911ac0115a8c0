"""What the rules know beside the candidate: the alert's words, every candidate's words, how common each word is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backtrace_core.alerts.labels import without_keys
from backtrace_core.evidence.change_words import WEIGHTS, ChangeWords, change_words
from backtrace_core.evidence.layout import layout_of
from backtrace_core.evidence.trace_paths import TracePaths, trace_paths
from backtrace_core.model import Alert, Blame, Candidate, Harvest, Scope
from backtrace_core.occasion import teller
from backtrace_core.reverts import taken_back
from backtrace_core.scope import environment_name
from backtrace_core.symptom import Symptom, symptoms
from backtrace_core.words import is_file, is_identifier, tokens, without_urls, words_in

_UNSEEN = 4
TITLE, TEXT = 1.0, 0.7
"""How much a word of the title, and one that only the text has, says about the trouble."""


@dataclass(frozen=True, slots=True)
class Context:
    """``said``: the alert's telling words with 0..1 for where they stand. ``names``: its paths and identifiers, lower
    case. ``changes``: words by change key. ``common``: in how many candidates a field has a word. ``teller``: who says
    all that, ``the alert`` or ``the question``. ``taken_back``: see :mod:`backtrace_core.reverts`. ``service``: the
    alert's own. ``trace``: which of the candidates' files the alert's trace passes.
    """

    said: Mapping[str, float]
    names: frozenset[str]
    symptoms: tuple[Symptom, ...]
    changes: Mapping[str, ChangeWords]
    common: Mapping[tuple[str, str], int]
    teller: str
    taken_back: Mapping[str, Candidate]
    service: str
    trace: TracePaths
    blames: tuple[Blame, ...]

    def telling(self, field: str, word: str) -> float:
        """1 for a word that one candidate alone has in that field, little for one that nearly all of many have.

        Among few candidates a shared word tells less of its rarity: some unseen ones are counted in.
        """
        count = len(self.changes) + _UNSEEN
        with_it = max(1, self.common.get((field, word), 1))
        return math.log(1 + count / with_it) / math.log(1 + count)

    def strength(self, field: str, word: str) -> float:
        """How much it says that the alert and that field of a candidate share the word; 0 when they don't."""
        said = self.said.get(word)
        return said * self.telling(field, word) if said else 0.0

    def shared(self, key: str) -> dict[str, tuple[str, float]]:
        """The words that the alert and a change share: each once, with the field where it says most, and how much."""
        best: dict[str, tuple[str, float]] = {}
        for field, words in self.changes[key].fields():
            for word in words:
                weight = WEIGHTS[field] * self.strength(field, word)
                if weight > best.get(word, ("", 0.0))[1]:
                    best[word] = (field, weight)
        return best


def context_of(candidates: tuple[Candidate, ...], alert: Alert, harvest: Harvest) -> Context:
    said, names = _said(alert, harvest.scope)
    layout = layout_of((c.change for c in candidates), harvest.changes)
    changes = {c.change.key: change_words(c.change, layout) for c in candidates}
    return Context(
        said=said,
        service=harvest.scope.service.name,
        names=names,
        symptoms=symptoms(_symptom_words(alert, said)),
        changes=changes,
        common=_common(changes.values()),
        teller=teller(alert),
        taken_back=taken_back(candidates, alert),
        trace=trace_paths(
            alert.frames, (c.change for c in candidates), (c.change for c in candidates if c.via is not None)
        ),
        blames=harvest.blames,
    )


def _symptom_words(alert: Alert, said: Mapping[str, float]) -> set[str]:
    """Words as they are plus tokens that have digits in them (``p99``), which are no words to compare."""
    return {*said, *(token.lower() for token in tokens(f"{alert.title}\n{alert.text}"))}


def _said(alert: Alert, scope: Scope) -> tuple[dict[str, float], frozenset[str]]:
    said: dict[str, float] = {}
    names: set[str] = set()
    title = " ".join((alert.title, *alert.error_terms))
    for text, strength in ((title, TITLE), (without_keys(alert.text), TEXT)):
        for written in tokens(without_urls(text)):
            token = _without_service(written, scope)
            if _is_place(token, scope):
                continue
            if is_identifier(token) or "/" in token or "." in token:
                names.add(token.lower())
            if is_file(token):
                continue  # a file is the changed one or it is not: its folders are no words that somebody chose
            for word in words_in(token):
                said[word] = max(strength, said.get(word, 0.0))
    return said, frozenset(names)


def _without_service(token: str, scope: Scope) -> str:
    """Pods and short ids begin with the service's name: ``search-6d9f7c-x2k4q``."""
    prefix = f"{scope.service.name.lower()}-"
    return token[len(prefix) :] if token.lower().startswith(prefix) else token


def _is_place(token: str, scope: Scope) -> bool:
    """The service's own name and the environment say where, not what."""
    word = token.lower()
    names = (scope.service.name, *scope.service.all_projects, scope.environment, *scope.environment.split("/"))
    return word in map(str.lower, names) or environment_name(word) in map(environment_name, names)


def _common(changes: Iterable[ChangeWords]) -> dict[tuple[str, str], int]:
    counts: Counter[tuple[str, str]] = Counter()
    for words in changes:
        for field, of_field in words.fields():
            counts.update((field, word) for word in of_field)
    return dict(counts)
