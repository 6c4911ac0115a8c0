"""What sets one candidate apart from the others: what all of them speak of sets apart none.

A word or a name is as rare as it is among the candidates, and how far one of them lies off counts by how far they lie
apart. The project stands beside them, as if it were some more candidates: of few nobody can say what is usual.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from backtrace_core.corpus import Corpus
from backtrace_core.subjects import Array

Shared = Mapping[str, Mapping[str, tuple[str, float]]]
"""By change the words that it and the alert have, each with the field that says most and how much that is."""

_ELSEWHERE = 10
"""So many more candidates the project counts for. Measured: 1 to 30 are nearly as good."""


def shared_among(own: Collection[str], corpus: Corpus, shared: Shared) -> Shared:
    """Of the candidates, with each word as rare as it is among them."""
    having = Counter(word for key in own for word in shared.get(key, ()))
    rarities = ((word, count, corpus.rarity(word)) for word, count in having.items())
    more = {word: _rarity_among(count, len(own), rarity) / rarity for word, count, rarity in rarities}
    return {
        key: {word: (field, worth * more[word]) for word, (field, worth) in shared[key].items()}
        for key in own
        if key in shared
    }


def names_among(
    own: Collection[str], corpus: Corpus, names: Mapping[str, Sequence[str]]
) -> dict[str, tuple[float, str]]:
    """By candidate the name that fewest of the others have, and how rare it is."""
    having = Counter(name for key in own for name in names.get(key, ()))
    rarity = {name: _rarity_among(count, len(own), corpus.rarity_of_name(name)) for name, count in having.items()}
    return {key: max((rarity[name], name) for name in names[key]) for key in own if key in names}


def _rarity_among(count: int, candidates: int, rarity: float) -> float:
    """In nats: how surprising it is that one of ``candidates`` has what ``count`` of them have, by how many of the
    others have it, and by its ``rarity`` in the project.
    """
    return -math.log((count - 1 + _ELSEWHERE * math.exp(-rarity)) / (candidates - 1 + _ELSEWHERE))


def spread_among(deviations: Array) -> Array:
    """Of each column, in the project's standard deviations, which is 1: where candidates lie wide apart, how far one of
    them lies off tells less.
    """
    count = len(deviations)
    off = ((deviations - deviations.mean(axis=0)) ** 2).sum(axis=0) if count else np.zeros(deviations.shape[1])
    return np.asarray(np.sqrt((off + _ELSEWHERE) / (count + _ELSEWHERE)))
