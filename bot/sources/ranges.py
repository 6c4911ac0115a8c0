"""What a range of commits brought: merge requests, and commits that were pushed without one. Decides, reads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backtrace_core.model import Change
from bot.gitlab.shapes import change_of_commit

# What `git cherry-pick -x`, and GitLab's own button, leave at the end of the message.
_PICKED = re.compile(r"\(cherry picked from commit ([0-9a-f]{7,64})\)")
# What `git revert` leaves; GitLab's own button names the merge request instead.
_REVERTED = re.compile(r"This reverts commit ([0-9a-f]{7,64})")


_OF_A_MERGE = 2
"""Parents."""


@dataclass(frozen=True, slots=True)
class Commit:
    """``change`` is the commit seen as a change of its own.

    ``picked_from`` and ``reverts`` are the shas that it says it was picked from, and takes back.
    """

    change: Change
    parents: tuple[str, ...]
    picked_from: frozenset[str]
    reverts: frozenset[str] = frozenset()

    @property
    def sha(self) -> str:
        return self.change.sha


def commit_of(row: Mapping[str, Any], project: str) -> Commit:
    """A commit of compare or of a list of commits."""
    return Commit(
        change=change_of_commit(row, project),
        parents=tuple(str(sha) for sha in row.get("parent_ids") or ()),
        picked_from=frozenset(_PICKED.findall(str(row.get("message") or ""))),
        reverts=frozenset(_REVERTED.findall(str(row.get("message") or ""))),
    )


class MergeRequests:
    """Merge requests, found by any commit that is known to be them."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes = tuple({change.iid: change for change in changes}.values())
        self._by_sha: dict[str, list[int]] = {}
        for place, change in enumerate(self.changes):
            for sha in change.shas:
                self._by_sha.setdefault(sha, []).append(place)

    def of_commit(self, commit: Commit) -> Iterable[tuple[int, bool]]:
        """Places in ``changes``, with whether the commit is only a cherry-pick of it."""
        for place in self._by_sha.get(commit.sha, ()):
            yield place, False
        for picked in commit.picked_from:
            for place in self.of_sha(picked):
                yield place, True

    def of_sha(self, written: str) -> Iterable[int]:
        """Places in ``changes`` of the merge requests that are known by a sha, which may be a short one."""
        for sha in self._written_as(written):
            yield from self._by_sha[sha]

    def _written_as(self, picked: str) -> Iterable[str]:
        if picked in self._by_sha:
            return (picked,)
        return [sha for sha in self._by_sha if sha.startswith(picked)]


def brought(commits: Iterable[Commit], known: MergeRequests) -> tuple[Change, ...]:
    """The merge requests with a commit of theirs, or a cherry-pick of one, among ``commits``."""
    picks: dict[int, set[str]] = {}
    for commit in commits:
        for place, is_pick in known.of_commit(commit):
            picks.setdefault(place, set()).update({commit.sha} if is_pick else ())
    return tuple(_with_picks(known.changes[place], picks[place]) for place in sorted(picks))


def _with_picks(change: Change, picks: set[str]) -> Change:
    return replace(change, shas=change.shas | picks) if picks else change


def pushed(commits: Iterable[Commit], tip: str, covered: frozenset[str]) -> tuple[Change, ...]:
    """The commits of the main line, back from ``tip``, that are not ``covered``: those pushed without a merge request.

    Only first parents are followed: what else a merge brought is inside that merge. A merge that belongs to no merge
    request stands for what it merged: whoever made it wrote none of that.
    """
    left = {commit.sha: commit for commit in commits}
    line = list(_take_line(left, tip))
    found: list[Change] = []
    # The oldest first: what two merges have in common came by the older one.
    for commit in reversed(line):
        merged = list(_take(left, commit.parents[1:]))
        if commit.sha not in covered:
            written = [inner for inner in merged if len(inner.parents) < _OF_A_MERGE and inner.sha not in covered]
            found += [inner.change for inner in reversed(written)] if merged else [commit.change]
    return tuple(reversed(found))


def _take_line(left: dict[str, Commit], tip: str) -> Iterable[Commit]:
    here = left.pop(tip, None)
    while here is not None:
        yield here
        here = left.pop(here.parents[0], None) if here.parents else None


def _take(left: dict[str, Commit], tips: Iterable[str]) -> Iterable[Commit]:
    """The commits that can be reached from ``tips``; they are taken out of ``left``, so that each is met once."""
    ahead = list(tips)
    while ahead:
        commit = left.pop(ahead.pop(), None)
        if commit is not None:
            yield commit
            ahead += commit.parents


def hides_commits(change: Change, commits: Mapping[str, Commit], covered: frozenset[str]) -> bool:
    """Whether a fast-forwarded merge request may have brought more than its head: what lies before is unexplained."""
    heads = [commits[sha] for sha in change.shas if sha in commits]
    return any(
        commit.parents[:1] and commit.parents[0] in commits and commit.parents[0] not in covered for commit in heads
    )


def is_fast_forward(change: Change) -> bool:
    """Whether all that is known of a merge request is the head of its branch: then its commits lie on the main line."""
    return len(change.shas) == 1
