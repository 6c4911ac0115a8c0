"""The trouble was seen in a version that does not have the change."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.model import Alert, Candidate, Evidence, Family, Version

RULE = "not_in_version"
WEIGHT = -3.0
"""Believed. What is not there breaks nothing, but labels are wrong now and then, and versions share their queues."""
_LONGEST = 40


def not_in_version(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """Of several versions that the alert says one without it is enough: the old one is affected too."""
    found = context.exposure.lacking.get(candidate.change.key)
    if found is None:
        return None
    version, others_have_it = found
    too = " too" if others_have_it else ""
    says = f"{context.teller.capitalize()} is of version {shown(version)}{too}, which does not have it"
    return Evidence(RULE, WEIGHT, says, version.url or candidate.change.url, Family.EXPOSURE)


def shown(version: Version) -> str:
    """As the alert writes it, an image without its registry; what is too long for a sentence by its sha."""
    name = version.said.rpartition("/")[2]
    return name if len(name) < _LONGEST else version.sha[:8]
