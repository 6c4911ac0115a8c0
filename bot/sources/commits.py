"""The commits of a window as one graph, so that ranges need not be asked for one by one.

``compare?from=base&to=tip`` lists the commits that tip has and base has not, each with its parents. Of what lies
inside, git's own answers follow: B's ancestors without A's. Everything else answers None, and git is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from bot.sources.ranges import Commit

LARGEST = 10_000
"""Commits. Each keeps one bit for every other."""


class CommitGraph:
    """``base`` and the ``commits`` that tips have beyond it."""

    def __init__(self, base: str, commits: Iterable[Commit]) -> None:
        self.base = base
        self._commits = {commit.sha: commit for commit in commits}

    def knows(self, sha: str) -> bool:
        return sha == self.base or sha in self._commits

    def between(self, old: str, new: str) -> tuple[Commit, ...] | None:
        """The commits that ``new`` has and ``old`` has not; None where that can't be told from here.

        What the graph lacks is, for its commits, an ancestor of base: so ``old`` must contain base.
        """
        if not (self.knows(new) and self.contains_base(old)):
            return None
        found = self._reach[new] & ~self._reach[old]
        return tuple(self._at(found))

    def contains(self, tip: str, sha: str) -> bool | None:
        """Whether ``tip`` contains ``sha``; None where that can't be told from here."""
        if not (self.knows(sha) and self.knows(tip)):
            return None
        return bool(self._reach[tip] >> self._places[sha] & 1)

    def contains_base(self, sha: str) -> bool:
        return self.knows(sha) and bool(self._reach[sha] & 1)

    def branch_of(self, sha: str) -> tuple[Commit, ...] | None:
        """What the merge ``sha`` brought beside its first parent, the merge included."""
        commit = self._commits.get(sha)
        return self.between(commit.parents[0], sha) if commit is not None and commit.parents else None

    def _at(self, bits: int) -> Iterable[Commit]:
        """The commits whose bits are set; base's never is in a range."""
        shas = self._shas
        while bits:
            lowest = bits & -bits
            yield self._commits[shas[lowest.bit_length() - 1]]
            bits ^= lowest

    @cached_property
    def _shas(self) -> tuple[str, ...]:
        return (self.base, *(sha for sha in self._commits if sha != self.base))

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {sha: place for place, sha in enumerate(self._shas)}

    @cached_property
    def _reach(self) -> Mapping[str, int]:
        """For each commit the set of itself and all its ancestors, as bits; base is the lowest."""
        reach = {self.base: 1}
        for sha in self._commits:
            for commit in self._parents_first(sha, reach):
                bits = 1 << self._places[commit.sha]
                for parent in commit.parents:
                    bits |= reach.get(parent, 0)
                reach[commit.sha] = bits
        return reach

    def _parents_first(self, sha: str, done: Mapping[str, int]) -> Iterable[Commit]:
        stack, opened = [sha], set[str]()
        while stack:
            commit = self._commits[stack[-1]]
            # One that is open and not done waits for this one: no history has that, and it must not go on for ever.
            waiting = [p for p in commit.parents if p in self._commits and p not in done and p not in opened]
            if commit.sha not in done and waiting:
                opened.add(commit.sha)
                stack.extend(waiting)
                continue
            stack.pop()
            if commit.sha not in done:
                yield commit


def is_whole(base: str, tip: str, commits: Mapping[str, Commit]) -> bool:
    """Whether a compare looks uncut: the way back from ``tip`` by first parents ends where it left off from ``base``.

    A list that was cut has a tip that is missing, or a main line that ends in a commit that nobody knows.
    """
    if len(commits) > LARGEST or tip not in commits:
        return tip == base
    here = tip
    for _ in range(len(commits)):
        parents = commits[here].parents
        if not parents:
            return False
        if parents[0] not in commits:
            return parents[0] == base
        here = parents[0]
    return False
