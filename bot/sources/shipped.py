"""Which changes each deployment brought: the commits between it and what was live before, and GitLab's own links.

GitLab links a merge request to one deployment of an environment only, and none to a rollback or to a repeated
deployment. Commits pushed without a merge request are linked to none. So git is asked first, and GitLab's links where
git's answer leaves something unexplained.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backtrace_core.model import Change, Deployment
from bot.gitlab.shapes import change_of_merge_request
from bot.sources.commits import CommitGraph
from bot.sources.early import Early
from bot.sources.ground import Door
from bot.sources.merged import CLOCKS_DIFFER, updated_since
from bot.sources.origins import Origins
from bot.sources.ranges import Commit, MergeRequests, brought, hides_commits, is_fast_forward, pushed
from bot.sources.window import Arrival, compare, read_graph

MOST_COMPARED = 40
MOST_LINKED = 100
MOST_INSIDE = 100
LINKED_AFTER = timedelta(hours=1)
"""GitLab's worker links a deployment once, seconds after its success; after this long nothing is added any more."""


@dataclass(frozen=True, slots=True)
class Cargo:
    """What one arrival brought."""

    deployment: Deployment
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """``commits`` is None where git could not be asked, or there is nothing to compare with."""

    arrival: Arrival
    commits: tuple[Commit, ...] | None
    linked: tuple[Change, ...] = ()


async def read_cargo(
    door: Door, found: Sequence[Arrival], listed: Awaitable[Early]
) -> tuple[tuple[Cargo, ...], CommitGraph | None]:
    """What each of the arrivals brought, in their order, and the graph of their commits."""
    graph, early, firsts = await asyncio.gather(read_graph(door, found), listed, _firsts(door, found))
    ranges = await asyncio.gather(*(_between(door, arrival, place, graph) for place, arrival in enumerate(found)))
    rows = [
        _Found(arrival, commits, firsts.get(arrival.deployment.id, ()))
        for arrival, commits in zip(found, ranges, strict=True)
    ]
    known = MergeRequests((*(early.changes or ()), *(change for row in rows for change in row.linked)))
    rows = list(await asyncio.gather(*(_with_links(door, row, known) for row in rows)))
    known = MergeRequests((*known.changes, *(change for row in rows for change in row.linked)))
    oldest = _oldest_unexplained(rows, known)
    if oldest is not None and (early.changes is None or oldest - CLOCKS_DIFFER < early.since):
        known = MergeRequests((*known.changes, *await updated_since(door, oldest - CLOCKS_DIFFER)))
    inside = await _inside(door, rows, known)
    return _told((_cargo(row, known, inside) for row in rows), rows, known), graph


def _told(cargo: Iterable[Cargo], rows: Iterable[_Found], known: MergeRequests) -> tuple[Cargo, ...]:
    origins = Origins((commit for row in rows for commit in row.commits or ()), known)
    return tuple(replace(load, changes=tuple(origins.told(change) for change in load.changes)) for load in cargo)


async def _firsts(door: Door, found: Sequence[Arrival]) -> dict[int, tuple[Change, ...]]:
    """What GitLab links to arrivals before which nothing is known, by the deployment's id: only GitLab can say."""
    alone = [row.deployment for row in found if row.replaced is None]
    newest = max((row.deployment.finished_at for row in found if row.deployment.finished_at), default=None)
    linked = await asyncio.gather(*(_linked(door, row, newest) for row in alone))
    return {deployment.id: changes for deployment, changes in zip(alone, linked, strict=True)}


def _cargo(row: _Found, known: MergeRequests, inside: frozenset[str]) -> Cargo:
    changes = (*row.linked, *brought(row.commits or (), known), *_unexplained(row, known, inside))
    return Cargo(row.arrival.deployment, united(changes))


def _unexplained(row: _Found, known: MergeRequests, inside: frozenset[str] = frozenset()) -> tuple[Change, ...]:
    commits = row.commits or ()
    covered = inside.union(*(change.shas for change in brought(commits, known)))
    return pushed(commits, row.arrival.deployment.sha, covered)


def _oldest_unexplained(rows: Iterable[_Found], known: MergeRequests) -> datetime | None:
    """When the oldest commit was written, of the arrivals that brought something that no merge request explains."""
    lacking = [row for row in rows if _unexplained(row, known)]
    dates = [commit.change.merged_at for row in lacking for commit in row.commits or ()]
    return min((date for date in dates if date is not None), default=None)


def united(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Each change once, in the order of its first mention, with all commits that are known to be it."""
    once: dict[str, Change] = {}
    for change in changes:
        seen = once.get(change.key)
        if seen is None:
            once[change.key] = change
        elif not change.shas <= seen.shas:
            once[change.key] = replace(seen, shas=seen.shas | change.shas)
    return tuple(once.values())


async def _with_links(door: Door, row: _Found, known: MergeRequests) -> _Found:
    """GitLab's own links, asked only where they can say something that git did not."""
    is_explained = row.commits is not None and not _unexplained(row, known)
    if is_explained or row.arrival.replaced is None:
        return row
    return replace(row, linked=await _linked(door, row.arrival.deployment))


async def _linked(door: Door, deployment: Deployment, newest: datetime | None = None) -> tuple[Change, ...]:
    """``newest``: when the environment changed last, for asking only once for links that are long settled."""
    finished = deployment.finished_at
    if finished is None:
        return ()
    of = f"deployment {deployment.id}"
    path = door.path("deployments", deployment.id, "merge_requests")

    async def ask() -> list[dict[str, Any]]:
        return await door.client.list_all(path, limit=MOST_LINKED)

    async def look() -> tuple[Change, ...]:
        settled = newest is not None and newest - finished > LINKED_AFTER
        rows = await (door.client.kept(path, ask) if settled else ask())
        if len(rows) >= MOST_LINKED:
            # The first deployment of an environment is linked to everything that was ever merged.
            door.reading.miss("merge requests", of, f"only {MOST_LINKED} are read")
        return tuple(change_of_merge_request(row, deployment.project) for row in rows)

    return await door.reading.read("merge requests", of, look, ())


async def _between(door: Door, arrival: Arrival, place: int, graph: CommitGraph | None) -> tuple[Commit, ...] | None:
    deployment, before = arrival.deployment, arrival.replaced
    if before is None:
        return None
    if before.sha == deployment.sha:
        return ()
    seen = graph.between(before.sha, deployment.sha) if graph is not None else None
    if seen is not None:
        return seen
    if place >= MOST_COMPARED:
        door.reading.miss("commits", f"deployment {deployment.id}", f"only the newest {MOST_COMPARED} are compared")
        return None
    of = f"deployment {deployment.id}"
    return await door.reading.read("commits", of, lambda: compare(door, before.sha, deployment.sha), None)


async def _inside(door: Door, rows: Sequence[_Found], known: MergeRequests) -> frozenset[str]:
    """The commits inside merge requests that were merged by fast-forward: they lie on the main line, one by one."""
    matched = united(change for row in rows for change in _with_hidden_commits(row, known))
    found = await asyncio.gather(*(_commits_of(door, change) for change in matched))
    return frozenset().union(*found)


def _with_hidden_commits(row: _Found, known: MergeRequests) -> Iterable[Change]:
    commits = {commit.sha: commit for commit in row.commits or ()}
    changes = brought(commits.values(), known)
    covered = frozenset().union(*(change.shas for change in changes))
    return [change for change in changes if is_fast_forward(change) and hides_commits(change, commits, covered)]


async def _commits_of(door: Door, change: Change) -> frozenset[str]:
    async def ask() -> list[str]:
        rows = await door.client.list_all(_commits_path(door, change), limit=MOST_INSIDE)
        return [str(row["id"]) for row in rows]

    async def look() -> frozenset[str]:
        return frozenset(await door.client.kept(commits_key(door, change), ask))

    return await door.reading.read("commits", change.label, look, frozenset())


def commits_key(door: Door, change: Change) -> str:
    """Under which the shas of the commits inside a merge request are kept, where they were asked for."""
    return f"{_commits_path(door, change)} {change.sha}"


def _commits_path(door: Door, change: Change) -> str:
    return door.path("merge_requests", change.iid or 0, "commits")
