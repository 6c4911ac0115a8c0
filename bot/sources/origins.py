"""Where a change came from, and what it takes back: what cherry-picks and reverts say of themselves. Reads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from backtrace_core.model import Change, ChangeKind, ChangeRef
from bot.sources.picked import picked_in
from bot.sources.ranges import Commit, MergeRequests, owners_of

MOST_NAMED = 5

# GitLab's own texts, of its button "Revert" (docs.gitlab.com/user/project/merge_requests/revert_changes); `git revert`
# writes the commits' form.
_REVERTED = re.compile(r"This reverts merge request (?:[\w./-]*)!(\d+)")
_REVERTED_COMMIT = re.compile(r"This reverts commit ([0-9a-f]{7,64})")


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
        text = "\n".join((change.description, *(commit.change.description for commit in own)))
        sources = self._changes(change, self._brought_by(_picked(change, own)), ())
        # A revert of one commit inside a merge request takes back a part of it: that is no word about the rest.
        reverted = self._changes(change, self._known_by(_REVERTED_COMMIT.findall(text)), _REVERTED.findall(text))
        if not sources and not reverted:
            return change
        return replace(
            change,
            came_from=tuple(_ref(one) for one in sources),
            reverts=tuple(_ref(one) for one in reverted),
            origin_shas=frozenset[str]().union(*(one.shas for one in sources)) - change.shas,
        )

    def _brought_by(self, shas: Iterable[str]) -> Iterable[Change]:
        return (one for sha in dict.fromkeys(shas) if sha for one in self._of_sha(sha))

    def _known_by(self, shas: Iterable[str]) -> Iterable[Change]:
        found = tuple(self._known.changes[place] for place in self._known.of_written(shas))
        pushed = (one for one in self._brought_by(shas) if one.kind is ChangeKind.COMMIT)
        return (*found, *pushed)

    def _changes(self, change: Change, by_sha: Iterable[Change], iids: Iterable[str]) -> tuple[Change, ...]:
        by_iid = (self._by_iid.get(int(iid)) or _unknown(change, int(iid)) for iid in iids if iid)
        found = {one.key: one for one in (*by_sha, *by_iid) if one.key != change.key}
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


def _tells(commit: Commit) -> bool:
    return bool(commit.picked_from) or "This reverts " in commit.change.description


def _unknown(change: Change, iid: int) -> Change:
    """One that was merged before all that was read: its number is all that is known."""
    page = re.sub(r"/-/.*$", f"/-/merge_requests/{iid}", change.url)
    return Change(ChangeKind.MERGE_REQUEST, change.project, iid, "", "", page, None, "", None)


def _ref(change: Change) -> ChangeRef:
    author = change.author.username if change.author is not None else change.author_name
    return ChangeRef(change.key, change.label, change.title, change.url, author)
