"""The commits of a window, by as few questions as possible: one compare from what was live before it to each tip."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from backtrace_core.history import began, broken_off, running, succeeded
from backtrace_core.model import Deployment, DeploymentStatus
from bot.sources.commits import CommitGraph, is_whole
from bot.sources.ground import Door
from bot.sources.ranges import Commit, commit_of
from bot.sources.reading import UNANSWERED

_OF_A_COMMIT = ("id", "parent_ids", "title", "message", "author_name", "committed_date", "web_url")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A deployment that changed the environment or is about to, and what was live before it."""

    deployment: Deployment
    replaced: Deployment | None


def arrivals(deployments: Iterable[Deployment], since: datetime) -> tuple[Arrival, ...]:
    """Those under way, those that finished after ``since``, and the one before these: it was live at ``since``.

    One that broke off replaced nothing, but may have brought what it has beyond what was live when it began.
    """
    rows = tuple(deployments)
    done = succeeded(rows)
    pairs = [Arrival(row, before) for row, before in zip_longest(done, done[1:])]
    recent = sum(1 for row in done if row.finished_at is not None and row.finished_at >= since)
    live = done[0] if done else None
    broken = (Arrival(row, _live_at(began(row), done)) for row in broken_off(rows))
    under_way = (Arrival(row, live) for row in running(rows))
    return (*under_way, *(arrival for arrival in broken if arrival.replaced is not None), *pairs[: recent + 1])


def _live_at(moment: datetime, done: Iterable[Deployment]) -> Deployment | None:
    return next((row for row in done if row.finished_at is not None and row.finished_at <= moment), None)


async def compare(door: Door, base: str, tip: str) -> tuple[Commit, ...]:
    """The commits that ``tip`` has and ``base`` has not. Between two commits that never changes.

    :raises GitLabError, TimeoutError, MALFORMED: when GitLab can't be asked.
    """
    path = door.path("repository", "compare")

    async def ask() -> list[Mapping[str, Any]]:
        answer = await door.client.get(path, **{"from": base, "to": tip})
        return [{name: row.get(name) for name in _OF_A_COMMIT} for row in answer["commits"]]

    rows = await door.reading.require(lambda: door.client.kept(f"{path} {base}..{tip}", ask))
    return tuple(commit_of(row, door.name) for row in rows)


async def read_graph(door: Door, found: Sequence[Arrival]) -> CommitGraph | None:
    """All commits of the window, as far as they are beyond the oldest arrival; None where git did not say it plainly.

    What this lacks is asked for apart, and is a gap then: so nothing here is one.
    """
    base = next((arrival.replaced.sha for arrival in reversed(found) if arrival.replaced is not None), None)
    if base is None:
        return None
    tips = tuple(tip for tip in _tips(found) if tip != base)
    return await door.client.shortly(f"{door.path()} {base} {tips}", lambda: _graph(door, base, tips))


async def _graph(door: Door, base: str, tips: Sequence[str]) -> CommitGraph | None:
    answers = await asyncio.gather(*(_whole(door, base, tip) for tip in tips))
    commits = {commit.sha: commit for answer in answers for commit in answer or ()}
    return CommitGraph(base, commits.values()) if commits else None


def _tips(found: Sequence[Arrival]) -> Iterable[str]:
    """What is live, what is under way, and the newest pipeline's: after going back that is newer than what is live."""
    newest = max(found, key=_pipeline)
    done = [arrival for arrival in found if arrival.deployment.status is DeploymentStatus.SUCCESS]
    under_way = [arrival for arrival in found if arrival.deployment.finished_at is None]
    return dict.fromkeys(arrival.deployment.sha for arrival in (*done[:1], *under_way, newest))


def _pipeline(arrival: Arrival) -> tuple[int, int]:
    # Going back makes a new row, but in the old pipeline.
    job = arrival.deployment.job
    return (job.pipeline_id if job else 0, arrival.deployment.id)


async def _whole(door: Door, base: str, tip: str) -> tuple[Commit, ...] | None:
    try:
        commits = await compare(door, base, tip)
    except UNANSWERED:
        return None
    return commits if is_whole(base, tip, {commit.sha: commit for commit in commits}) else None
