"""How alike texts are spelled: by the three letters in a row that their words have in common.

So ``expiry`` meets ``expired``, and ``AuthSession`` meets ``session``, which no stemmer joins. Texts lie the closer the
more of their rare threes they share, whatever their length: the cosine of their weighted counts (Salton, Wong, Yang
1975; of letters in a row Cavnar, Trenkle 1994).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from backtrace_core import at_hand
from backtrace_core.subjects import Array

_KNOWN = "abcdefghijklmnopqrstuvwxyz0123456789"
_NUMBERS = {letter: number for number, letter in enumerate(_KNOWN, 1)}
_SIGNS = len(_KNOWN) + 1
"""A letter, a digit, or the edge of a word; letters of other scripts share those numbers."""
_ALL = _SIGNS**3
_UNSEEN = 20
"""Of few texts nobody can say how rare anything is: so many more are taken to exist."""
_CHANCE = 0.02

Threes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Spelled:
    """The different threes of a text, in order, and 1 + the logarithm of how often each comes."""

    threes: Threes
    often: npt.NDArray[np.float32]


@lru_cache(maxsize=at_hand.WORDS)
def threes_of(word: str) -> tuple[int, ...]:
    """Of a word in lower case, its edges with it."""
    signs = (0, *(_NUMBERS.get(letter, ord(letter) % len(_KNOWN) + 1) for letter in word), 0)
    return tuple((a * _SIGNS + b) * _SIGNS + c for a, b, c in zip(signs, signs[1:], signs[2:], strict=False))


def spelled(words: Mapping[str, int] | Iterable[str]) -> Spelled:
    """``words``: in lower case, with how often each comes."""
    counts: Counter[int] = Counter()
    for word, count in Counter(words).items():
        for three in threes_of(word):
            counts[three] += count
    found = sorted(counts)
    often = 1 + np.log(np.asarray([counts[three] for three in found], dtype=np.float32))
    return Spelled(np.asarray(found, dtype=np.int32), often.astype(np.float32))


class Spelling:
    """All known texts, each weighed to a length of 1."""

    def __init__(self, texts: Sequence[Spelled]) -> None:
        self._count = len(texts)
        nothing = Spelled(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
        self._threes = np.concatenate([each.threes for each in (*texts, nothing)])
        self._owners = np.repeat(np.arange(len(texts)), [len(each.threes) for each in texts])
        having = np.bincount(self._threes, minlength=_ALL)
        self._rarity = np.log((len(texts) + _UNSEEN) / (having + 0.5))
        weights = np.concatenate([each.often for each in (*texts, nothing)]) * self._rarity[self._threes]
        lengths = np.sqrt(np.bincount(self._owners, weights**2, minlength=len(texts)))
        self._weights = weights / np.maximum(lengths, 1e-9)[self._owners]

    def worth(self, asked: Spelled) -> Array:
        """By three, what it counts in a text that is compared with the others; of length 1, or all 0."""
        found = np.zeros(_ALL)
        found[asked.threes] = asked.often * self._rarity[asked.threes]
        length = float(np.linalg.norm(found))
        return found / length if length else found

    def alike(self, worth: Array) -> Array:
        """0 to 1 for each text, in the order in which they were given; what any two may share by chance is 0."""
        found = np.bincount(self._owners, worth[self._threes] * self._weights, minlength=self._count)
        return np.where(found < _CHANCE, 0.0, found)


def best_shared(own: Spelled, worth: Array) -> int | None:
    """The three of a text that counts most."""
    if not len(own.threes):
        return None
    counting = own.often * worth[own.threes]
    best = int(counting.argmax())
    return int(own.threes[best]) if counting[best] > 0 else None
