"""That somebody, or GitLab's own auto rollback, has already gone back: who, when, to what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from backtrace_core.evidence.spans import span
from backtrace_core.history import began, succeeded, went_back
from backtrace_core.model import Caution, Deployment

_ALERT_BOT = "alert-bot"
"""GitLab's user for what alerts bring about (docs.gitlab.com/ci/environments: auto rollback). The name is from memory;
where a person has it already, GitLab adds a number."""


def back_already(now: Deployment) -> str:
    """What is live does not contain the suspects: nothing is left to be done."""
    says = f"{now.environment} is already back: deployment {now.id} ({now.sha[:8]}) is live and does not contain it."
    return f"{says} GitLab's auto rollback did it." if _is_auto(now) else says


def went_back_already(back: Deployment, now: datetime) -> str:
    """Without suspects: one step more would take away what was good."""
    since = span(now - (back.finished_at or began(back)))
    by = " by GitLab's auto rollback" if _is_auto(back) else ""
    return f"{back.environment} was already rolled back {since} ago{by} (deployment {back.id}, {back.sha[:8]})."


def came_later(history: tuple[Deployment, ...], trouble: datetime) -> Iterator[Caution]:
    """The version that is live had never begun to arrive when the trouble began. ``history``: of one job; ``trouble``:
    the latest moment of its onset.
    """
    rows = succeeded(history)
    if rows and all(began(row) > trouble for row in rows if row.sha == rows[0].sha):
        after = span(began(rows[0]) - trouble)
        says = f"Deployment {rows[0].id} began {after} after the trouble: it can't be what caused it"
        yield Caution(says, rows[0].url)


def not_far_enough(history: tuple[Deployment, ...], onset: datetime, now: datetime) -> Iterator[Caution]:
    """It went back since the trouble began, and to a version that still has the suspects. ``history``: of one job."""
    back = went_back(history)
    if back is None or back.finished_at is None or back.finished_at < onset:
        return
    who = "GitLab's auto rollback" if _is_auto(back) else back.deployer.name if back.deployer else "Somebody"
    says = f"{who} took {back.environment} back {span(now - back.finished_at)} ago, to deployment {back.id}"
    yield Caution(f"{says} ({back.sha[:8]}): that is not far enough", back.url)


def _is_auto(deployment: Deployment) -> bool:
    name = deployment.deployer.username if deployment.deployer is not None else ""
    return name.startswith(_ALERT_BOT) and name[len(_ALERT_BOT) :].strip("0123456789") == ""
