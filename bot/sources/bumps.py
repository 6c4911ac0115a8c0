"""One hop into libraries: what a version brought that a change of the service took.

Nothing is asked where no change takes a version of a library that the settings name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backtrace_core.bumps import bumps_of, library_of
from backtrace_core.evidence.links import file_url
from backtrace_core.facts import change_node
from backtrace_core.model import Bump, Change, Fact, Library, Relation
from bot.gitlab.client import GitLabRefused
from bot.sources.details import with_details
from bot.sources.ground import Ground
from bot.sources.merged import CLOCKS_DIFFER, updated_since
from bot.sources.ranges import Commit, MergeRequests, brought, pushed
from bot.sources.reading import SOURCE
from bot.sources.window import compare

MOST_BUMPS = 5
MOST_READ = 20
"""Of one version. What a release of months brought is a gap."""
_NOTHING: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """``change`` is the library's, ``by`` the service's own that took the version which has it."""

    change: Change
    by: Change


@dataclass(frozen=True, slots=True)
class _Hop:
    by: Change
    bump: Bump
    library: Library

    @property
    def name(self) -> str:
        return f"{self.bump.package} {self.bump.old} to {self.bump.new} ({self.library.project})"


async def read_bumps(ground: Ground, changes: Iterable[Change], libraries: Sequence[Library]) -> tuple[Taken, ...]:
    """What the versions brought that ``changes``, with their diffs, took; of the same library's change the first."""
    # A project's own tags are in the history that is read anyway.
    hops = _hops(changes, [one for one in libraries if one.project != ground.name])
    for hop in hops[MOST_BUMPS:]:
        ground.reading.miss("what a new version brought", hop.name, f"only {MOST_BUMPS} versions are followed")
    found = await asyncio.gather(*(_follow(ground, hop) for hop in hops[:MOST_BUMPS]))
    return tuple({(one.change.key, one.by.key): one for several in reversed(found) for one in several}.values())


def facts_of_bumps(taken: Iterable[Taken]) -> tuple[Fact, ...]:
    """The hop from the service's change to the library's, with the line where the version stands."""
    return tuple(_fact(one.by, one.change) for one in taken)


def _fact(by: Change, change: Change) -> Fact:
    page = file_url(by, change.bump.path) if change.bump is not None else by.url
    return Fact(change_node(by), Relation.BUMPS, change_node(change), SOURCE, page)


def _hops(changes: Iterable[Change], libraries: Sequence[Library]) -> list[_Hop]:
    """A version that stands in a manifest and in a lock file is one hop."""
    hops: dict[tuple[str, str, str, str], _Hop] = {}
    for change in changes if libraries else ():
        for bump in (bump for file in change.files for bump in bumps_of(file)):
            library = library_of(bump, libraries)
            if library is not None:
                hops.setdefault((change.key, library.project, bump.old, bump.new), _Hop(change, bump, library))
    return list(hops.values())


async def _follow(ground: Ground, hop: _Hop) -> tuple[Taken, ...]:
    # The service's openness counts for the library's work items too: the card is about the service.
    there = Ground(ground.client, ground.reading, hop.library.project, ground.project)
    commits = await there.reading.read("what a new version brought", hop.name, lambda: _between(there, hop), _NOTHING)
    if not commits:
        # Going back to an older version brings nothing; its own change is a candidate all the same.
        return ()
    dates = [commit.change.merged_at for commit in commits if commit.change.merged_at is not None]
    listed = await updated_since(there, min(dates) - CLOCKS_DIFFER if dates else None)
    changes = [replace(change, bump=hop.bump) for change in _changes(commits, MergeRequests(listed))]
    for change in changes[MOST_READ:]:
        there.reading.miss("diff", change.label, f"only {MOST_READ} changes of a new version are read")
    read = await with_details(there, changes[:MOST_READ])
    return tuple(Taken(change, hop.by) for change in read)


async def _between(there: Ground, hop: _Hop) -> tuple[Commit, ...]:
    """The commits that the new version has and the old one has not.

    :raises GitLabError, TimeoutError, MALFORMED: when GitLab can't be asked, or has no such tags.
    """
    names = zip(hop.library.tags(hop.bump.old), hop.library.tags(hop.bump.new), strict=True)
    refused: GitLabRefused | None = None
    for old, new in names:
        try:
            return await compare(there, old, new)
        except GitLabRefused as error:
            if not error.is_missing:
                raise
            refused = error
    raise refused or ValueError("a library has no name for its tags")


def _changes(commits: Sequence[Commit], known: MergeRequests) -> tuple[Change, ...]:
    own = brought(commits, known)
    covered = frozenset[str]().union(*(change.shas for change in own))
    return (*own, *pushed(commits, commits[-1].sha, covered))
