"""What a monitor is told: whether Slack reaches this bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Literal

PATIENCE = timedelta(seconds=60)
"""Slack renews a Socket Mode connection every few hours, and networks blink: that alone is no illness."""


class Health:
    """``is_connected`` is None over HTTP, where Slack comes to us."""

    def __init__(
        self,
        mode: Literal["http", "socket"],
        is_connected: Callable[[], Awaitable[bool]] | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._mode = mode
        self._is_connected = is_connected
        self._clock = clock
        self._was_connected = False
        self._cut_since: datetime | None = None

    async def report(self) -> dict[str, Any]:
        """``ok`` is False before the first connection, and when it was found cut for longer than :data:`PATIENCE`."""
        connected = self._is_connected is None or await self._is_connected()
        now = self._clock()
        self._note(now, connected=connected)
        patient = self._cut_since is not None and now - self._cut_since <= PATIENCE
        ok = connected or (self._was_connected and patient)
        return {"ok": ok, "slack": self._mode, "connected": connected}

    def _note(self, now: datetime, *, connected: bool) -> None:
        if connected:
            self._was_connected, self._cut_since = True, None
        elif self._cut_since is None:
            self._cut_since = now
