"""Moments that a message states."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_ISO = re.compile(
    r"(?:start(?:ed|s)?|since|began|triggered|opened|occurred)[ _]?(?:at|time|on)?\W{0,6}"
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_LONG = re.compile(r"([A-Z][a-z]{2,8}) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}),? (\d{1,2}):(\d\d)(?::\d\d)? ?([AP]M)? ?UTC")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK_SKEW = timedelta(minutes=5)
_NOON = 12


def stated_start(text: str, received_at: datetime) -> datetime | None:
    """When it began, if the text says so with a full date. A moment after the message itself is not believed."""
    moment = iso_moment(text) or long_moment(text)
    return moment if moment is not None and moment <= received_at + _CLOCK_SKEW else None


def iso_moment(text: str) -> datetime | None:
    """``Started 2026-11-22T12:29:00Z``; without a zone it is UTC."""
    match = _ISO.search(text)
    if match is None:
        return None
    zone = (match[2] or "+00:00").upper().replace("UTC", "+00:00").replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(match[1].replace(" ", "T") + zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def long_moment(text: str) -> datetime | None:
    """``November 22nd, 2026 12:39PM UTC``, as GitLab writes it, and ``Nov 22 2026 12:40:10 UTC``."""
    match = _LONG.search(text)
    if match is None or match[1][:3].lower() not in _MONTHS:
        return None
    hour = int(match[4])
    if match[6]:
        hour = hour % _NOON + (_NOON if match[6] == "PM" else 0)
    try:
        return datetime(
            int(match[3]), _MONTHS.index(match[1][:3].lower()) + 1, int(match[2]), hour, int(match[5]), tzinfo=UTC
        )
    except ValueError:
        return None
