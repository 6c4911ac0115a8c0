"""Where a change came from, and what it takes back: what cherry-picks and reverts say of themselves. Reads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from backtrace_core.model import Change, ChangeKind
from bot.sources.picked import picked_in
from bot.sources.ranges import Commit, MergeRequests, owners_of
from bot.sources.taking_back import REVERTED, REVERTED_COMMIT, Said, said_by, standing

MOST_NAMED = 5


class Origins:
    """What the ``commits`` of a window and its merge requests (``known``) say of each other."""

    def __init__(self, commits: Iterable[Commit], known: MergeRequests) -> None:
        self._commits = {commit.sha: commit for commit in commits}
        self._known = known
        self._by_iid = {change.iid: change for change in known.changes}
        telling = [commit for commit in self._commits.values() if _tells(commit)]
        owners = owners_of(telling, self._commits.values(), known)
        self._telling: dict[str, list[Commit]] = {}
        for commit in telling:
            keys = [known.changes[place].key for place in owners[commit.sha]] or [commit.change.key]
            for key in keys:
                self._telling.setdefault(key, []).append(commit)

    def told(self, change: Change) -> Change:
        """The change with what it came from, by which commits that is known, and what it reverts."""
        own = self._telling.get(change.key, [])
        stand, gone = standing(said for commit in own for said in _said(commit.change))
        lost = {said.sha for said in gone}
        picked = _picked(change, (commit for commit in own if commit.sha not in lost))
        sources = self._named(change, self._brought_by(picked))
        reverted = self._reverted(change, stand, gone)
        if not sources and not reverted:
            return change
        return replace(
            change,
            came_from=tuple(one.ref for one in sources),
            reverts=tuple(one.ref for one in reverted),
            origin_shas=frozenset[str]().union(*(one.shas for one in sources)) - change.shas,
        )

    def _reverted(self, change: Change, stand: Iterable[Said], gone: Iterable[Said]) -> tuple[Change, ...]:
        """What its description and its commits take back, less what its commits took back and gave back."""
        described, taken = (self._taken_back(change, some) for some in (standing(_said(change))[0], stand))
        given_back = self._taken_back(change, gone).keys() - taken.keys()
        found = {key: one for key, one in {**described, **taken}.items() if key not in given_back}
        return tuple(found.values())[:MOST_NAMED]

    def _taken_back(self, change: Change, messages: Iterable[Said]) -> Mapping[str, Change]:
        # A revert of one commit inside a merge request takes back a part of it: that is no word about the rest.
        text = "\n".join(said.text for said in messages)
        by_iid = (self._by_iid.get(int(iid)) or _unknown(change, int(iid)) for iid in REVERTED.findall(text))
        found = (*self._known_by(REVERTED_COMMIT.findall(text)), *by_iid)
        return {one.key: one for one in found if one.key != change.key}

    def _brought_by(self, shas: Iterable[str]) -> Iterable[Change]:
        return (one for sha in dict.fromkeys(shas) if sha for one in self._of_sha(sha))

    def _known_by(self, shas: Iterable[str]) -> Iterable[Change]:
        found = tuple(self._known.changes[place] for place in self._known.of_written(shas))
        pushed = (one for one in self._brought_by(shas) if one.kind is ChangeKind.COMMIT)
        return (*found, *pushed)

    @staticmethod
    def _named(change: Change, by_sha: Iterable[Change]) -> tuple[Change, ...]:
        found = {one.key: one for one in by_sha if one.key != change.key}
        return tuple(found.values())[:MOST_NAMED]

    def _of_sha(self, written: str) -> tuple[Change, ...]:
        """The merge requests that a sha stands for, or that brought it; else the commit as a change of its own."""
        places = frozenset(self._known.of_written((written,)))
        commit = next((one for sha, one in self._commits.items() if sha.startswith(written)), None)
        if commit is not None and not places:
            places = owners_of((commit,), self._commits.values(), self._known)[commit.sha]
        if places or commit is None:
            return tuple(self._known.changes[place] for place in sorted(places))
        return (commit.change,)


def _picked(change: Change, commits: Iterable[Commit]) -> tuple[str, ...]:
    described = picked_in(change.description) if change.kind is ChangeKind.MERGE_REQUEST else ()
    return (*described, *(sha for commit in commits for sha in commit.picked_from))


def _said(change: Change) -> tuple[Said, ...]:
    return said_by(change.sha, change.title, change.description)


def _tells(commit: Commit) -> bool:
    return bool(commit.picked_from) or "This reverts " in commit.change.description


def _unknown(change: Change, iid: int) -> Change:
    """One that was merged before all that was read: its number is all that is known."""
    page = re.sub(r"/-/.*$", f"/-/merge_requests/{iid}", change.url)
    return Change(ChangeKind.MERGE_REQUEST, change.project, iid, "", "", page, None, "", None)
