"""A rollback took it away, and the trouble went on: what is gone breaks nothing."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.spans import span
from backtrace_core.migrations import is_migration
from backtrace_core.model import Alert, Candidate, Evidence, Family

RULE = "outlived"
WEIGHT = -3.0
"""Believed, as for what was gone before the trouble began. A change may leave something behind that goes on breaking:
rows, messages, a filled cache."""


def outlived(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """Not of a migration: what it did to the database stays when its code is gone."""
    found = context.outlived.get(candidate.shipped.key)
    if found is None or any(is_migration(file.path) for file in candidate.shipped.files):
        return None
    took = f"the rollback took {candidate.shipped.label} away"
    says = f"The trouble went on {span(found.after)} after {took}"
    if found.fired:
        says = f"{found.fired} began to fire {span(found.after)} after {took}"
    return Evidence(RULE, WEIGHT, says, found.url or candidate.shipped.url, Family.EXPOSURE)
