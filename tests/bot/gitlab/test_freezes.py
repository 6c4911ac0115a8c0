"""Whether a deploy freeze is on, by its two crons."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.gitlab.freezes import NoCronError, Period, freeze_cautions

WEEKEND = ("0 23 * * 5", "0 8 * * 1")
URL = "https://gitlab.acme.test/shop/web/-/settings/ci_cd"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


INSIDE = {
    "saturday": (Period(*WEEKEND), "2026-11-21 12:00", "2026-11-23 08:00"),
    "the moment it begins": (Period(*WEEKEND), "2026-11-20 23:00", "2026-11-23 08:00"),
    "the minute before it ends": (Period(*WEEKEND), "2026-11-23 07:59", "2026-11-23 08:00"),
    "an hour earlier in Berlin": (Period(*WEEKEND, "Europe/Berlin"), "2026-11-20 22:30", "2026-11-23 07:00"),
    "over the change of clocks": (
        Period("0 0 * * 6", "0 6 * * 0", "Europe/Berlin"),
        "2026-10-25 04:30",
        "2026-10-25 05:00",
    ),
    "a name for the day": (Period("0 23 * * fri", "0 8 * * mon"), "2026-11-21 12:00", "2026-11-23 08:00"),
    "over new year": (Period("0 0 20 12 *", "0 0 3 1 *"), "2026-12-31 23:59", "2027-01-03 00:00"),
    "one that never ends": (Period("0 23 * * 5", "0 0 31 2 *"), "2026-11-21 12:00", ""),
}
OUTSIDE = {
    "wednesday": (Period(*WEEKEND), "2026-11-25 12:00"),
    "the moment it ends": (Period(*WEEKEND), "2026-11-23 08:00"),
    "not yet in New York": (Period(*WEEKEND, "America/New_York"), "2026-11-20 23:30"),
    "one that never begins": (Period("0 0 31 2 *", "0 8 * * 1"), "2026-11-21 12:00"),
    "both at once": (Period("0 8 * * 1", "0 8 * * 1"), "2026-11-24 12:00"),
}


@pytest.mark.parametrize(("period", "now", "ends"), INSIDE.values(), ids=INSIDE)
def test_inside_a_freeze_the_caution_says_until_when(period: Period, now: str, ends: str) -> None:
    """The last start is later than the last end, each read in the period's own time zone."""
    (caution,) = freeze_cautions((period,), at(now), URL)
    until = f"until {at(ends):%d %b %H:%M} UTC" if ends else "without an end"

    assert caution.says.startswith(f"A deploy freeze is on, {until} ({period.start} to {period.end}")
    assert caution.url == URL


@pytest.mark.parametrize(("period", "now"), OUTSIDE.values(), ids=OUTSIDE)
def test_outside_of_it_nothing_is_said(period: Period, now: str) -> None:
    """A freeze that is over, or to come, speaks against nothing."""
    assert period.ends(at(now)) is None
    assert list(freeze_cautions((period,), at(now), URL)) == []


@pytest.mark.parametrize(
    "period",
    [
        Period("", "0 8 * * 1"),
        Period("every friday", "0 8 * * 1"),
        Period("61 * * * *", "0 8 * * 1"),
        Period("0 0 23 * * 5", "0 8 * * 1"),
        Period(*WEEKEND, "Mars/Olympus"),
        Period(*WEEKEND, "../etc/passwd"),
        Period(*WEEKEND, ""),
        Period("@yearly", "0 8 * * 1"),
    ],
)
def test_what_is_no_cron_is_said_and_not_taken_for_no_freeze(period: Period) -> None:
    """Somebody meant something by it: look there."""
    with pytest.raises(NoCronError):
        period.ends(at("2026-11-21 12:00"))
    (caution,) = freeze_cautions((period,), at("2026-11-21 12:00"), URL)

    assert "could not be read" in caution.says
