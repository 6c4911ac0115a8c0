"""Who may read an answer, and where. What can't be read refuses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import command
from bot.slack.client import CALL_ERRORS, slack_error

REMEMBERED_FOR = timedelta(minutes=5)
MOST_REMEMBERED = 5000

Facts = dict[str, Any]

_SHARED = ("is_ext_shared", "is_pending_ext_shared")
_GUEST = ("is_restricted", "is_ultra_restricted", "is_stranger")


@dataclass(frozen=True, slots=True)
class AudienceRules:
    """``team_id`` is the bot's own workspace; what else is allowed is allowed by name."""

    team_id: str
    allow_teams: frozenset[str] = frozenset()
    allow_guests: frozenset[str] = frozenset()
    allow_shared_channels: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Memory:
    """What Slack said about channels or users, for some minutes. Refused calls are not remembered."""

    known: dict[str, tuple[datetime, Facts]] = field(default_factory=dict)

    def recall(self, key: str, now: datetime) -> Facts | None:
        at, facts = self.known.get(key, (now - 2 * REMEMBERED_FOR, {}))
        return facts if now - at < REMEMBERED_FOR else None

    def keep(self, key: str, facts: Facts, now: datetime) -> None:
        if len(self.known) >= MOST_REMEMBERED:
            self.known.clear()
        self.known[key] = (now, facts)


class Audience:
    def __init__(self, client: AsyncWebClient, rules: AudienceRules, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._rules = rules
        self._clock = clock
        self._channels = _Memory()
        self._users = _Memory()

    async def refusal(self, team_id: str, user_id: str | None, channel_id: str) -> str | None:
        """Why nothing may be answered there, or to that person, in plain words; None where it may.

        ``user_id`` is None for an alert, which nobody asked for.

        :raises SlackError: where Slack doesn't answer at the moment; what it refuses to tell is a refusal.
        """
        if not self._is_own_team(team_id):
            return command.other_workspace()
        refusal = await self._of_channel(channel_id)
        if refusal or user_id is None:
            return refusal
        return await self._of_user(user_id)

    async def of_person(self, team_id: str, user_id: str) -> str | None:
        """The same for what is said to one person alone, wherever they are."""
        return await self._of_user(user_id) if self._is_own_team(team_id) else command.other_workspace()

    def _is_own_team(self, team_id: str) -> bool:
        return team_id == self._rules.team_id or team_id in self._rules.allow_teams

    async def is_member(self, channel_id: str) -> bool:
        """Whether the bot itself is in the channel; not, where Slack doesn't show it the channel."""
        facts = await self._channel(channel_id)
        return bool(facts and facts.get("is_member"))

    async def _of_channel(self, channel_id: str) -> str | None:
        facts = await self._channel(channel_id)
        if facts is None:
            return command.unreadable_channel()
        if any(facts.get(name) for name in _SHARED) and channel_id not in self._rules.allow_shared_channels:
            return "Backtrace does not answer in channels that are shared with other organisations."
        return None

    async def _of_user(self, user_id: str) -> str | None:
        facts = await self._user(user_id)
        if facts is None:
            return "Slack does not tell Backtrace who is asking, so it does not answer."
        team = facts.get("team_id")
        if team and team != self._rules.team_id and team not in self._rules.allow_teams:
            return command.other_workspace()
        if facts.get("deleted"):
            return "This account is deactivated."
        if any(facts.get(name) for name in _GUEST) and user_id not in self._rules.allow_guests:
            return "Backtrace does not answer guests."
        return None

    async def _channel(self, channel_id: str) -> Facts | None:
        known = self._channels.recall(channel_id, self._clock())
        if known is not None:
            return known
        facts = await _ask(self._client.conversations_info(channel=channel_id), "channel")
        # That the bot is no member may change at any moment, by the very invitation that it asks for.
        if facts is not None and facts.get("is_member"):
            self._channels.keep(channel_id, facts, self._clock())
        return facts

    async def _user(self, user_id: str) -> Facts | None:
        known = self._users.recall(user_id, self._clock())
        if known is not None:
            return known
        facts = await _ask(self._client.users_info(user=user_id), "user")
        if facts is not None:
            self._users.keep(user_id, facts, self._clock())
        return facts


async def _ask(call: Awaitable[Any], name: str) -> Facts | None:
    """What Slack says under that name; None where it refuses to tell."""
    try:
        answer = await call
    except CALL_ERRORS as error:
        refused = slack_error(error)
        if not refused.permanent:
            raise refused from error
        return None
    facts = answer.get(name)
    return dict(facts) if isinstance(facts, dict) else None
