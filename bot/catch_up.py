"""What the channels got while nobody listened: read from their history, after each absence.

A channel is *behind* from the moment on in which something of it may have been missed, until its history was read.
While it is behind, its mark (the newest ``ts`` up to which all is kept) stays where it is, whatever is heard live.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.slack.client import SlackError
from bot.slack.poster import Poster
from bot.store import Store

MOST_MESSAGES = 200
"""How many messages a channel, and a thread, are read at most after an absence: the newest."""

MOST_THREADS = 20
"""How many threads of unresolved incidents are looked into, for what their senders said there."""

log = logging.getLogger(__name__)

Message = Mapping[str, Any]
Take = Callable[[str, Message], Awaitable[None]]
"""Takes one message of a channel up; one that is known already must do no harm."""


class CatchUp:
    """One for each bot. It starts with every channel behind, since nobody knows what went before."""

    def __init__(self, channels: Iterable[str], store: Store, poster: Poster, clock: Callable[[], datetime]) -> None:
        self._channels = tuple(channels)
        self._store = store
        self._poster = poster
        self._clock = clock
        self._behind = {channel: object() for channel in self._channels}
        self._told: dict[str, str] = {}
        self._turn = asyncio.Lock()

    async def begin(self) -> None:
        """To be called before anything is heard: a bot that starts for the first time answers from this moment on."""
        for channel in self._channels:
            if await self._store.incidents.last_mark(channel) is None:
                # Not the channel's whole past.
                await self._store.incidents.mark(channel, f"{self._clock().timestamp():.6f}")

    @property
    def behind(self) -> tuple[str, ...]:
        """The channels of which something may have been missed."""
        return tuple(self._behind)

    def missed(self, *channels: str) -> None:
        """Something of these channels, or without a name of all of them, may not have been heard."""
        for channel in channels or self._channels:
            # A new mark each time: a reading that was under way already has not seen what was missed just now.
            self._behind[channel] = object()

    async def heard(self, channel: str, ts: str) -> None:
        """Remember that a message was heard live. A channel that is behind keeps its mark."""
        if channel not in self._behind:
            await self._store.incidents.mark(channel, ts)

    async def run(self, take: Take) -> None:
        """Read every channel that is behind, and hand over its messages, oldest first.

        A channel that can't be read, or of which something can't be taken, stays behind and disturbs no other.
        """
        async with self._turn:
            for channel in self.behind:
                missed = self._behind[channel]
                if await self._read(channel, take) and self._behind[channel] is missed:
                    del self._behind[channel]

    async def _read(self, channel: str, take: Take) -> bool:
        since = await self._store.incidents.last_mark(channel)
        if since is None:
            raise RuntimeError("begin() comes before run()")
        try:
            messages = await self._since(channel, since)
        except SlackError as error:
            self._tell(channel, error)
            return False
        self._told.pop(channel, None)
        return await self._hand_over(channel, messages, take)

    async def _since(self, channel: str, since: str) -> tuple[Message, ...]:
        """The channel's messages after ``since``, with those in its threads."""
        found = await self._poster.history_since(channel, since, MOST_MESSAGES)
        answered = {str(message["ts"]) for message in found if str(message.get("latest_reply", "")) > since}
        known = await self._store.incidents.open_threads(channel, MOST_THREADS)
        by_ts = {str(message["ts"]): message for message in found}
        for thread_ts in sorted(answered.union(known)):
            replies = await self._poster.replies_since(channel, thread_ts, since, MOST_MESSAGES)
            by_ts |= {str(reply["ts"]): reply for reply in replies}
        return tuple(by_ts[ts] for ts in sorted(by_ts))

    async def _hand_over(self, channel: str, messages: Iterable[Message], take: Take) -> bool:
        all_taken = True
        for message in messages:
            try:
                await take(channel, message)
            except Exception:
                # One that can't be taken must not keep the later ones back; the channel is read again.
                log.exception("message %s of channel %s was not taken up", message["ts"], channel)
                all_taken = False
            if all_taken:
                await self._store.incidents.mark(channel, str(message["ts"]))
        return all_taken

    def _tell(self, channel: str, error: SlackError) -> None:
        if self._told.get(channel) == error.reason:
            return
        self._told[channel] = error.reason
        if error.reason == "not_in_channel":
            log.warning("Backtrace is not in channel %s: it hears nothing there until somebody invites it", channel)
        else:
            log.warning("channel %s can't be read for what was missed, it is tried again: %s", channel, error)
