"""What a monitor is told: whether Slack reaches this bot, and GitLab accepts its token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from backtrace_core.token_standing import Severity
from bot.token_watch import Standing

PATIENCE = timedelta(seconds=60)
"""Slack renews a Socket Mode connection every few hours, and networks blink: that alone is no illness."""


class Health:
    """``is_connected`` is None over HTTP, where Slack comes to us. ``token`` tells at once how GitLab's stands."""

    def __init__(
        self,
        mode: Literal["http", "socket"],
        is_connected: Callable[[], Awaitable[bool]] | None,
        clock: Callable[[], datetime],
        token: Callable[[], Standing] | None = None,
    ) -> None:
        self._mode = mode
        self._is_connected = is_connected
        self._clock = clock
        self._token = token
        self._was_connected = False
        self._cut_since: datetime | None = None

    async def report(self) -> dict[str, Any]:
        """``ok`` is False before the first connection, when that is cut for longer than :data:`PATIENCE`, and while
        GitLab's token is of no use. A GitLab that can't be reached is no illness of this bot.
        """
        connected = self._is_connected is None or await self._is_connected()
        now = self._clock()
        self._note(now, connected=connected)
        patient = self._cut_since is not None and now - self._cut_since <= PATIENCE
        ok = connected or (self._was_connected and patient)
        report = {"ok": ok, "slack": self._mode, "connected": connected}
        if self._token is None:
            return report
        standing = self._token()
        return {**report, "ok": ok and standing.ok, "gitlab": _gitlab(standing)}

    def _note(self, now: datetime, *, connected: bool) -> None:
        if connected:
            self._was_connected, self._cut_since = True, None
        elif self._cut_since is None:
            self._cut_since = now


def _gitlab(standing: Standing) -> dict[str, Any]:
    return {
        "reached": not standing.unreached,
        "token_expires_on": standing.expires_on.isoformat() if standing.expires_on else None,
        "looked_at": standing.looked_at.isoformat(timespec="seconds") if standing.looked_at else None,
        "problems": [finding.says for finding in standing.findings if finding.severity is Severity.PROBLEM],
        "warnings": [finding.says for finding in standing.findings if finding.severity is Severity.WARNING],
    }
