"""When an alert is not answered at once, as the settings of its service say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backtrace_core.model import Severity

GIVES_UP_AFTER = timedelta(days=1)
"""What nobody answered for so long is not answered any more."""

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Calm:
    """``least``: less grave alerts get no card. ``quiet``: from when to when, in ``zone``, only critical ones do.

    An alert whose sender states no severity is answered: nobody knows how grave it is.
    """

    least: Severity = Severity.INFO
    quiet: tuple[time, time] | None = None
    zone: tzinfo = UTC

    def holds(self, severity: Severity | None, now: datetime) -> bool:
        """Whether no card is posted now for an alert of this severity."""
        if severity is None:
            return False
        return severity > self.least or (severity > Severity.CRITICAL and self.is_quiet(now))

    def is_quiet(self, now: datetime) -> bool:
        if self.quiet is None:
            return False
        begin, end = self.quiet
        there = now.astimezone(self.zone).time()
        return begin <= there < end if begin <= end else there >= begin or there < end


CALM = Calm()


def checked_hours(value: str) -> str:
    """:raises ValueError: for what is no span of a day."""
    if not _HOURS.fullmatch(value):
        raise ValueError(f'"{value}" is not a span such as 22:00-07:00')
    return value


def checked_zone(value: str) -> str:
    """:raises ValueError: for what is no IANA name of a zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{value}" is not a time zone such as Europe/Berlin') from error
    return value


def hours_of(value: str) -> tuple[time, time]:
    """The two ends of a span that :func:`checked_hours` has let through."""
    begin, _, end = value.partition("-")
    return time.fromisoformat(begin), time.fromisoformat(end)
