"""Which way a dialog goes, back or forward again: by how its legs are begun, or by the button that opened it."""

from __future__ import annotations

from bot.slack.modal import BACK, FORWARD, Way
from bot.store.offers import How

ROLL_FORWARD = "roll_forward"
"""The kind of a press on "Roll forward again"."""


def way_of(how: How) -> Way:
    return FORWARD if how.is_forward else BACK


def way_of_press(kind: str) -> Way:
    return FORWARD if kind == ROLL_FORWARD else BACK
