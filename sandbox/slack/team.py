"""The workspace as data: who is in it, which channels it has, which settings the embedded Slack runs with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.worlds import model as worlds

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackUser:
    """One person as ``users.info`` tells them. ``team_id`` None means the workspace's own.

    ``is_restricted`` is a guest of several channels, ``is_ultra_restricted`` of one, ``is_stranger`` somebody of
    another workspace who is met only in shared channels.
    """

    id: str
    name: str
    real_name: str = ""
    email: str = ""
    tz: str = "Europe/Berlin"
    team_id: str | None = None
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackChannel:
    """A channel. ``members`` lists user ids; empty means everybody of the team. The bot's own place is ``has_bot``."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    has_bot: bool = True
    is_private: bool = False
    is_ext_shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackWebhook:
    """An incoming webhook, bound to one channel. ``name`` is shown when the sender states no ``username``."""

    channel: str
    bot_id: str
    secret: str
    name: str = "incoming-webhook"


@dataclass(frozen=True, slots=True)
class SlackTeam:
    """A workspace with the one app that is installed in it.

    ``scopes`` are those of the bot token; None grants all. ``webhooks`` empty makes one for each channel.
    """

    team_id: str
    users: tuple[SlackUser, ...]
    channels: tuple[SlackChannel, ...]
    bot_token: str = "xoxb-backtrace"
    app_token: str = "xapp-1-backtrace"
    signing_secret: str = "backtrace-signing-secret"
    bot_user_id: str = "U0BACKTRACE"
    app_id: str = "A0BACKTRACE"
    bot_id: str = "B0BACKTRACE"
    bot_name: str = "backtrace"
    domain: str = "acme"
    scopes: frozenset[str] | None = None
    webhooks: tuple[SlackWebhook, ...] = ()

    def user(self, user_id: str) -> SlackUser | None:
        """The person or the bot's own user with that id."""
        if user_id == self.bot_user_id:
            return SlackUser(id=user_id, name=self.bot_name, real_name=self.bot_name, is_bot=True)
        return next((user for user in self.users if user.id == user_id), None)

    def channel(self, channel_id: str) -> SlackChannel | None:
        return next((channel for channel in self.channels if channel.id == channel_id), None)

    def webhook_path(self, hook: SlackWebhook) -> str:
        return f"/services/{self.team_id}/{hook.bot_id}/{hook.secret}"

    def members(self, channel: SlackChannel) -> tuple[str, ...]:
        people = channel.members or tuple(user.id for user in self.users)
        return (*people, self.bot_user_id) if channel.has_bot else people

    def all_webhooks(self) -> tuple[SlackWebhook, ...]:
        if self.webhooks:
            return self.webhooks
        return tuple(
            SlackWebhook(channel=channel.id, bot_id=f"B0HOOK{number:04}", secret=f"X{number:08}")
            for number, channel in enumerate(self.channels, start=1)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """``chat.postMessage`` a channel: a bucket of ``burst`` posts that gains one every ``seconds_per_post``."""

    seconds_per_post: float = 1.0
    burst: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackOptions:
    """How fast this Slack's clocks run; all in seconds. The defaults are Slack's own.

    ``retry_delays_s`` are the waits before the second, third and fourth try to deliver an event. ``rate_limit`` None
    switches the limit off. ``ping_s`` is how often Socket Mode connections are pinged. ``history_lag_s`` is how long a
    message stands in its channel before the history and the thread have it.
    """

    retry_delays_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    answer_within_s: float = 3.0
    trigger_lives_s: float = 3.0
    response_url_lives_s: float = 1800.0
    response_url_uses: int = 5
    rate_limit: RateLimit | None = field(default_factory=RateLimit)
    ping_s: float = 5.0
    history_lag_s: float = 0.0
    host: str = "127.0.0.1"
    port: int = 0


def team_of_world(people: Iterable[worlds.User], channels: tuple[SlackChannel, ...] | None = None) -> SlackTeam:
    """A workspace in which the people of a world sit, with #alerts and #general unless others are given."""
    users = tuple(
        SlackUser(
            id=person.slack_id, name=person.username, real_name=person.name, email=person.email, tz=person.timezone
        )
        for person in people
        if person.slack_id and not person.bot
    )
    usual = (SlackChannel(id="C0ALERTS01", name="alerts"), SlackChannel(id="C0GENERAL1", name="general"))
    return SlackTeam("T0ACME0001", users, channels or usual)
