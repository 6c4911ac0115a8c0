"""Moments that a message states."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from backtrace_core.model import Onset

_ISO = re.compile(
    r"(?:start(?:ed|s)?|since|began|triggered|opened|occurred|fired|first seen)[ _]?(?:at|time|on)?\W{0,6}"
    r"(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_STARTED_DAY_FIRST = re.compile(
    r"(?:start(?:ed|s)?|since|began|triggered|opened|occurred|fired)[ _]?(?:at|time|on)?\W{0,6}"
    r"(?:[A-Z][a-z]{2,8},? )?(\d{1,2} [A-Z][a-z]{2,8},? \d{4},? (?:at )?\d{1,2}:\d\d(?::\d\d)?)",
    re.IGNORECASE,
)
_TIME_FIRST = re.compile(
    r"(?:start(?:ed|s)?|since|began|triggered|opened|occurred|fired)[ _]?(?:at)?\W{0,6}"
    r"(\d\d:\d\d(?::\d\d)?) on (\d{4})[./-](\d\d)[./-](\d\d)\b",
    re.IGNORECASE,
)
"""As Zabbix writes it: ``Problem started at 12:33:41 on 2026.11.22``."""
_LONG = re.compile(
    r"([A-Z][a-z]{2,8}) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}),? (?:at )?"
    r"(\d{1,2}):(\d\d)(?::(\d\d))? ?([AaPp][Mm])? ?\(?(?:UTC|GMT)\b"
)
_EPOCH = re.compile(
    r"\b(?:start(?:ed|s)?|since|began|triggered|opened|fired)[ _]?(?:at|time|on)?\W{1,6}(\d{10})(?:\d{3})?(?![\d.])",
    re.IGNORECASE,
)
"""Seconds, or milliseconds, since 1970."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK_SKEW = timedelta(minutes=5)
_NOON = 12
_PLAIN = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?", re.IGNORECASE
)
_DAY_FIRST = re.compile(r"\b(\d{1,2}) ([A-Z][a-z]{2,8}),? (\d{4}),? (?:at )?(\d{1,2}:\d\d(?::\d\d)?)")
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
_HELD = re.compile(
    r"\b(?:for|for:|in|over|during|within|past|last)[ =*]{1,3}(?:the )?(?:more than |at least |over |past |last )?\*?"
    r"(\d{1,5}) ?(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)\b",
    re.IGNORECASE,
)
_AGO = re.compile(r"\b(\d{1,4}|an?|one) ?(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?) ago\b", re.IGNORECASE)
_JUST_NOW = re.compile(r"\b(?:just now|a few seconds ago)\b", re.IGNORECASE)
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=24)
"""Seconds are timeouts and thresholds (``no answer in 30s``), hardly ever how long a rule waits."""


def stated_start(text: str, received_at: datetime) -> datetime | None:
    """When it began, if the text says so with a full date. A moment after the message itself is not believed."""
    day_first, epoch = _STARTED_DAY_FIRST.search(text), _EPOCH.search(text)
    text = _TIME_FIRST.sub(r"started \2-\3-\4 \1", text)
    moment = iso_moment(text) or (plain_moment(day_first[1]) if day_first else None) or long_moment(text)
    if moment is None and epoch is not None:
        moment = datetime.fromtimestamp(int(epoch[1]), UTC)
    return moment if moment is not None and moment <= received_at + _CLOCK_SKEW else None


def iso_moment(text: str) -> datetime | None:
    """``Started 2026-11-22T12:29:00Z``; without a zone it is UTC."""
    match = _ISO.search(text)
    if match is None:
        return None
    zone = (match[2] or "+00:00").upper().replace("UTC", "+00:00").replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(match[1].replace("/", "-").replace(" ", "T") + zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def long_moment(text: str) -> datetime | None:
    """``November 22nd, 2026 12:39PM UTC``, as GitLab writes it, and ``Nov 22 2026 12:40:10 UTC``."""
    match = _LONG.search(text)
    if match is None or match[1][:3].lower() not in _MONTHS:
        return None
    hour = int(match[4])
    if match[7]:
        hour = hour % _NOON + (_NOON if match[7].upper() == "PM" else 0)
    day = (int(match[3]), _MONTHS.index(match[1][:3].lower()) + 1, int(match[2]))
    try:
        return datetime(*day, hour, int(match[5]), int(match[6] or 0), tzinfo=UTC)
    except ValueError:
        return None


def plain_moment(text: str) -> datetime | None:
    """Any of the forms, of a field whose name says already that it is a moment."""
    plain, day_first = _PLAIN.search(text), _DAY_FIRST.search(text)
    if plain is not None:
        return iso_moment(f"started {plain[0]}")
    if day_first is not None:
        text = f"{day_first[2]} {day_first[1]} {day_first[3]} {day_first[4]} UTC"
    return long_moment(text)


def held_for(text: str) -> timedelta | None:
    """How long the rule waits, or looks back, before it fires: ``for: 10m``, ``for 5 minutes``, ``last 30 min``."""
    found = [int(m[1]) * _UNITS[m[2][0].lower()] for m in _HELD.finditer(text)]
    return max((held for held in found if _SHORTEST_WAIT <= held <= _LONGEST_WAIT), default=None)


def ago(text: str, now: datetime) -> Onset | None:
    """The interval that ``3 minutes ago`` means: it is cut or rounded to the unit."""
    match = _AGO.search(text)
    if match is None:
        return Onset(now - _UNITS["m"], now) if _JUST_NOW.search(text) else None
    number, unit = int(match[1]) if match[1].isdigit() else 1, _UNITS[match[2][0].lower()]
    if number * unit > _LONGEST_WAIT:
        return None
    return Onset(now - (number + 1) * unit, now - (number - 1) * unit)
