"""Somebody went back from it, or past it, before the trouble began: what was live then does not have it."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.model import Alert, Candidate, Evidence, Family
from backtrace_core.occasion import at_occasion

RULE = "gone_before_onset"
WEIGHT = -3.0
"""Believed. What is gone breaks nothing, but may leave something behind: rows, messages, a filled cache."""


def gone_before_onset(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    version = context.exposure.gone.get(candidate.change.key)
    if version is None:
        return None
    says = f"Was gone {at_occasion(alert)}: {version.sha[:8]}, which was live then, does not have it"
    return Evidence(RULE, WEIGHT, says, version.url or candidate.change.url, Family.EXPOSURE)
