"""What will bring back what a rollback took away: deployments on their way, pipelines that are due, and what to do
about jobs that GitLab will refuse.

A rollback's deployment has the newest id, so each unfinished deploy job of an older pipeline counts as outdated, the
one of a fix that was just merged as well (docs.gitlab.com/ci/environments/deployment_safety: outdated deployment jobs).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backtrace_core.contained import Answers, Holds
from backtrace_core.model import Caution, Change, Deployment, DeploymentStatus

SOON = timedelta(hours=24)
"""Of how far ahead a schedule is told."""
MOST_DUE = 3
MOST_LABELS = 3
_NAME = 60


@dataclass(frozen=True, slots=True)
class Due:
    """A pipeline schedule of the branch, and when it runs next."""

    name: str
    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """What GitLab was asked. ``under_way``: not over yet, in the place that was gone back in. ``changes`` were taken
    away, as far as they were found; ``labels`` are those of all. ``forward``: the project's setting against outdated
    jobs; None: not known. ``unread`` says what could not be read, and why.
    """

    branch: str
    gone_back_at: datetime
    under_way: tuple[Deployment, ...]
    changes: tuple[Change, ...]
    labels: tuple[str, ...]
    due: tuple[Due, ...]
    forward: bool | None
    unread: tuple[str, ...] = ()


def ahead_of(ahead: Ahead, answers: Answers, now: datetime) -> tuple[Caution, ...]:
    """The warnings, the most pressing first."""
    unread = (Caution(says) for says in ahead.unread)
    return (*_coming(ahead, answers), *_scheduled(ahead, now), *_outdated(ahead), *unread)


def _coming(ahead: Ahead, answers: Answers) -> Iterator[Caution]:
    for deployment in ahead.under_way:
        verb, labels = _brings(deployment, ahead.changes, answers)
        if not labels or (refused := _refused(deployment, ahead)) is True:
            continue
        running = deployment.status is DeploymentStatus.RUNNING
        says = f"Deployment {deployment.id} ({deployment.sha[:8]}) {'is running' if running else 'is waiting'}"
        unless = " unless GitLab refuses it as outdated" if refused is None else ""
        yield Caution(f"{says}, and {verb} {labels} back{unless}", deployment.url)


def _refused(deployment: Deployment, ahead: Ahead) -> bool | None:
    """Whether GitLab will refuse its job as outdated; None: nobody knows. What runs already it does not stop."""
    if deployment.status is DeploymentStatus.RUNNING or deployment.created_at >= ahead.gone_back_at:
        return False
    return ahead.forward


def _brings(deployment: Deployment, changes: Sequence[Change], answers: Answers) -> tuple[str, str]:
    for holds, verb in ((Holds.YES, "brings"), (Holds.UNKNOWN, "may bring")):
        labels = [change.label for change in changes if answers.holds(deployment, change) is holds]
        if labels:
            return verb, _listed(labels)
    return "", ""


def _scheduled(ahead: Ahead, now: datetime) -> Iterator[Caution]:
    soon = sorted((one for one in ahead.due if one.at <= now + SOON), key=lambda one: one.at)
    labels = _listed(ahead.labels)
    for one in soon[:MOST_DUE] if labels else ():
        when = f"{one.at.astimezone(UTC):%d %b %H:%M} UTC"
        name = f"“{one.name[:_NAME]}” " if one.name else ""
        says = f"The scheduled pipeline {name}runs on {ahead.branch} at {when}: if it deploys, it ships {labels} again"
        yield Caution(says, one.url)


def _outdated(ahead: Ahead) -> Iterator[Caution]:
    if ahead.forward is False:
        return
    verb = "will" if ahead.forward else "may"
    yield Caution(
        "Start a new pipeline for the fix: deploy jobs of pipelines that were made before the rollback "
        f"{verb} be refused as outdated"
    )


def _listed(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - MOST_LABELS} more" if len(labels) > MOST_LABELS else ""
    return ", ".join(labels[:MOST_LABELS]) + more
