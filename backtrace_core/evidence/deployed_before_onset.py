"""A change that went live just before the trouble is more likely its cause. It never names anybody alone."""

from __future__ import annotations

from datetime import timedelta

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.spans import span
from backtrace_core.model import Alert, Candidate, Evidence

RULE = "deployed_before_onset"
_SCALE = (
    (timedelta(minutes=30), 3.0),
    (timedelta(hours=2), 2.0),
    (timedelta(hours=6), 1.0),
    (timedelta(hours=24), 0.0),
)
_OLDER = -1.0
_WHEN_SLOW = 0.3
"""What builds up over hours (memory, disk) says little by its hour."""


def deployed_before_onset(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    deployment = candidate.deployment
    slow = any(symptom.slow for symptom in context.symptoms)
    scale = _WHEN_SLOW if slow else 1.0
    if deployment.finished_at is None:
        says = "Its deployment was still running when the alert fired"
        return Evidence(RULE, _SCALE[0][1] * scale, says, deployment.url)
    if deployment.finished_at > alert.onset.latest:
        says = "Its deployment was under way when the alert fired"
        return Evidence(RULE, _SCALE[0][1] * scale, says, deployment.url)
    says = f"Went live {span(alert.onset.latest - deployment.finished_at)} before the alert"
    gap = max(timedelta(0), alert.onset.earliest - deployment.finished_at)
    return Evidence(RULE, _weight(gap) * scale, says, deployment.url)


def _weight(gap: timedelta) -> float:
    return next((weight for limit, weight in _SCALE if gap <= limit), _OLDER)
