"""Its words keep the same company in this project as the alert's, or quite another."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.hidden import is_unread
from backtrace_core.likeness import SAME_SUBJECT as RULE
from backtrace_core.model import Alert, Candidate, Evidence

_FAINT = 0.05


def same_subject(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """Silent against a change that was not read whole: what is unknown speaks against nobody."""
    change = candidate.change
    weight = context.model.weight(RULE) * context.likeness.strength(change.key, RULE)
    if abs(weight) < _FAINT or (weight < 0 and is_unread(change)):
        return None
    if weight > 0:
        says = f"Is about what {context.teller} is about, by the words that go together in this project"
        return Evidence(RULE, weight, says, change.url)
    nothing = not context.likeness.shared.get(change.key)
    says = "Nothing that is known of it is mentioned in" if nothing else "Is about something else than"
    return Evidence(RULE, weight, f"{says} {context.teller}", change.url)
