"""A change that went live just before the trouble is more likely its cause. It never names anybody alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.spans import span
from backtrace_core.history import BROKEN_OFF, began
from backtrace_core.model import Alert, Candidate, Change, ChangeKind, Deployment, DeploymentStatus, Evidence
from backtrace_core.occasion import at_occasion, occasion

RULE = "deployed_before_onset"
_SCALE = (
    (timedelta(minutes=30), 3.0),
    (timedelta(hours=2), 2.0),
    (timedelta(hours=6), 1.0),
    (timedelta(hours=24), 0.0),
)
_OLDER = -1.0
_WHEN_SLOW = 0.3
"""What builds up over hours (memory, disk) says little by its hour, and nothing against a change of days ago."""
_BROKEN_OFF = -1.5
"""On top, for a deployment that failed or was cancelled: most such leave things as they were."""
_GIVEN = "after the time that was given"


def deployed_before_onset(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    """Weighed by the onset, which may be a span of time; the sentence measures from the moment that was stated."""
    slow = any(symptom.slow for symptom in context.symptoms)
    weight = _weight(candidate.live_at, alert)
    if slow:
        weight = max(0.0, weight) * _WHEN_SLOW
    deployment, change = candidate.deployment, candidate.change
    if deployment is not None and deployment.status in BROKEN_OFF:
        weight += _BROKEN_OFF
    against = ", long ago for such trouble" if weight < 0 else ""
    says = _says(deployment, alert) if deployment is not None else _by_itself(change, alert)
    return Evidence(RULE, weight, f"{says}{against}", deployment.url if deployment is not None else change.url)


def _weight(live_at: datetime | None, alert: Alert) -> float:
    if live_at is None:
        return _SCALE[0][1]
    gap = alert.onset.earliest - live_at
    return next((weight for limit, weight in _SCALE if gap <= limit), _OLDER)


def _by_itself(change: Change, alert: Alert) -> str:
    did = "Was changed" if change.kind is ChangeKind.FEATURE_FLAG else "Ran"
    ago = alert.began - (change.merged_at or alert.began)
    return f"{did} {span(ago)} before {occasion(alert)}" if ago >= timedelta() else f"{did} {span(-ago)} {_GIVEN}"


def _says(deployment: Deployment, alert: Alert) -> str:
    start, finish, moment = began(deployment), deployment.finished_at, alert.began
    if finish is not None and deployment.status in BROKEN_OFF:
        return _broken_off(deployment, moment - finish, alert)
    if finish is None and start > moment:
        return f"Its deployment started {span(start - moment)} {_GIVEN}"
    if finish is None:
        return f"Its deployment was still running {at_occasion(alert)}"
    if finish <= moment:
        return f"Went live {span(moment - finish)} before {occasion(alert)}"
    if start > moment:
        return f"Went live {span(finish - moment)} {_GIVEN}"
    return f"Its deployment was under way {at_occasion(alert)}"


def _broken_off(deployment: Deployment, ago: timedelta, alert: Alert) -> str:
    when = f"{span(ago)} before {occasion(alert)}" if ago >= timedelta() else f"{span(-ago)} {_GIVEN}"
    return f"Its deployment {broke_off(deployment)} {when}, but its job may have changed {deployment.environment}"


def broke_off(deployment: Deployment) -> str:
    """``failed``, or ``was cancelled``."""
    return "failed" if deployment.status is DeploymentStatus.FAILED else "was cancelled"
