"""Lengths of time in words that a tired person reads at a glance."""

from __future__ import annotations

import re
from datetime import timedelta

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_FINE_HOURS = 6 * _HOUR
_AGE = re.compile(r"(?:less than a minute|\d+ (?:min|h \d+ min|h|days)) ago")


def span(length: timedelta) -> str:
    """``6 min``, ``1 h 20 min``, ``9 h``, ``2 days``; less than a minute is ``less than a minute``."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < _MINUTE:
        return "less than a minute"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _FINE_HOURS and seconds % _HOUR >= _MINUTE:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h"
    return f"{seconds // _DAY} days"


def without_ages(says: str) -> str:
    """The words without how long ago something was, as :func:`span` tells it: the same at any time."""
    return _AGE.sub("ago", says)
