"""The later a change went live before the trouble, the likelier its cause. It never names anybody alone.

What counts is how many deployments went live since, not hours: a quiet night makes the last deployment no less suspect
than a busy day.
"""

from __future__ import annotations

import math
from datetime import timedelta

from backtrace_core.evidence.context import Context, later
from backtrace_core.evidence.spans import span
from backtrace_core.history import BROKEN_OFF, began
from backtrace_core.model import Alert, Candidate, Change, ChangeKind, Deployment, DeploymentStatus, Evidence, Family
from backtrace_core.occasion import at_occasion, occasion

RULE = "deployed_before_onset"
_LAST = 2.0
"""Of what went live last. It sets no candidate apart from another, nor from "no change"."""
_WHEN_SLOW = 0.3
"""What builds up over hours (memory, disk) says little by its hour, and nothing against a change of days ago."""
_BROKEN_OFF = -1.5
"""On top, for a deployment that failed or was cancelled: most such leave things as they were."""
_GIVEN = "after the time that was given"


def deployed_before_onset(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    """Weighed by the onset, which may be a span of time; the sentence measures from the moment that was stated."""
    slow = any(symptom.slow for symptom in context.symptoms)
    since = later(context.arrivals, candidate.live_at) + later(context.switches, candidate.live_at)
    weight = _LAST + context.model.weight(RULE) * math.log(1 + since)
    if slow:
        weight = max(0.0, weight) * _WHEN_SLOW
    deployment, change = candidate.deployment, candidate.change
    if deployment is not None and deployment.status in BROKEN_OFF:
        weight += _BROKEN_OFF
    says = _says(deployment, alert) if deployment is not None else _by_itself(change, alert)
    url = deployment.url if deployment is not None else change.url
    return Evidence(RULE, weight, f"{says}{_after(candidate, context)}", url, Family.TIME)


def _after(candidate: Candidate, context: Context) -> str:
    """Only what brought a candidate is counted: that an old version was deployed again is no news."""
    rows = later(context.arrivals, candidate.live_at)
    others = later(context.switches, candidate.live_at)
    deployed = f"; {rows} {'deployments' if rows > 1 else 'deployment'} brought others since" if rows else ""
    came = f"; {others} {'flags or jobs' if others > 1 else 'flag or job'} came since" if others else ""
    return f"{deployed}{came}"


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
