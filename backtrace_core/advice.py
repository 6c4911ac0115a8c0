"""Which input would help most when the evidence is not enough."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.nothing_in_common import ENOUGH_WORDS
from backtrace_core.hidden import hides_candidates
from backtrace_core.model import Alert, Candidate, Harvest


def advice_for(alert: Alert, harvest: Harvest, context: Context, unread: Candidate | None) -> str:
    """One sentence: what to add, or what to let Backtrace read."""
    hidden = next((gap for gap in harvest.gaps if hides_candidates(gap)), None)
    if hidden is not None:
        return f"It would help most if Backtrace could read {hidden.what}: {hidden.why}."
    if len(context.said) < ENOUGH_WORDS and not alert.frames:
        return (
            f"{context.teller.capitalize()} says little. It would help most to know what fails: a path, an endpoint, an error message, "
            f"for example /backtrace {harvest.scope.service.name} TypeError in checkout"
        )
    if unread is not None:
        change = unread.change
        return f"It would help most to see what {change.label} changes: its diff could not be read."
    if not alert.frames:
        return "A stack trace, or the path that fails, would help most."
    return "Knowing when it began would help most, for example /backtrace … since 14:00"
