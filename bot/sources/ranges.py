"""What a range of commits brought: merge requests, and commits that were pushed without one. Decides, reads nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backtrace_core.model import Change
from bot.gitlab.shapes import change_of_commit
from bot.sources.picked import picked_by

_OF_A_MERGE = 2
"""Parents."""


@dataclass(frozen=True, slots=True)
class Commit:
    """``change`` is the commit seen as a change of its own; ``picked_from`` are the shas it says it was picked from."""

    change: Change
    parents: tuple[str, ...]
    picked_from: tuple[str, ...]

    @property
    def sha(self) -> str:
        return self.change.sha


def commit_of(row: Mapping[str, Any], project: str) -> Commit:
    """A commit of compare or of a list of commits."""
    return Commit(
        change=change_of_commit(row, project),
        parents=tuple(str(sha) for sha in row.get("parent_ids") or ()),
        picked_from=picked_by(str(row.get("message") or "")),
    )


class MergeRequests:
    """Merge requests, found by any commit that is known to be them."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes = tuple({change.iid: change for change in changes}.values())
        self._by_sha: dict[str, list[int]] = {}
        for place, change in enumerate(self.changes):
            for sha in change.shas:
                self._by_sha.setdefault(sha, []).append(place)

    def of_sha(self, sha: str) -> Iterable[int]:
        """Places in ``changes`` of the merge requests that are known by it."""
        return self._by_sha.get(sha, ())

    def of_written(self, shas: Iterable[str]) -> Iterable[int]:
        """The same by shas as people and tools write them, short ones too."""
        return (place for written in shas for sha in self._written_as(written) for place in self._by_sha[sha])

    def _written_as(self, written: str) -> Iterable[str]:
        if written in self._by_sha:
            return (written,)
        return [sha for sha in self._by_sha if sha.startswith(written)]


def brought(commits: Iterable[Commit], known: MergeRequests) -> tuple[Change, ...]:
    """The merge requests with a commit of theirs among ``commits``, or a cherry-pick that no other one brought."""
    several = tuple(commits)
    found: dict[int, set[str]] = {place: set() for commit in several for place in known.of_sha(commit.sha)}
    picked = [commit for commit in several if commit.picked_from]
    owners = owners_of(picked, several, known)
    for commit in picked:
        # A backport is a merge request of its own: it brought the change, and says where it came from.
        for place in () if owners[commit.sha] else known.of_written(commit.picked_from):
            found.setdefault(place, set()).add(commit.sha)
    return tuple(_with_picks(known.changes[place], found[place]) for place in sorted(found))


def owners_of(some: Iterable[Commit], commits: Iterable[Commit], known: MergeRequests) -> Mapping[str, frozenset[int]]:
    """For each of ``some``, by sha, the places in ``known.changes`` of the merge requests that brought it.

    Those that are known by it, else those whose merge has it beyond its first parent.
    """
    wanted = tuple(some)
    children: dict[str, list[Commit]] = {}
    for commit in commits if wanted else ():
        for parent in commit.parents:
            children.setdefault(parent, []).append(commit)
    return {commit.sha: frozenset(_owners(commit, children, known)) for commit in wanted}


def _owners(commit: Commit, children: Mapping[str, list[Commit]], known: MergeRequests) -> Iterable[int]:
    direct = tuple(known.of_sha(commit.sha))
    if direct:
        yield from direct
        return
    # What a branch began from lies beyond the second parent of its merge as well, but below the first one too.
    line = {*_ahead(commit.sha, children, lambda _sha, _child: True), commit.sha}

    def merged(sha: str, child: Commit) -> list[int]:
        if sha not in child.parents[1:] or child.parents[0] in line:
            return []
        return [place for place in known.of_sha(child.sha) if known.changes[place].sha == child.sha]

    inner = (commit.sha, *_ahead(commit.sha, children, lambda sha, child: not merged(sha, child)))
    for sha in inner:
        for child in children.get(sha, ()):
            yield from merged(sha, child)


def _ahead(start: str, children: Mapping[str, list[Commit]], goes_on: Callable[[str, Commit], bool]) -> list[str]:
    """The shas of the commits that descend from ``start``, as far as ``goes_on`` says from one to its child."""
    found: dict[str, None] = {}
    ahead = [start]
    while ahead:
        sha = ahead.pop()
        for child in children.get(sha, ()):
            if child.sha not in found and goes_on(sha, child):
                found[child.sha] = None
                ahead.append(child.sha)
    return list(found)


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
            found += [inner.change for inner in reversed(written)] or [commit.change]
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
