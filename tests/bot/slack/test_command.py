"""What answers ``/backtrace``."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.slack import command


def test_a_pause_says_on_which_day_it_ends() -> None:
    """After a day the clock shows the same time as now."""
    said = command.pauses("<@U0PIET0001>", datetime(2026, 11, 28, 14, 53, tzinfo=UTC))

    assert "until <!date^1795877580^{date_short_pretty} {time}|28 Nov 14:53 UTC>." in said
