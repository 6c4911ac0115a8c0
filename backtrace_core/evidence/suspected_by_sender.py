"""The sender of the alert itself suspects a commit of the change: Sentry's ``Suspect Commit``."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.model import Alert, Candidate, Evidence, Family

RULE = "suspected_by_sender"
WEIGHT = 2.0
"""Believed: it goes by who changed the trace's lines last, as blame does, but knows no deployed version."""
_SHORTEST = 7
_NAMES = {"sentry": "Sentry"}


def suspected_by_sender(candidate: Candidate, alert: Alert, _context: Context) -> Evidence | None:
    change = candidate.change
    own = (change.sha.lower(), *(sha.lower() for sha in sorted(change.shas)))
    suspected = (sha.lower() for sha in alert.suspect_commits if len(sha) >= _SHORTEST)
    commit = next((sha for sha in suspected if any(each.startswith(sha) for each in own)), None)
    if commit is None:
        return None
    says = f"{_NAMES.get(alert.sender, 'The sender of the alert')} itself suspects commit {commit[:8]}"
    return Evidence(RULE, WEIGHT, says, change.url, Family.PLACE)
