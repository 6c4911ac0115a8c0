"""What of its lines a change really changed: a line has names that stay as they were beside those that do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.code_tokens import Tokens, code_of, joined, names_in
from backtrace_core.model import FileDiff

_NEAR = 3
"""Tokens: what stands beside a changed one is what it is done to (``quantity`` of ``int(quantity)``)."""
_MOST_TOKENS, _MOST_HUNKS = 400, 60
_MOST_COMPARED = 30_000
"""Of a file: pairs of tokens that are the same. So many are compared in a tenth of a second at most."""
_QUOTES = "\"'`"

_Step = tuple[int, int, int, int]
"""What is not the same: from and to in the old tokens, from and to in the new ones."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Names and texts that are ``gone``, that are ``new``, and those that stand ``near`` one of these."""

    gone: frozenset[str]
    new: frozenset[str]
    near: frozenset[str]

    def has(self, name: str) -> bool:
        return name in self.gone or name in self.new or name in self.near


@lru_cache(maxsize=at_hand.CHANGES)
def touched_of(file: FileDiff) -> Touched:
    gone, new, near = set[str](), set[str](), set[str]()
    left = _MOST_COMPARED
    for hunk in file.hunks[:_MOST_HUNKS]:
        before, after = _tokens(hunk.removed, file.path), _tokens(hunk.added, file.path)
        left -= _same_pairs(before, after)
        _add(before, after, _compared(before, after) if left >= 0 else _apart(before, after), (gone, new, near))
    both = gone & new
    return Touched(frozenset(gone - both), frozenset(new - both), frozenset(near | both))


def _tokens(lines: tuple[tuple[int, str], ...], path: str) -> Tokens:
    return joined(code_of((text for _, text in lines), path))[:_MOST_TOKENS]


def _same_pairs(before: Tokens, after: Tokens) -> int:
    """What a comparison goes by: a table of ones and noughts has as many as it has cells, squared."""
    often = Counter(before)
    return sum(often[piece] for piece in after)


def _compared(before: Tokens, after: Tokens) -> Iterator[_Step]:
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield a, b, c, d


def _apart(before: Tokens, after: Tokens) -> Iterator[_Step]:
    """Without their order: the tokens that only one of both has."""
    one, other = frozenset(before), frozenset(after)
    nowhere = (_MOST_TOKENS + _NEAR,) * 2
    yield from ((at, at + 1, *nowhere) for at, piece in enumerate(before) if piece not in other)
    yield from ((*nowhere, at, at + 1) for at, piece in enumerate(after) if piece not in one)


def _add(before: Tokens, after: Tokens, steps: Iterable[_Step], found: tuple[set[str], set[str], set[str]]) -> None:
    gone, new, near = found
    for a, b, c, d in steps:
        gone.update(_said(before[a:b]))
        new.update(_said(after[c:d]))
        near.update(_said(_around(before, a, b)), _said(_around(after, c, d)))


def _around(tokens: Tokens, start: int, end: int) -> Tokens:
    return (*tokens[max(0, start - _NEAR) : start], *tokens[end : end + _NEAR])


def _said(tokens: Iterable[str]) -> Iterator[str]:
    """Names; of a text also the whole of it."""
    for token in tokens:
        if token[0] in _QUOTES and len(token) > 1:
            yield token[1:-1]
        yield from names_in(token)
