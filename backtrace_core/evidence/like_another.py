"""It is like another change of the project, which speaks of what the alert speaks of."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.hidden import is_unread
from backtrace_core.likeness import LIKE_ANOTHER as RULE
from backtrace_core.model import Alert, Candidate, Evidence
from backtrace_core.places import label_of_key

_FAINT = 0.05
"""In standard deviations from the project's usual."""


def like_another(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """Silent for two changes without a common word, that only lie close to each other: nobody would see that."""
    change = candidate.change
    strength = context.likeness.strength(change.key, RULE)
    weight = context.model.weight(RULE) * strength
    other = context.likeness.others.get(change.key)
    if abs(context.likeness.deviation(change.key, RULE)) < _FAINT or (strength < 0 and is_unread(change)):
        return None
    if strength > 0 and other is not None and context.words(change.key).shares_with(context.words(other)):
        says = f"Is like {label_of_key(other, change.project)}, which speaks of what {context.teller} says"
        return Evidence(RULE, weight, says, change.url)
    if strength < 0:
        says = f"Is less like the changes that speak of what {context.teller} says than others are"
        return Evidence(RULE, weight, says, change.url)
    return None
