"""Which words stand for the same subjects in one project, learned from which changes have them together.

Latent semantic analysis (Deerwester et al. 1990): the changes' weighted words, compressed to a few dimensions in which
words that keep the same company lie close. The singular vectors come from a randomised range finder (Halko, Martinsson,
Tropp 2011) over the sparse rows, so that no dense matrix of all words is ever made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_DIMENSIONS, _SPARE, _ROUNDS = 100, 20, 3
_SEED = 20
"""Of the directions that the search starts from: a constant, so that the same changes teach the same."""
_FEW, _NOUGHT = 300, 1e-12
_SMALL, _LEAST, _MOST = 50, 3, 0.3
"""Of many changes, words that fewer than three or nearly a third of them have say nothing of company."""


@dataclass(frozen=True)
class Subjects:
    """``rows``: by change key, its place in the space, of length 1 (or all 0). ``directions``: by word, already
    weighted by its rarity.
    """

    numbers: Mapping[str, int]
    directions: Array
    keys: tuple[str, ...]
    rows: Array

    def of(self, words: Mapping[str, float]) -> Array:
        """Where a text lies: ``words`` with how much it speaks of each."""
        known = sorted((self.numbers[word], weight) for word, weight in words.items() if word in self.numbers)
        if not known:
            return np.zeros(self.directions.shape[1])
        numbers, weights = zip(*known, strict=True)
        return _unit(np.asarray(weights) @ self.directions[list(numbers)])


def subjects_of(
    changes: Mapping[str, Mapping[str, float]], telling: Collection[str], rarity: Callable[[str], float]
) -> Subjects:
    """``changes``: by key, in the order of the keys, the words with how much it speaks of each.

    Only the ``telling`` shape the space; all get their place in it.
    """
    numbers = _vocabulary(changes)
    rare = np.asarray([rarity(word) for word in numbers])
    rows = [_row(words, numbers, rare) for words in changes.values()]
    shaping = [row for key, row in zip(changes, rows, strict=True) if key in telling and len(row[0])]
    count = min(_DIMENSIONS, len(shaping) - 1, len(numbers))
    if count < 1:
        return Subjects({}, np.zeros((0, 1)), tuple(changes), np.zeros((len(rows), 1)))
    axes = _axes(shaping, len(numbers), count)
    places = np.asarray([_unit(weights @ axes[where]) for where, weights in rows])
    return Subjects(numbers, axes * rare[:, None], tuple(changes), places)


_Row = tuple[npt.NDArray[np.intp], Array]


def _vocabulary(changes: Mapping[str, Mapping[str, float]]) -> dict[str, int]:
    having: dict[str, int] = {}
    for words in changes.values():
        for word in words:
            having[word] = having.get(word, 0) + 1
    few = len(changes) < _SMALL
    kept = (word for word, count in having.items() if few or _LEAST <= count <= _MOST * len(changes))
    return {word: number for number, word in enumerate(sorted(kept))}


def _row(words: Mapping[str, float], numbers: Mapping[str, int], rare: Array) -> _Row:
    found = sorted((numbers[word], weight) for word, weight in words.items() if word in numbers)
    where = np.asarray([number for number, _ in found], dtype=np.intp)
    weights = np.asarray([weight for _, weight in found]) * rare[where] if found else np.zeros(0)
    return where, _unit(weights)


def _axes(rows: Sequence[_Row], width: int, count: int) -> Array:
    """The first right singular vectors, a column each."""
    dense = _dense(rows, width)
    if dense is not None:
        return _directions(dense, count)
    start = np.random.default_rng(_SEED).standard_normal((width, min(count + _SPARE, width)))
    found = _times(rows, start)
    for _ in range(_ROUNDS):
        found, _ = np.linalg.qr(found)
        found = _times(rows, _transposed_times(rows, found, width))
    found, _ = np.linalg.qr(found)
    return _directions(_transposed_times(rows, found, width).T, count)


def _directions(compressed: Array, count: int) -> Array:
    """The first right singular vectors of a low and wide matrix, by way of its small square: far faster."""
    squares, turned = np.linalg.eigh(compressed @ compressed.T)
    first = np.argsort(-squares)[:count]
    lengths = np.sqrt(np.maximum(squares[first], _NOUGHT))
    return np.asarray((compressed.T @ turned[:, first]) / lengths)


def _dense(rows: Sequence[_Row], width: int) -> Array | None:
    """All rows as one matrix where there are few: then the exact answer is the fastest."""
    if len(rows) > _FEW:
        return None
    found = np.zeros((len(rows), width))
    for number, (where, weights) in enumerate(rows):
        found[number, where] = weights
    return found


def _times(rows: Sequence[_Row], columns: Array) -> Array:
    return np.asarray([weights @ columns[where] for where, weights in rows])


def _transposed_times(rows: Sequence[_Row], columns: Array, width: int) -> Array:
    total = np.zeros((width, columns.shape[1]))
    for (where, weights), row in zip(rows, columns, strict=True):
        total[where] += np.outer(weights, row)
    return total


def _unit(vector: Array) -> Array:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
