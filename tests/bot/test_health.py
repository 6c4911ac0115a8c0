"""Health: a blink is no illness, a cut that lasts is."""

from datetime import UTC, datetime, timedelta

from bot.health import PATIENCE, Health

NOW = datetime(2026, 11, 20, 2, 6, tzinfo=UTC)


class Line:
    """A connection, and the time at which it is asked about."""

    def __init__(self) -> None:
        self.connected = False
        self.now = NOW
        self.health = Health("socket", self.is_connected, lambda: self.now)

    async def is_connected(self) -> bool:
        return self.connected

    async def is_ok(self) -> bool:
        report = await self.health.report()
        assert report["connected"] is self.connected
        return bool(report["ok"])


async def test_over_http_an_answer_is_health() -> None:
    """Slack comes to us there: whoever answers can be reached."""
    report = await Health("http", None, lambda: NOW).report()

    assert report == {"ok": True, "slack": "http", "connected": True}


async def test_before_the_first_connection_it_is_not_well() -> None:
    """Nobody may count on a bot that never heard Slack."""
    line = Line()

    assert not await line.is_ok()
    line.connected = True
    assert await line.is_ok()


async def test_a_cut_is_an_illness_only_when_it_lasts() -> None:
    """Well for a minute without connection, not well after it, well again with one, and patient anew."""
    line = Line()
    line.connected = True
    await line.is_ok()
    line.connected = False
    line.now += timedelta(hours=3)

    assert await line.is_ok()
    line.now += PATIENCE
    assert await line.is_ok()
    line.now += timedelta(seconds=1)
    assert not await line.is_ok()

    line.connected = True
    assert await line.is_ok()
    line.connected = False
    assert await line.is_ok()
