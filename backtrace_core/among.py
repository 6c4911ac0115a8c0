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

_ELSEWHERE, _SHARE_ELSEWHERE = 10, 1 / 3
"""So many more candidates the project counts for, and at least such a share of the others: among a thousand, too, what
one alone has is only four times as rare as in the project. Measured in lists of 30 and 50; 1 to 30 more are nearly as
good there.
"""
_NARROWEST = 0.7
"""That candidates lie close together raises none of them by more than its inverse."""


def words_among(own: Collection[str], corpus: Corpus, shared: Shared) -> Shared:
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
) -> dict[str, tuple[str, float]]:
    """By candidate the rarest name among them, and how rare it is. ``names``: by change, the first to be preferred."""
    having = Counter(name for key in own for name in names.get(key, ()))
    rarity = {name: _rarity_among(count, len(own), corpus.rarity_of_name(name)) for name, count in having.items()}
    rarest = {key: max(names[key], key=rarity.__getitem__) for key in own if key in names}
    return {key: (name, rarity[name]) for key, name in rarest.items()}


def _rarity_among(count: int, candidates: int, rarity: float) -> float:
    """In nats: how surprising it is that one of ``candidates`` has what ``count`` of them have, by how many of the
    others have it, and by its ``rarity`` in the project.
    """
    elsewhere = _elsewhere(candidates)
    return -math.log((count - 1 + elsewhere * math.exp(-rarity)) / (candidates - 1 + elsewhere))


def spread_among(deviations: Array) -> Array:
    """Of each column how far the candidates lie apart, in standard deviations of the project's changes.

    By this deviations are divided: among candidates of many subjects how far one of them lies off tells less.
    """
    others = max(0, len(deviations) - 1)
    elsewhere = _elsewhere(len(deviations))
    off = ((deviations - deviations.mean(axis=0)) ** 2).sum(axis=0) if others else np.zeros(deviations.shape[1])
    return np.asarray(np.maximum(_NARROWEST, np.sqrt((off + elsewhere) / (others + elsewhere))))


def _elsewhere(candidates: int) -> float:
    return max(_ELSEWHERE, _SHARE_ELSEWHERE * (candidates - 1))
