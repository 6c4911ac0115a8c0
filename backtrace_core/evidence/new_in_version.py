"""The trouble was seen in the version that brought the change, and not in the one that ran beside it.

Without another one beside it the version that an alert says is just what runs: it says nothing of who broke it.
"""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.not_in_version import shown
from backtrace_core.model import Alert, Candidate, Evidence, Family

RULE = "new_in_version"
WEIGHT = 1.5
"""Believed: as if the old version, at half of the traffic, had been spared by two or three errors."""


def new_in_version(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    found = context.exposure.new_in.get(candidate.change.key)
    if found is None:
        return None
    version, beside = found
    teller = context.teller.capitalize()
    says = f"{teller} is of version {shown(version)}, the first with it, not of {beside.sha[:8]}, which ran beside it"
    return Evidence(RULE, WEIGHT, says, version.url or candidate.change.url, Family.EXPOSURE)
