"""What of its lines a change really changed: a line has names that stay as they were beside those that do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.code_tokens import Tokens, code_of, joined, names_in
from backtrace_core.model import FileDiff, Hunk

_NEAR = 3
"""Tokens: what stands beside a changed one is what it is done to (``quantity`` of ``int(quantity)``)."""
_MOST_TOKENS, _MOST_HUNKS = 400, 60
_QUOTES = "\"'`"


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
    for hunk in file.hunks[:_MOST_HUNKS]:
        _add(hunk, file.path, gone, new, near)
    both = gone & new
    return Touched(frozenset(gone - both), frozenset(new - both), frozenset(near | both))


def _add(hunk: Hunk, path: str, gone: set[str], new: set[str], near: set[str]) -> None:
    before = joined(code_of((text for _, text in hunk.removed), path))[:_MOST_TOKENS]
    after = joined(code_of((text for _, text in hunk.added), path))[:_MOST_TOKENS]
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
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
