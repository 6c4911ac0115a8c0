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


@dataclass(frozen=True, slots=True)
class Commit:
    """``change`` is the commit seen as a change of its own; ``picked_from`` are the shas it says it was picked from."""

    change: Change
    parents: tuple[str, ...]
    picked_from: frozenset[str]

    @property
    def sha(self) -> str:
        return self.change.sha


def commit_of(row: Mapping[str, Any], project: str) -> Commit:
    """A commit of compare or of a list of commits."""
    return Commit(
        change=change_of_commit(row, project),
        parents=tuple(str(sha) for sha in row.get("parent_ids") or ()),
        picked_from=frozenset(_PICKED.findall(str(row.get("message") or ""))),
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
            for sha in self._written_as(picked):
                for place in self._by_sha[sha]:
                    yield place, True

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

    Only first parents are followed: what else a merge brought is inside that merge.
    """
    by_sha = {commit.sha: commit for commit in commits}
    found = []
    here = by_sha.pop(tip, None)
    while here is not None:
        if here.sha not in covered:
            found.append(here.change)
        here = by_sha.pop(here.parents[0], None) if here.parents else None
    return tuple(found)


def hides_commits(change: Change, commits: Mapping[str, Commit], covered: frozenset[str]) -> bool:
    """Whether a fast-forwarded merge request may have brought more than its head: what lies before is unexplained."""
    heads = [commits[sha] for sha in change.shas if sha in commits]
    return any(
        commit.parents[:1] and commit.parents[0] in commits and commit.parents[0] not in covered for commit in heads
    )


def is_fast_forward(change: Change) -> bool:
    """Whether all that is known of a merge request is the head of its branch: then its commits lie on the main line."""
    return len(change.shas) == 1
