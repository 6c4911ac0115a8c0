"""What to call the moment that distances are printed from (``Alert.began``), and who speaks of it.

An alert fires. A person who asks says when it began, or only that something is wrong.
"""

from __future__ import annotations

from backtrace_core.model import Alert

QUESTION = "question"
"""The sender of what people ask."""


def occasion(alert: Alert) -> str:
    """What follows on ``before``: ``the alert``; of a question ``it began``, or ``the question`` if no time is said."""
    if alert.sender != QUESTION:
        return "the alert"
    return "it began" if alert.started_at is not None else "the question"


def at_occasion(alert: Alert) -> str:
    """``when the alert fired``; of a question ``when it began``, or ``when it was asked`` if no time is said."""
    if alert.sender != QUESTION:
        return "when the alert fired"
    return "when it began" if alert.started_at is not None else "when it was asked"


def teller(alert: Alert) -> str:
    """Who names and says things: ``the alert`` or ``the question``."""
    return "the question" if alert.sender == QUESTION else "the alert"
