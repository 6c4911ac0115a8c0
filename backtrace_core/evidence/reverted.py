"""What was reverted before the trouble began is gone, and causes nothing any more."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.spans import span
from backtrace_core.model import Alert, Candidate, Evidence, Family
from backtrace_core.occasion import occasion

RULE = "reverted"
WEIGHT = -3.0


def reverted(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    by = context.taken_back.get(candidate.change.key)
    if by is None or by.live_at is None:
        return None
    ago = span(alert.began - by.live_at)
    says = f"Was taken back by {by.change.label}, which went live {ago} before {occasion(alert)}"
    return Evidence(RULE, WEIGHT, says, by.change.url, Family.EXPOSURE)
