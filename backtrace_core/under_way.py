"""Deployments that are not over: the suspects' own, which can be cancelled, and others that would bring them back."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_core.contained import Answers, Holds
from backtrace_core.history import here, running
from backtrace_core.model import Caution, Change, Deployment, DeploymentStatus, GoingBack, Harvest, Suspect, Verdict

MOST_ASKED = 8
"""Of how many git is asked: manual jobs that nobody plays pile up."""
_WAITING = (DeploymentStatus.BLOCKED, DeploymentStatus.CREATED)


def still_running(harvest: Harvest, suspects: tuple[Suspect, ...]) -> Deployment | None:
    """The suspects' deployment that is not over by the harvest's newest row: one that runs, else one that waits."""
    shipped = (suspect.candidate.deployment for suspect in suspects)
    ids = {deployment.id for deployment in shipped if deployment is not None}
    waiting = (d for d in here(harvest) if d.status in _WAITING)
    return next((d for d in (*running(here(harvest)), *waiting) if d.id in ids), None)


def to_cancel(verdict: Verdict) -> tuple[Deployment, ...]:
    """The suspects' deployments that have not ended, where nothing is known to go back to."""
    plan = verdict.rollback
    if plan is None or plan.target is not None:
        return ()
    found = (plan.cancel, *(leg.plan.cancel for leg in verdict.legs))
    return tuple({one.id: one for one in found if one is not None}.values())


def can_cancel(verdict: Verdict) -> tuple[Deployment, ...]:
    """Those of them that a press may cancel: by their jobs, and not where people go back by hand."""
    if verdict.scope.service.rollback is GoingBack.LINK:
        return ()
    return tuple(one for one in to_cancel(verdict) if one.job is not None)


def others_under_way(harvest: Harvest, cancel: Deployment | None) -> tuple[Deployment, ...]:
    """All that run, then all that wait for somebody or something, without the one that is to be cancelled."""
    waiting = (d for d in here(harvest) if d.status in _WAITING)
    return tuple(d for d in (*running(here(harvest)), *waiting) if cancel is None or d.id != cancel.id)


def cautions_under_way(
    others: tuple[Deployment, ...], suspects: tuple[Suspect, ...], answers: Answers
) -> tuple[Caution, ...]:
    """Each that runs; and of those that wait the ones that may carry a suspect, as one."""
    changes = tuple(suspect.candidate.shipped for suspect in suspects)
    return (*_running(others, changes, answers), *_waiting(others, changes, answers))


def waits_for(verdict: Verdict, number: object) -> bool:
    """Whether it speaks of that deployment (a number of all projects) as one that has not ended."""
    shipped = (suspect.candidate.deployment for suspect in verdict.suspects)
    cancel = verdict.rollback.cancel if verdict.rollback else None
    under_way = (one for one in (*shipped, cancel) if one is not None and one.finished_at is None)
    return any(one.id == number for one in under_way)


def _running(others: tuple[Deployment, ...], changes: tuple[Change, ...], answers: Answers) -> Iterator[Caution]:
    for deployment in others:
        if deployment.status is DeploymentStatus.RUNNING:
            brings = _brings(deployment, changes, answers)
            yield Caution(f"{_name(deployment)} is still running{f' and {brings}' if brings else ''}", deployment.url)


def _waiting(others: tuple[Deployment, ...], changes: tuple[Change, ...], answers: Answers) -> Iterator[Caution]:
    waiting = (d for d in others if d.status in _WAITING)
    carrying = [(d, brings) for d in waiting if (brings := _brings(d, changes, answers))]
    if not carrying:
        return
    first, brings = carrying[0]
    more = len(carrying) - 1
    says = f"{_name(first)} is waiting and {brings} once it starts"
    if more:
        says = f"{_name(first)} and {more} more are waiting and {brings} once they start"
    yield Caution(says, first.url)


def _brings(deployment: Deployment, changes: tuple[Change, ...], answers: Answers) -> str:
    """``would bring !45 back``; empty where git says that it carries none of the changes."""
    for holds, verb in ((Holds.YES, "would"), (Holds.UNKNOWN, "may")):
        labels = [change.label for change in changes if answers.holds(deployment, change) is holds]
        if labels:
            return f"{verb} bring {', '.join(labels)} back"
    return ""


def _name(deployment: Deployment) -> str:
    return f"Deployment {deployment.id} ({deployment.sha[:8]})"
