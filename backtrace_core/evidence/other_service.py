"""A change of another service, on which the alert's depends: its own changes are the likelier cause."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.model import Alert, Candidate, Evidence, Family

RULE = "other_service"
WEIGHT = -1.0


def other_service(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    if candidate.service is None:
        return None
    says = f"Belongs to {candidate.service}, on which {context.service} depends"
    return Evidence(RULE, WEIGHT, says, candidate.change.url, Family.PRIOR)
