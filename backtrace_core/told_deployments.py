"""Deployments that a channel was told of, and GitLab was not: they may have caused the trouble."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from backtrace_core.alerts.notices import DeployNotice
from backtrace_core.model import Verdict
from backtrace_core.scope import environment_name

NEAR = timedelta(minutes=15)
"""How far a notice may be from the end of the deployment that it tells of."""


def not_in_gitlab(verdict: Verdict, told: Iterable[DeployNotice], gitlab: str) -> tuple[DeployNotice, ...]:
    """Those of the verdict's place and window, in their order, that none of its deployments explains.

    ``gitlab`` is GitLab's address: what links there is GitLab's own. A notice that names no environment may be of any.
    """
    scope = verdict.scope
    place = environment_name(scope.environment)
    ended = [one.candidate.deployment.finished_at for one in verdict.suspects if one.candidate.deployment is not None]
    known = [moment for moment in ended if moment is not None]
    return tuple(
        notice
        for notice in told
        if scope.since <= notice.at <= scope.onset.latest
        and environment_name(notice.environment or place) == place
        and not notice.url.startswith(f"{gitlab.rstrip('/')}/")
        and not any(abs(notice.at - moment) <= NEAR for moment in known)
    )
