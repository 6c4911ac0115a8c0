"""Which changes each deployment brought: GitLab's own links, and the commits between it and what was live before.

GitLab links a merge request to one deployment of an environment only, and none to a rollback or to a repeated
deployment. Commits pushed without a merge request are linked to none. So git is asked as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest

from backtrace_core.history import running, succeeded
from backtrace_core.model import Change, Deployment
from bot.gitlab.shapes import change_of_merge_request
from bot.sources.ground import Ground
from bot.sources.ranges import Commit, brought, commit_of, is_fast_forward, pushed

MOST_COMPARED = 40
MOST_LINKED = 100
MOST_LISTED = 300
MOST_INSIDE = 100
CLOCKS_DIFFER = timedelta(days=1)
"""A commit's date is its author's clock, a merge request's GitLab's."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A deployment that changed the environment or is about to, and what was live before it."""

    deployment: Deployment
    replaced: Deployment | None


@dataclass(frozen=True, slots=True)
class Cargo:
    """What one arrival brought."""

    deployment: Deployment
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    arrival: Arrival
    linked: tuple[Change, ...]
    commits: tuple[Commit, ...]


def arrivals(deployments: Iterable[Deployment], since: datetime) -> tuple[Arrival, ...]:
    """Those under way, those that finished after ``since``, and the one before these: it was live at ``since``."""
    rows = tuple(deployments)
    done = succeeded(rows)
    pairs = [Arrival(row, before) for row, before in zip_longest(done, done[1:])]
    recent = sum(1 for row in done if row.finished_at is not None and row.finished_at >= since)
    live = done[0] if done else None
    return (*(Arrival(row, live) for row in running(rows)), *pairs[: recent + 1])


async def read_cargo(ground: Ground, found: Sequence[Arrival]) -> tuple[Cargo, ...]:
    """What each of the arrivals brought, in their order."""
    rows = await asyncio.gather(*(_find(ground, arrival, place) for place, arrival in enumerate(found)))
    known = _by_iid(change for row in rows for change in row.linked)
    if any(_unexplained(row, known, frozenset()) for row in rows):
        known = _by_iid((*known, *await _listed(ground, rows)))
    inside = await _inside(ground, [row for row in rows if _unexplained(row, known, frozenset())], known)
    return tuple(_cargo(row, known, inside) for row in rows)


def _cargo(row: _Found, known: tuple[Change, ...], inside: frozenset[str]) -> Cargo:
    changes = (*row.linked, *brought(row.commits, known), *_unexplained(row, known, inside))
    return Cargo(row.arrival.deployment, united(changes))


def _unexplained(row: _Found, known: tuple[Change, ...], inside: frozenset[str]) -> tuple[Change, ...]:
    covered = inside.union(*(change.shas for change in brought(row.commits, known)))
    return pushed(row.commits, row.arrival.deployment.sha, covered)


def united(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Each change once, in the order of its first mention, with all commits that are known to be it."""
    once: dict[str, Change] = {}
    for change in changes:
        seen = once.get(change.key, change)
        once[change.key] = replace(seen, shas=seen.shas | change.shas)
    return tuple(once.values())


def _by_iid(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple({change.iid: change for change in changes}.values())


async def _find(ground: Ground, arrival: Arrival, place: int) -> _Found:
    linked, commits = await asyncio.gather(_linked(ground, arrival), _between(ground, arrival, place))
    return _Found(arrival, linked, commits)


async def _linked(ground: Ground, arrival: Arrival) -> tuple[Change, ...]:
    deployment = arrival.deployment
    if deployment.finished_at is None:
        return ()

    async def ask() -> tuple[Change, ...]:
        path = ground.path("deployments", deployment.id, "merge_requests")
        rows = await ground.client.list_all(path, limit=MOST_LINKED)
        if len(rows) >= MOST_LINKED:
            # The first deployment of an environment is linked to everything that was ever merged.
            ground.reading.miss("merge requests", f"deployment {deployment.id}", f"only {MOST_LINKED} are read")
        return tuple(change_of_merge_request(row, deployment.project) for row in rows)

    return await ground.reading.read("merge requests", f"deployment {deployment.id}", ask, ())


async def _between(ground: Ground, arrival: Arrival, place: int) -> tuple[Commit, ...]:
    deployment, before = arrival.deployment, arrival.replaced
    if before is None or before.sha == deployment.sha:
        return ()
    if place >= MOST_COMPARED:
        ground.reading.miss("commits", f"deployment {deployment.id}", f"only the newest {MOST_COMPARED} are compared")
        return ()

    async def ask() -> tuple[Commit, ...]:
        query = {"from": before.sha, "to": deployment.sha}
        answer = await ground.client.get(ground.path("repository", "compare"), **query)
        return tuple(commit_of(row, deployment.project) for row in answer["commits"])

    return await ground.reading.read("commits", f"deployment {deployment.id}", ask, ())


async def _listed(ground: Ground, rows: Sequence[_Found]) -> tuple[Change, ...]:
    """The merge requests that may have brought the commits of ``rows``: a change is merged after it is written."""
    commits = [commit.change for row in rows for commit in row.commits]
    oldest = min((moment for change in commits if (moment := change.merged_at) is not None), default=None)
    after = {"updated_after": (oldest - CLOCKS_DIFFER).isoformat()} if oldest else {}
    where = {"state": "merged", "order_by": "updated_at", "sort": "desc", **after}

    async def ask() -> tuple[Change, ...]:
        listed = await ground.client.list_all(ground.path("merge_requests"), limit=MOST_LISTED, **where)
        return tuple(change_of_merge_request(row, ground.project.path) for row in listed)

    return await ground.reading.read("merged merge requests", "", ask, ())


async def _inside(ground: Ground, rows: Sequence[_Found], known: tuple[Change, ...]) -> frozenset[str]:
    """The commits inside merge requests that were merged by fast-forward: they lie on the main line, one by one."""
    fast_forwarded = [change for change in known if is_fast_forward(change)]
    matched = united(change for row in rows for change in brought(row.commits, fast_forwarded))
    found = await asyncio.gather(*(_commits_of(ground, change) for change in matched))
    return frozenset().union(*found)


async def _commits_of(ground: Ground, change: Change) -> frozenset[str]:
    async def ask() -> frozenset[str]:
        path = ground.path("merge_requests", change.iid or 0, "commits")
        rows = await ground.client.list_all(path, limit=MOST_INSIDE)
        return frozenset(str(row["id"]) for row in rows)

    return await ground.reading.read("commits", change.label, ask, frozenset())
