"""What the known changes of a project teach: how rare a word is, what goes with what, what a usual change looks like.

Nothing is learned across projects, and nothing from the order or the times of the changes.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from backtrace_core.evidence.change_words import (
    CODE,
    DESCRIPTION,
    FIELDS,
    PATH,
    TITLE,
    WORK_ITEM,
    ChangeWords,
    change_words,
)
from backtrace_core.model import Change
from backtrace_core.spelling import Spelling
from backtrace_core.subjects import Subjects, subjects_of
from backtrace_core.taking_back import is_about_another

FIELD_WEIGHTS = {TITLE: 2.0, WORK_ITEM: 2.0, DESCRIPTION: 1.0, PATH: 1.5, CODE: 0.5}
_LENGTH_COUNTS = {TITLE: 0.6, WORK_ITEM: 0.6, DESCRIPTION: 0.6, PATH: 0.75, CODE: 0.75}
_SATURATION = 3.0
_SAYING, _TOGETHER, _SHRINK = 2, 2, 5
"""A word joins a place where at least so many changes have both; so many more are taken to touch it and not say it."""
_UNSEEN, _RATE_UNSEEN = 20, 0.005
"""A project of few known changes: so many more are taken to exist, and so often does any word occur in those."""


@dataclass(frozen=True)
class Corpus:
    """``words``: of each change, by its key, in the order of the keys. ``telling``: the keys of those that count for
    what goes with what: a revert speaks of the change that it takes back, and of what that broke.
    """

    words: Mapping[str, ChangeWords]
    telling: tuple[str, ...]

    @cached_property
    def having(self) -> Mapping[str, int]:
        """In how many changes a word (a stem) occurs."""
        return {word: len(keys) for word, keys in self.holding.items()}

    @cached_property
    def holding(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of the changes in which a word (a stem) occurs."""
        return _inverted((key, words.all()) for key, words in self.words.items())

    @cached_property
    def naming(self) -> Mapping[str, int]:
        """In how many changes a whole name occurs: an identifier, a path, a token of prose."""
        return Counter(name for words in self.words.values() for name in words.all_names())

    @cached_property
    def saying(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of the changes whose title or description has the word."""
        said = ((key, self.words[key].counts) for key in self.telling)
        return _inverted((key, {*counts[TITLE], *counts[DESCRIPTION]}) for key, counts in said)

    @cached_property
    def touching(self) -> Mapping[str, int]:
        """How many of the telling changes touch a file, or something below a folder."""
        return {place: sum(key in self.telling_keys for key in keys) for place, keys in self.at_place.items()}

    @cached_property
    def telling_keys(self) -> frozenset[str]:
        return frozenset(self.telling)

    @cached_property
    def at_place(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of all changes that touch a file, or something below a folder."""
        return _inverted((key, words.places) for key, words in self.words.items())

    @cached_property
    def spelling(self) -> Spelling:
        """Of the changes, in the order of :attr:`words`."""
        return Spelling([words.spelled for words in self.words.values()])

    @cached_property
    def subjects(self) -> Subjects:
        return subjects_of({key: self.weighted(key) for key in self.words}, frozenset(self.telling), self.rarity)

    @cached_property
    def _lengths(self) -> Mapping[str, float]:
        """The mean number of words of each field."""
        count = max(1, len(self.words))
        return {f: max(1.0, sum(sizes[f] for sizes in self._sizes.values()) / count) for f in FIELDS}

    def rarity(self, word: str) -> float:
        """In nats: how surprising it is that a change has the word."""
        return self.rarity_of_count(self.having.get(word, 0))

    def rarity_of_name(self, name: str) -> float:
        return self.rarity_of_count(self.naming.get(name, 0))

    def rarity_of_count(self, count: int) -> float:
        """Of anything that so many changes have."""
        return -math.log((count + _UNSEEN * _RATE_UNSEEN) / (len(self.words) + _UNSEEN))

    def speaking(self, word: str) -> Mapping[str, tuple[float, str]]:
        """The changes that have the word: how much each speaks of it, 0 to 1, and the field that says most of it.

        BM25F (Robertson, Zaragoza, Taylor 2004): the counts of the fields are weighted, made comparable by the fields'
        lengths, added, and only then saturated.
        """
        if word not in self._spoken:
            self._spoken[word] = dict(self._speaking(word))
        return self._spoken[word]

    def _speaking(self, word: str) -> Iterator[tuple[str, tuple[float, str]]]:
        for key in self.holding.get(word, ()):
            total, best, most, worths = 0.0, "", 0.0, self._worths[key]
            for field, counts in self.words[key].counts.items():
                count = counts.get(word)
                if count:
                    share = count * worths[field]
                    total += share
                    if share > most:
                        best, most = field, share
            yield key, (_saturated(total), best)

    def going_with(self, word: str) -> Mapping[str, tuple[float, str, int]]:
        """What the history says of a word: the changes that touch a place where such changes usually say it.

        For each how many times likelier (in nats) that makes the word, the place, and how many changes have both.
        """
        if word not in self._joined:
            self._joined[word] = dict(self._going_with(word))
        return self._joined[word]

    def _going_with(self, word: str) -> Iterator[tuple[str, tuple[float, str, int]]]:
        places = self._places_of(word)
        if not places:
            return
        found: dict[str, tuple[float, str, int]] = {}
        # The likeliest place comes last, and stays.
        for place, (lift, together) in sorted(places.items(), key=lambda each: (each[1][0], each[0])):
            found.update(dict.fromkeys(self.at_place[place], (lift, place, together)))
        yield from found.items()

    def saying_at(self, word: str, place: str) -> tuple[int, int]:
        """How many of all changes that touch a place have the word in title or description; how many touch it."""
        there = self.at_place[place]
        return len(self._saying_anywhere(word).intersection(there)), len(there)

    def _saying_anywhere(self, word: str) -> frozenset[str]:
        """As :attr:`saying`, of all changes."""
        if word not in self._said:
            told = ((key, self.words[key].counts) for key in self.holding.get(word, ()))
            self._said[word] = frozenset(key for key, has in told if word in has[TITLE] or word in has[DESCRIPTION])
        return self._said[word]

    def _places_of(self, word: str) -> dict[str, tuple[float, int]]:
        saying = self.saying.get(word, ())
        if len(saying) < _SAYING:
            return {}
        usual = len(saying) / len(self.telling)
        found: dict[str, tuple[float, int]] = {}
        for place, together in Counter(chain.from_iterable(self.words[key].places for key in saying)).items():
            if together >= _TOGETHER and (often := together / (self.touching[place] + _SHRINK)) > usual:
                found[place] = (math.log(often / usual), together)
        return found

    @cached_property
    def _said(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _spoken(self) -> dict[str, Mapping[str, tuple[float, str]]]:
        return {}

    @cached_property
    def _joined(self) -> dict[str, Mapping[str, tuple[float, str, int]]]:
        return {}

    def weighted(self, key: str) -> dict[str, float]:
        """All words of a change with how much it speaks of each, 0 to 1."""
        totals: dict[str, float] = defaultdict(float)
        counts = self.words[key].counts
        for field, worth in self._worths[key].items():
            for word, count in counts[field].items():
                totals[word] += worth * count
        return {word: _saturated(total) for word, total in totals.items()}

    @cached_property
    def _worths(self) -> Mapping[str, Mapping[str, float]]:
        """By change and field, what one occurrence there counts: less in a change whose field is longer than usual."""
        return {key: {f: self._worth(f, size) for f, size in sizes.items()} for key, sizes in self._sizes.items()}

    def _worth(self, field: str, size: int) -> float:
        share = _LENGTH_COUNTS[field]
        return FIELD_WEIGHTS[field] / (1 - share + share * size / self._lengths[field])

    @cached_property
    def _sizes(self) -> Mapping[str, Mapping[str, int]]:
        return {key: {f: sum(words.counts[f].values()) for f in FIELDS} for key, words in self.words.items()}


def _inverted(having: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """By what the changes have, each once, the keys of those that have it; in tuples, since most are of one key."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, several in having:
        for each in several:
            found[each].append(key)
    return {each: tuple(keys) for each, keys in found.items()}


def _saturated(total: float) -> float:
    return total / (total + _SATURATION)


def corpus_of(changes: Iterable[Change], layout: frozenset[str] = frozenset()) -> Corpus:
    """Count the words of all changes, each once. ``layout``: see :mod:`backtrace_core.evidence.layout`."""
    once = {change.key: change for change in changes}
    keys = sorted(once)
    telling = tuple(key for key in keys if not is_about_another(once[key].title))
    return Corpus({key: change_words(once[key], layout) for key in keys}, telling)
