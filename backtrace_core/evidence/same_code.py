"""What it changes leaves the code as it was: comments, layout, a local name, logging; or it adds functions aside."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.model import Alert, Candidate, Evidence, Family
from backtrace_core.same_code import NEW, may_run

RULE = "same_code"
WEIGHT = -3.0
"""Believed: that is all that the family may take, and a line of such a change is blamed as easily as any other."""


def same_code(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    touches = context.same.get(candidate.change.key)
    if not touches:
        return None
    adds, changes = ", ".join(each for each in touches if each == NEW), [each for each in touches if each != NEW]
    first = f"Adds only {adds}" if adds else ""
    then = f"{', and c' if adds else 'C'}hanges only {', and '.join(changes)}" if changes else ""
    runs = all(may_run(file.path, context.trace.possible) for file in candidate.change.files)
    aside = "" if runs else " beside tests or documents"
    says = f"{first}{then}{aside}{'' if adds else ': the code does what it did'}"
    return Evidence(RULE, WEIGHT, says, candidate.change.url, Family.PRIOR)
