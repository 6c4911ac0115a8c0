"""What the list of deployments says: what is live, what was live when, who went back from what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import takewhile

from backtrace_core.model import Candidate, Deployment, DeploymentStatus, Harvest


def began(deployment: Deployment) -> datetime:
    """When it began to change the environment. Outside tools report no start: then when it finished, or was made."""
    return deployment.started_at or deployment.finished_at or deployment.created_at


def arrived(candidate: Candidate) -> datetime:
    """When a candidate began to change the environment.

    :raises ValueError: for a change that came by no deployment and has no time; no source states such a one.
    """
    moment = began(candidate.deployment) if candidate.deployment is not None else candidate.change.merged_at
    if moment is None:
        raise ValueError(f"{candidate.change.key} has neither a deployment nor a time")
    return moment


def here(harvest: Harvest) -> tuple[Deployment, ...]:
    """The deployments to the place that is looked at: the same name in another project is another environment."""
    scope = harvest.scope
    place = (scope.service.project, scope.environment)
    return tuple(d for d in harvest.deployments if (d.project, d.environment) == place)


def succeeded(deployments: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """The successful ones, newest finish first; ids follow the making of pipelines and say nothing of it."""
    done = [d for d in deployments if d.status is DeploymentStatus.SUCCESS and d.finished_at is not None]
    return tuple(sorted(done, key=_finish, reverse=True))


def _finish(deployment: Deployment) -> tuple[datetime, int]:
    return (deployment.finished_at or deployment.created_at, deployment.id)


def running(deployments: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Those still under way, the newest start first."""
    under_way = [d for d in deployments if d.status is DeploymentStatus.RUNNING]
    return tuple(sorted(under_way, key=began, reverse=True))


BROKEN_OFF = (DeploymentStatus.FAILED, DeploymentStatus.CANCELED)


def broken_off(deployments: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Those that failed or were cancelled after they had begun, newest end first.

    Their scripts may have changed the environment all the same (GitLab never links them to a merge request). Where a
    job never started nothing ran; outside tools report no start.
    """
    ended = [d for d in deployments if d.status in BROKEN_OFF and d.finished_at and _ran(d)]
    return tuple(sorted(ended, key=_finish, reverse=True))


def _ran(deployment: Deployment) -> bool:
    return deployment.job is None or deployment.started_at is not None


def live(deployments: Iterable[Deployment]) -> Deployment | None:
    """What is live: the successful deployment that finished last."""
    return next(iter(succeeded(deployments)), None)


def live_within(deployments: Iterable[Deployment], start: datetime, end: datetime) -> Iterator[Deployment]:
    """What was live at any moment of the span, of each deploy job, and what was arriving."""
    rows = tuple(deployments)
    done = succeeded(rows)
    for row in (*running(rows), *done):
        if began(row) <= end and (row.finished_at is None or row.finished_at > start):
            yield row
    jobs: set[str] = set()
    for row in done:
        if row.finished_at is None or row.finished_at > start:
            continue
        if row.job is None:
            # What no job made took the place of all that jobs had made.
            yield from () if jobs else (row,)
            return
        if row.job.name not in jobs:
            jobs.add(row.job.name)
            yield row


def same_job(deployments: Iterable[Deployment], like: Deployment) -> tuple[Deployment, ...]:
    """Those that the same deploy job made as ``like``: an environment may have several, each with its own live version.

    What no job made changed the environment as well, and stays.
    """
    if like.job is None:
        return tuple(deployments)
    return tuple(d for d in deployments if d.job is None or d.job.name == like.job.name)


def went_back(deployments: Iterable[Deployment]) -> Deployment | None:
    """The deployment with which somebody went back to what is live; None where what is live is the newest version.

    Of two versions that one is older which was live first. Going forward again to the newer one is no going back.
    """
    rows = succeeded(deployments)
    again = tuple(takewhile(lambda row: row.sha == rows[0].sha, rows))
    if len(again) == len(rows):
        return None
    versions = [row.sha for row in reversed(rows)]
    replaced = rows[len(again)]
    return again[-1] if versions.index(rows[0].sha) < versions.index(replaced.sha) else None


def rolled_back_from(history: Iterable[Deployment]) -> dict[int, datetime]:
    """The deployments that somebody went back from, by id, with the moment when the environment had left them."""
    rows = succeeded(history)
    left: dict[int, datetime] = {}
    for row in rows:
        replaced = _left_behind(row, rows)
        if replaced is None or row.finished_at is None:
            continue
        for other in same_job(rows, row):
            if other.sha == replaced.sha and _finish(other) <= _finish(replaced):
                left[other.id] = row.finished_at
    return left


def _left_behind(deployment: Deployment, rows: tuple[Deployment, ...]) -> Deployment | None:
    """The row that ``deployment`` replaced, if that was going back.

    GitLab has no mark for it. Its own rollback is a retry of the old job in the old pipeline; people also run a new
    pipeline for the old version, or have a tool deploy it. So: the row has the sha of an older successful row, and that
    version is older than the one that it replaced. The sha of the very row it replaced is a repeated deployment.
    """
    older = [row for row in same_job(rows, deployment) if _finish(row) < _finish(deployment)]
    if not older or all(row.sha != deployment.sha for row in older):
        return None
    replaced = older[0]
    if replaced.sha == deployment.sha:
        return None
    return replaced if _is_older(deployment.sha, replaced.sha, older) else None


def _is_older(sha: str, other: str, rows: Iterable[Deployment]) -> bool:
    """Of two versions that one is older whose first pipeline is; without pipelines, which was live first."""
    several = tuple(rows)
    ours, theirs = ([row for row in several if row.sha == one] for one in (sha, other))
    if all(row.job is not None for row in (*ours, *theirs)):
        return _first_pipeline(ours) < _first_pipeline(theirs)
    return min(map(_finish, ours)) < min(map(_finish, theirs))


def _first_pipeline(rows: Iterable[Deployment]) -> int:
    return min(row.job.pipeline_id for row in rows if row.job is not None)
