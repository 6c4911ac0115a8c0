"""A line that the trace passes was last changed by it, in the version that was deployed."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.frame_in_hunk import ASKS, IN_HUNK
from backtrace_core.model import Alert, Candidate, Evidence, Family

RULE = "blamed_line"
WEIGHT = IN_HUNK + 0.5
"""A hunk has lines around the changed ones, and its numbers are those of the merge: blame knows the very line."""
_FADES = 0.6
"""Left of it for each frame of own code farther out: everything passes the router."""


def blamed_line(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """Of the lines that it changed last the one nearest to the innermost frame."""
    own = [blame for blame in context.blames if blame.change == candidate.change.key]
    if not own:
        return None
    blame = min(own, key=lambda each: (each.depth, each.path, each.line))
    says = (
        f"Line {blame.line} of {blame.path}, where the trace passes, was last changed by it"
        f" (blame at {blame.version[:8]})"
    )
    weight = WEIGHT * _FADES**blame.depth * (ASKS if context.raised.not_there else 1.0)
    return Evidence(RULE, weight, says, blame.url, Family.PLACE)
