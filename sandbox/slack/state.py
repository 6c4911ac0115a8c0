"""Everything this Slack remembers, and the only place that changes it. No waiting, no network.

Messages are kept in the form in which Slack hands them out. Each change is told to ``on_event`` (what the bot gets) and
wakes those who watch the page.
"""

from __future__ import annotations

import asyncio
import copy
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sandbox.slack.team import Json, SlackChannel, SlackOptions, SlackTeam


@dataclass(frozen=True, slots=True)
class Effect:
    """One write that is about to happen, or has happened. ``channel`` is empty for views."""

    method: str
    phase: Literal["before", "after"]
    channel: str


class DroppedError(Exception):
    """Raised by an ``on_effect`` hook: the write does not happen and the connection breaks."""


@dataclass(slots=True)
class Trigger:
    """A ``trigger_id``: good once, for a few seconds."""

    user: str
    issued_at: datetime
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer an interaction. ``ts`` is the message that was pressed, None for a command."""

    user: str
    channel: str
    ts: str | None
    issued_at: datetime
    uses: int = 0


@dataclass(slots=True)
class OpenView:
    """A modal on somebody's screen. ``channel`` is where its owner was when it opened."""

    user: str
    view: Json


def _nothing(_event: Json) -> None: ...


def _no_effect(_effect: Effect) -> None: ...


@dataclass(slots=True)
class SlackState:
    """The workspace's memory.

    ``written`` counts the writes that happened, by method. ``on_effect`` is called before and after each; a test that
    kills the bot hangs itself in there.
    """

    team: SlackTeam
    clock: Callable[[], datetime]
    options: SlackOptions
    messages: dict[str, list[Json]] = field(default_factory=dict)
    ephemerals: dict[str, list[Json]] = field(default_factory=dict)
    views: dict[str, list[OpenView]] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    written: Counter[str] = field(default_factory=Counter)
    on_effect: Callable[[Effect], None] = _no_effect
    on_event: Callable[[Json], None] = _nothing
    version: int = 0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _last_ts: int = 0
    _blocks: int = 0

    # --- time and names ---------------------------------------------------------------------------------------------

    def next_ts(self) -> str:
        """A timestamp that no message has had, in Slack's form (seconds, a point, six digits)."""
        micros = max(int(self.clock().timestamp() * 1_000_000), self._last_ts + 1)
        self._last_ts = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def next_block_id(self) -> str:
        self._blocks += 1
        return f"blk{self._blocks}"

    def next_trigger(self, user: str) -> str:
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(user, self.clock())
        return trigger_id

    def next_response_url(self, user: str, channel: str, ts: str | None) -> str:
        """The path, below this server's address, where an app may answer this interaction."""
        path = f"/actions/{self.team.team_id}/{secrets.randbelow(10**13)}/{secrets.token_urlsafe(18)}"
        self.response_urls[path] = ResponseUrl(user, channel, ts, self.clock())
        return path

    # --- looking ----------------------------------------------------------------------------------------------------

    def channel(self, channel_id: str) -> SlackChannel | None:
        return self.team.channel(channel_id)

    def in_channel(self, channel_id: str) -> list[Json]:
        return self.messages.setdefault(channel_id, [])

    def find(self, channel_id: str, ts: str) -> Json | None:
        return next((message for message in self.in_channel(channel_id) if message["ts"] == ts), None)

    def find_ephemeral(self, user: str, ts: str) -> Json | None:
        return next((message for message in self.ephemerals.get(user, ()) if message["ts"] == ts), None)

    def replies(self, channel_id: str, ts: str) -> list[Json]:
        """The answers to a message, oldest first, without the message itself."""
        return [
            message for message in self.in_channel(channel_id) if message.get("thread_ts") == ts and message["ts"] != ts
        ]

    def find_view(self, view_id: str) -> OpenView | None:
        return next((held for stack in self.views.values() for held in stack if held.view["id"] == view_id), None)

    # --- changing ---------------------------------------------------------------------------------------------------

    @contextmanager
    def effect(self, method: str, channel: str) -> Iterator[None]:
        """Wraps a write that the bot asked for: tells ``on_effect`` before and after, and counts it."""
        self.on_effect(Effect(method, "before", channel))
        yield
        self.written[method] += 1
        self.on_effect(Effect(method, "after", channel))

    def add(self, channel_id: str, message: Json) -> Json:
        """Keep a message that lacks nothing but ``type`` and ``ts``; tell the bot; the stored message comes back."""
        stored: Json = {"type": "message", **message, "ts": self.next_ts()}
        self.in_channel(channel_id).append(stored)
        self._mark_thread(channel_id, stored)
        self._tell(channel_id, dict(_without_metadata(stored)), stored["ts"])
        return stored

    def change(self, channel_id: str, ts: str, fields: Json) -> Json:
        """Replace fields of a message (None removes one); KeyError when there is none with that ``ts``."""
        message = self.find(channel_id, ts)
        if message is None:
            raise KeyError(ts)
        before = copy.deepcopy(message)
        message.update(fields)
        for key in [key for key, value in message.items() if value is None]:
            del message[key]
        event = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": _without_metadata(message),
            "previous_message": _without_metadata(before),
        }
        self._tell(channel_id, event, self.next_ts())
        return message

    def remove(self, channel_id: str, ts: str) -> None:
        message = self.find(channel_id, ts)
        if message is None:
            raise KeyError(ts)
        self.in_channel(channel_id).remove(message)
        event = {"type": "message", "subtype": "message_deleted", "hidden": True, "deleted_ts": ts}
        self._tell(channel_id, {**event, "previous_message": _without_metadata(message)}, self.next_ts())

    def show_only_to(self, user: str, channel_id: str, message: Json) -> Json:
        """Keep an ephemeral message: its reader alone sees it, and no event tells of it."""
        stored: Json = {"type": "message", **message, "channel": channel_id, "ts": self.next_ts(), "is_ephemeral": True}
        self.ephemerals.setdefault(user, []).append(stored)
        self.touch()
        return stored

    def touch(self) -> None:
        """Something is new: wake those who wait for that."""
        self.version += 1
        self._woken.set()
        self._woken = asyncio.Event()

    async def woken(self) -> None:
        """Returns at the next change."""
        await self._woken.wait()

    def _mark_thread(self, channel_id: str, reply: Json) -> None:
        root_ts = reply.get("thread_ts")
        root = self.find(channel_id, root_ts) if root_ts else None
        if root is None or root is reply:
            return
        answers = self.replies(channel_id, root["ts"])
        who = list(dict.fromkeys(answer.get("user") or answer.get("bot_id") for answer in answers))
        root.update(
            thread_ts=root["ts"],
            reply_count=len(answers),
            reply_users=who,
            reply_users_count=len(who),
            latest_reply=reply["ts"],
        )

    def _tell(self, channel_id: str, event: Json, event_ts: str) -> None:
        self.touch()
        channel = self.channel(channel_id)
        if channel is None or not channel.has_bot:
            return
        kind = "group" if channel.is_private else "channel"
        told = {**event, "channel": channel_id, "event_ts": event_ts, "channel_type": kind}
        self.on_event(copy.deepcopy({"ts": event_ts, **told}))


def _without_metadata(message: Json) -> Json:
    """Message events carry no metadata: it is asked for with ``include_all_metadata``."""
    return {key: value for key, value in message.items() if key != "metadata"}
