"""Which input would help most when the evidence is not enough."""

from __future__ import annotations

import re

from backtrace_core.evidence.context import ENOUGH_WORDS, Context
from backtrace_core.hidden import hides_candidates, left_unread
from backtrace_core.model import Alert, Candidate, Harvest
from backtrace_core.words import without_urls

_POINTS = re.compile(r"(?<![^\s'\"`(])/[\w-]|\w/\w[\w/-]*\.\w|\w(?:Error|Exception)\b")
"""A path, an endpoint or an error's class: whoever said it is not asked for it."""


def advice_for(
    alert: Alert, harvest: Harvest, context: Context, unread: Candidate | None, ruled_out: frozenset[str]
) -> str:
    """One sentence: what to add, what to let Backtrace read, or where else to look. ``ruled_out``: keys of changes."""
    name = harvest.scope.service.name
    hidden = next((gap for gap in harvest.gaps if hides_candidates(gap)), None)
    if hidden is not None:
        return f"It would help most if Backtrace could read {hidden.what}: {hidden.why}."
    if len(context.said) < ENOUGH_WORDS and not alert.frames:
        return f"{context.teller.capitalize()} says little. It would help most to know {_more(alert, name)}"
    if unread is not None and not left_unread(harvest):
        return f"It would help most to see what {unread.change.label} changes: its diff could not be read."
    if not alert.frames:
        return f"A stack trace{'' if _points(alert) else ', or the path that fails,'} would help most."
    if alert.started_at is None and not ruled_out:
        return f"Knowing when it began would help most, for example /backtrace {name} since 14:00"
    other = "other " if ruled_out else ""
    return f"No {other}change stands out. {where_else(name)}"


def where_else(name: str) -> str:
    """Where to look for a cause of trouble of the service ``name`` that is in none of its changes."""
    return f"What does not ship with {name} may have changed: settings, data, traffic, or a system that it depends on."


def _more(alert: Alert, name: str) -> str:
    if _points(alert):
        return "the error's whole message, or its stack trace."
    return f"what fails: a path, an endpoint, an error message, for example /backtrace {name} TypeError in checkout"


def _points(alert: Alert) -> bool:
    return _POINTS.search(without_urls(alert.text)) is not None
