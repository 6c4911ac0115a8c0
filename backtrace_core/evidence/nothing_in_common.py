"""An alert that says much, and nothing of it is in the change: that speaks against the change."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.model import Alert, Candidate, Change, ChangeKind, Evidence

RULE = "nothing_in_common"
WEIGHT = -0.7
ENOUGH_WORDS = 4
_FAINT = 0.15


def says_enough(alert: Alert, context: Context) -> bool:
    """Whether the alert has enough telling words, or a trace, for their absence to mean something."""
    return len(context.said) >= ENOUGH_WORDS or bool(alert.frames)


def nothing_in_common(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    """Not said of a change whose files could not be read: what is unknown speaks for nobody and against nobody."""
    change = candidate.change
    unread = not change.files or any(file.text_missing for file in change.files)
    if unread or not says_enough(alert, context) or _on_the_trace(change, context):
        return None
    words = context.changes[change.key]
    if any(context.strength(field, word) > _FAINT for field, of_field in words.fields() for word in of_field):
        return None
    url = f"{change.url}/diffs" if change.kind is ChangeKind.MERGE_REQUEST else change.url
    skipped = any(file.text_skipped for file in change.files)
    what = "Neither its words nor the files that it changes are" if skipped else "Nothing that it changes is"
    return Evidence(RULE, WEIGHT, f"{what} mentioned in {context.teller}", url)


def _on_the_trace(change: Change, context: Context) -> bool:
    return any(file.path in context.trace.possible for file in change.files)
