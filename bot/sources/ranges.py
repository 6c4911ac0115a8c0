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


def brought(commits: Iterable[Commit], merge_requests: Iterable[Change]) -> tuple[Change, ...]:
    """The merge requests with a commit of theirs, or a cherry-pick of one, among ``commits``."""
    rows = tuple(commits)
    ids = {commit.sha for commit in rows}
    found = []
    for change in merge_requests:
        picks = {commit.sha for commit in rows if _is_pick(commit, change)}
        if picks or change.shas & ids:
            found.append(replace(change, shas=change.shas | picks))
    return tuple(found)


def _is_pick(commit: Commit, change: Change) -> bool:
    return any(sha.startswith(picked) for picked in commit.picked_from for sha in change.shas)


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


def is_fast_forward(change: Change) -> bool:
    """Whether all that is known of a merge request is the head of its branch: then its commits lie on the main line."""
    return len(change.shas) == 1
