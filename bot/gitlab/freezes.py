"""Deploy freezes: whether one is on. GitLab itself never stops a retry for it (docs.gitlab.com/api/freeze_periods).

GitLab only sets ``CI_DEPLOY_FREEZE`` when a pipeline is made, so that its rules can leave jobs out; an old pipeline's
jobs know nothing of today's freeze.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterBadDateError, croniter

from backtrace_core.model import Caution
from bot.gitlab.client import GitLabClient
from bot.gitlab.paths import in_project

MOST_PERIODS = 100
COLUMNS = 5
_JUST_NOW = timedelta(seconds=1)
"""Cron libraries look before the moment that they are given: what begins now has begun."""
_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class NoCronError(ValueError):
    """What a freeze period says is no cron of five columns in a known time zone."""


@dataclass(frozen=True, slots=True)
class Period:
    """``start`` and ``end`` are crons, read in ``zone``, a name of the tz database."""

    start: str
    end: str
    zone: str = "UTC"

    def ends(self, now: datetime) -> datetime | None:
        """When the freeze that is on at ``now`` ends; None where none is on. One that never ends: the latest moment.

        Inside exactly where the last start is later than the last end.

        :raises NoCronError: when it can't be read.
        """
        last_start, last_end = (_last(cron, self.zone, now) for cron in (self.start, self.end))
        if last_start is None or last_start <= (last_end or _EVER[0]):
            return None
        return _next(self.end, self.zone, now) or _EVER[1]


def _last(cron: str, zone: str, now: datetime) -> datetime | None:
    try:
        found: datetime = _moments(cron, zone, now + _JUST_NOW).get_prev(datetime)
    except CroniterBadDateError:
        return None
    return found.astimezone(UTC)


def _next(cron: str, zone: str, now: datetime) -> datetime | None:
    try:
        found: datetime = _moments(cron, zone, now).get_next(datetime)
    except CroniterBadDateError:
        return None
    return found.astimezone(UTC)


def _moments(cron: str, zone: str, now: datetime) -> Any:
    """
    :raises NoCronError: when there are none.
    """
    if len(cron.split()) != COLUMNS:
        raise NoCronError(f"{cron!r} has not {COLUMNS} columns")
    try:
        return croniter(cron, now.astimezone(ZoneInfo(zone)))
    except CroniterBadDateError:
        raise
    except (ValueError, KeyError, AttributeError, ZoneInfoNotFoundError) as error:
        raise NoCronError(f"{cron!r} in {zone!r}: {error}") from error


async def freeze_periods(client: GitLabClient, project: str) -> tuple[Period, ...]:
    """Those of a project.

    :raises GitLabError: when they can't be read.
    """
    rows = await client.list_all(in_project(project, "freeze_periods"), limit=MOST_PERIODS)
    return tuple(_period(row) for row in rows)


def _period(row: Mapping[str, Any]) -> Period:
    return Period(
        str(row.get("freeze_start") or ""), str(row.get("freeze_end") or ""), str(row.get("cron_timezone") or "UTC")
    )


def freeze_cautions(periods: Iterable[Period], now: datetime, url: str) -> Iterator[Caution]:
    """The freezes that are on, and those of which that can't be told."""
    for period in periods:
        spelled = f"{period.start} to {period.end}, {period.zone}"
        try:
            ends = period.ends(now)
        except NoCronError:
            yield Caution(f"A deploy freeze could not be read ({spelled}): look whether it is on", url)
            continue
        if ends is not None:
            until = f"until {ends:%d %b %H:%M} UTC" if ends < _EVER[1] else "without an end"
            says = f"A deploy freeze is on, {until} ({spelled}); GitLab does not stop a rollback for it"
            yield Caution(says, url)
