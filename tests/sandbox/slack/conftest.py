"""A running embedded Slack, a stock client on it, and a Bolt app that it can talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack, SlackChannel, SlackOptions, SlackTeam, SlackUser, serve_slack

ALERTS, PUBLIC, PRIVATE, SHARED = "C0ALERTS01", "C0OTHER001", "C0SECRET01", "C0SHARED01"


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def team_with(**changes: object) -> SlackTeam:
    users = (
        SlackUser(id="U0VANI0001", name="vani", real_name="Vani Rao", email="vani@acme.test"),
        SlackUser(id="U0BORIS001", name="boris", tz="America/New_York"),
        SlackUser(id="U0GUEST001", name="guest", is_restricted=True),
        SlackUser(id="U0STRANGE1", name="stranger", is_stranger=True, team_id="T0OTHER001"),
    )
    channels = (
        SlackChannel(id=ALERTS, name="alerts"),
        SlackChannel(id=PUBLIC, name="other", has_bot=False),
        SlackChannel(id=PRIVATE, name="secret", has_bot=False, is_private=True),
        SlackChannel(id=SHARED, name="shared", is_ext_shared=True),
    )
    return SlackTeam("T0ACME0001", users, channels, **changes)  # type: ignore[arg-type]  # tests change any field


FAST = SlackOptions(rate_limit=None, retry_delays_s=(0.0, 0.02, 0.04), answer_within_s=1.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[Slack]:
    async with serve_slack(team_with(), clock, FAST) as running:
        yield running


@pytest.fixture
def client(slack: Slack) -> AsyncWebClient:
    return client_of(slack)


def client_of(slack: Slack, token: str | None = None) -> AsyncWebClient:
    return AsyncWebClient(
        token=slack.state.team.bot_token if token is None else token, base_url=slack.url + "/api/", retry_handlers=[]
    )
