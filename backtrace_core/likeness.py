"""How much each known change of a project has to do with what an alert says: one number a rule, before its weight.

All known changes are compared, not the candidates alone: what an innocent change usually has in common with such an
alert is what a candidate has to surpass. See :mod:`backtrace_core.among` for what sets one candidate apart from others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backtrace_core.among import Shared, names_among, spread_among, words_among
from backtrace_core.corpus import Corpus
from backtrace_core.evidence.change_words import CODE, PATH
from backtrace_core.query import Query
from backtrace_core.spelling import best_shared, spelled
from backtrace_core.subjects import Array

WORDS_IN_CODE, WORDS_SHARED, NAME_SHARED = "words_in_code", "words_shared", "name_shared"
SAME_SUBJECT, LIKE_ANOTHER, GOES_WITH = "same_subject", "like_another", "goes_with"
TITLE_SAID, SPELLED_ALIKE = "title_said", "spelled_alike"
COLUMNS = (
    WORDS_IN_CODE,
    WORDS_SHARED,
    TITLE_SAID,
    NAME_SHARED,
    SPELLED_ALIKE,
    SAME_SUBJECT,
    LIKE_ANOTHER,
    GOES_WITH,
)

_DEVIATIONS = (SPELLED_ALIKE, SAME_SUBJECT, LIKE_ANOTHER)

_STRETCH, _POWER = 2.5, 0.2
"""An alert of many words shares more with any change: sums are divided by this power of what all its words weigh."""
_SILENT, _SPREAD, _FARTHEST = 50, 0.05, 4.0
"""A likeness counts by how far it lies from the usual one, in standard deviations; so many silent changes more are
taken to exist."""
_LIKE, _LEAST_LIKE = 50, 0.05
_SHORT_TITLE, _SEVERAL = 3.0, 2
"""In nats: a title of one word is soon said as a whole, and that means little. One word is no subject."""


@dataclass(frozen=True)
class Likeness:
    """``rows``: by change key, its row in ``strengths``, whose columns are :data:`COLUMNS`: words and names are as rare
    there as in the whole project. ``among``: by candidate the same columns, as rare and as far off as among these.

    ``shared``: by candidate the words that the alert and it share, with the field that says most and how much by the
    project's measure.
    ``threes``: of a change, the three letters that it and the alert share and that tell most.
    ``names``: by candidate the rarest whole name that both have.
    ``others``: of a change like which it is. ``goes``: the word of the alert that goes with a place that it touches,
    that place, in how many changes both, the word, the place occur.
    """

    rows: Mapping[str, int]
    strengths: Array
    among: Mapping[str, Array]
    shared: Shared
    names: Mapping[str, str]
    threes: Mapping[str, int]
    others: Mapping[str, str]
    goes: Mapping[str, tuple[str, str, int, int, int]]

    def strength(self, key: str, rule: str) -> float:
        """Of a candidate, among the candidates."""
        return float(self.among[key][COLUMNS.index(rule)])

    def deviation(self, key: str, rule: str) -> float:
        """Of a change from the usual one of the project, in standard deviations."""
        return float(self.strengths[self.rows[key], COLUMNS.index(rule)])


def likeness(query: Query, corpus: Corpus, candidates: Iterable[str]) -> Likeness:
    """Compare the alert with all changes of the corpus; ``candidates`` are keys of some of them."""
    rows = {key: number for number, key in enumerate(corpus.words)}
    own = frozenset(candidates)
    norm = max(1.0, sum(weight * corpus.rarity(word) for word, weight in query.weights.items())) ** _POWER
    strengths = np.zeros((len(rows), len(COLUMNS)))
    shared = _share(query, corpus, norm)
    names = _names(query, corpus)
    _fill_words(strengths, rows, shared)
    _fill(strengths, rows, NAME_SHARED, {key: corpus.rarity_of_name(several[0]) for key, several in names.items()})
    _fill(strengths, rows, TITLE_SAID, _title_said(query, corpus))
    meant = corpus.subjects.of({word: weight * corpus.rarity(word) for word, weight in query.weights.items()})
    usual = np.asarray([key in corpus.telling_keys for key in rows], dtype=bool)
    worth = corpus.spelling.worth(spelled(query.spoken))
    strengths[:, COLUMNS.index(SPELLED_ALIKE)] = _standing_out(corpus.spelling.alike(worth), usual)
    threes = {key: three for key in own if (three := best_shared(corpus.words[key].spelled, worth)) is not None}
    strengths[:, COLUMNS.index(SAME_SUBJECT)] = _standing_out(corpus.subjects.rows @ meant, usual)
    like, others = _like_others(corpus, own, shared)
    strengths[:, COLUMNS.index(LIKE_ANOTHER)] = _standing_out(like, usual) if others else 0.0
    goes, lifts = _goes_with(query, corpus, shared)
    _fill(strengths, rows, GOES_WITH, {key: lift / norm for key, lift in lifts.items()})
    here = {key: number for number, key in enumerate(sorted(own))}
    among = strengths[[rows[key] for key in here]]
    kept = {key: shared[key] for key in here if key in shared}
    rarest = names_among(here, corpus, names)
    _fill_words(among, here, words_among(here, corpus, shared))
    _fill(among, here, NAME_SHARED, {key: rarity for key, (_, rarity) in rarest.items()})
    columns = [COLUMNS.index(rule) for rule in _DEVIATIONS]
    among[:, columns] /= spread_among(among[:, columns])
    called = {key: name for key, (name, _) in rarest.items()}
    return Likeness(rows, strengths, dict(zip(here, among, strict=True)), kept, called, threes, others, goes)


def _fill(strengths: Array, rows: Mapping[str, int], rule: str, values: Mapping[str, float]) -> None:
    column = COLUMNS.index(rule)
    for key, value in values.items():
        strengths[rows[key], column] = value


def _fill_words(strengths: Array, rows: Mapping[str, int], shared: Shared) -> None:
    _fill(strengths, rows, WORDS_IN_CODE, {key: _sum(found, code=True) for key, found in shared.items()})
    _fill(strengths, rows, WORDS_SHARED, {key: _sum(found, code=False) for key, found in shared.items()})


def _share(query: Query, corpus: Corpus, norm: float) -> Shared:
    found: dict[str, dict[str, tuple[str, float]]] = {}
    for word, weight in query.weights.items():
        worth = _STRETCH * weight * corpus.rarity(word) / norm
        for key, (frequency, field) in corpus.speaking(word).items():
            found.setdefault(key, {})[word] = (field, worth * frequency)
    return found


def _sum(shared: Mapping[str, tuple[str, float]], *, code: bool) -> float:
    return sum(worth for field, worth in shared.values() if (field in (CODE, PATH)) is code)


def _title_said(query: Query, corpus: Corpus) -> dict[str, float]:
    """By change which part of its title the alert says, 0 to 1: words count by how rare they are."""
    asked = query.weights.keys()
    found: dict[str, float] = {}
    for key, words in corpus.words.items():
        shared = asked & words.title.keys()
        if len(shared) >= _SEVERAL:
            said = math.fsum(corpus.rarity(word) * min(1.0, query.weights[word]) for word in shared)
            found[key] = said / (math.fsum(map(corpus.rarity, words.title)) + _SHORT_TITLE)
    return found


def _names(query: Query, corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """By change the whole names that the alert and it have, the rarest first."""
    known = sorted((n for n in query.tokens if n in corpus.naming), key=lambda n: (-corpus.rarity_of_name(n), n))
    found = ((key, tuple(filter(words.names, known))) for key, words in corpus.words.items())
    return {key: names for key, names in found if names}


def _standing_out(values: Array, usual: npt.NDArray[np.bool_]) -> Array:
    """In standard deviations from the mean of the usual changes, with some silent ones beside them."""
    count = int(usual.sum()) + _SILENT
    mean = values[usual].sum() / count
    spread = np.sqrt(max(0.0, (values[usual] ** 2).sum() / count - mean**2)) + _SPREAD
    return np.asarray(np.clip((values - mean) / spread, -_FARTHEST, _FARTHEST))


def _like_others(corpus: Corpus, own: frozenset[str], shared: Shared) -> tuple[Array, dict[str, str]]:
    """How like each change is to the likest of those that share most with the alert; no candidate is one of them."""
    worth = {key: sum(weight for _, weight in shared[key].values()) for key in corpus.telling if key in shared}
    first = sorted((key for key in worth if key not in own), key=lambda key: (-worth[key], key))[:_LIKE]
    rows = corpus.subjects.rows
    if not first:
        return np.zeros(len(rows)), {}
    numbers = {key: number for number, key in enumerate(corpus.words)}
    alike = rows @ rows[[numbers[key] for key in first]].T
    for column, key in enumerate(first):
        alike[numbers[key], column] = 0.0
    best = alike.argmax(axis=1)
    others = {key: first[best[numbers[key]]] for key in own if alike[numbers[key]].max() > _LEAST_LIKE}
    return alike.max(axis=1), others


def _goes_with(
    query: Query, corpus: Corpus, shared: Shared
) -> tuple[dict[str, tuple[str, str, int, int, int]], dict[str, float]]:
    """What the project's history adds for words that a change has not itself."""
    sums: dict[str, float] = {}
    best: dict[str, tuple[float, str, str, int]] = {}
    for word, weight in query.weights.items():
        for key, (lift, place, together) in corpus.going_with(word).items():
            if word not in shared.get(key, ()):
                sums[key] = sums.get(key, 0.0) + weight * lift
                best[key] = max(best.get(key, (0.0, "", "", 0)), (weight * lift, word, place, together))
    told = {
        key: (word, place, together, len(corpus.saying[word]), corpus.touching[place])
        for key, (_, word, place, together) in best.items()
    }
    return told, sums
