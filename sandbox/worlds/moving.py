"""A world at another moment: what GitLab knows moves, what git knows keeps its real dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.worlds.model import Deployment, Issue, MergeRequest, World


def moved(world: World, t0: datetime) -> World:
    """The world with its alert at ``t0`` (aware), so that parties which live by the real clock can play an old one."""
    by = t0 - world.t0
    return replace(
        world,
        t0=t0,
        project=replace(world.project, created_at=world.project.created_at + by),
        environments=tuple(replace(one, created_at=one.created_at + by) for one in world.environments),
        issues=tuple(_issue(issue, by) for issue in world.issues),
        merge_requests=tuple(_merge_request(change, by) for change in world.merge_requests),
        deployments=tuple(_deployment(deployment, by) for deployment in world.deployments),
    )


def _issue(issue: Issue, by: timedelta) -> Issue:
    return replace(issue, created_at=issue.created_at + by, closed_at=_later(issue.closed_at, by))


def _merge_request(change: MergeRequest, by: timedelta) -> MergeRequest:
    return replace(change, created_at=change.created_at + by, merged_at=change.merged_at + by)


def _deployment(deployment: Deployment, by: timedelta) -> Deployment:
    return replace(
        deployment,
        created_at=deployment.created_at + by,
        started_at=_later(deployment.started_at, by),
        finished_at=_later(deployment.finished_at, by),
    )


def _later(time: datetime | None, by: timedelta) -> datetime | None:
    return None if time is None else time + by
