"""Socket Mode: the same application over a websocket that we open, so that Slack needs no way in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient

from bot.slack.client import CALL_ERRORS, slack_error

PING_INTERVAL_S = 5.0
"""How soon a broken connection is noticed: the SDK looks at it this often, and gives up after four silent pings."""

log = logging.getLogger(__name__)


class SocketConnection:
    """One connection, which renews itself. ``on_connect`` runs after each (re)connection, the first one included.

    Slack keeps nothing for an app that isn't connected: what was missed has to be read from the channels.
    """

    def __init__(self, app: AsyncApp, app_token: str, on_connect: Callable[[], Awaitable[None]]) -> None:
        self._handler = AsyncSocketModeHandler(app, app_token, ping_interval=PING_INTERVAL_S)
        self._handler.client.message_listeners.append(self._heard)
        self._on_connect = on_connect
        self._tasks: set[asyncio.Task[None]] = set()

    async def connect(self) -> None:
        """Connect, and stay connected until :meth:`close`.

        :raises SlackError: when Slack does not accept the app-level token, or can't be reached.
        """
        client = self._handler.client
        try:
            # The SDK's own connect tries for ever, also with a token that will never do.
            client.wss_uri = await client.issue_new_wss_url()
        except CALL_ERRORS as error:
            raise slack_error(error) from error
        await self._handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt left it so

    async def is_connected(self) -> bool:
        return bool(await self._handler.client.is_connected())

    async def close(self) -> None:
        await self._handler.close_async()  # type: ignore[no-untyped-call]  # Bolt left it so
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _heard(self, _client: AsyncBaseSocketModeClient, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") != "hello":
            return
        task = asyncio.create_task(self._catch_up())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _catch_up(self) -> None:
        try:
            await self._on_connect()
        except Exception:
            # Nobody waits for this task; the connection itself is good, and the next one tries again.
            log.exception("catching up after a connection failed")
