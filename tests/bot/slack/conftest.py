"""The bot's Slack side on an embedded Slack, with hands that record what they are given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.app import make_bolt_app
from bot.slack.client import Identity, make_client
from bot.slack.flag_modal import switching_modal
from bot.slack.front import Handler, make_front
from bot.slack.hands import CommandRequest, FlagSubmit, Hands, MessageDelivery, Press, Shortcut, Submit, SubmitAnswer
from bot.slack.modal import started_modal
from bot.slack.poster import Poster
from bot.slack.why import no_why_modal
from sandbox.slack import Slack, SlackChannel, SlackOptions, SlackTeam, SlackUser, serve_slack

ALERTS, OTHER, SECRET, SHARED = "C0ALERTS01", "C0OTHER001", "C0SECRET01", "C0SHARED01"
VANI, GUEST, GONE, STRANGER = "U0VANI0001", "U0GUEST001", "U0GONE0001", "U0STRANGE1"
TEAM = "T0ACME0001"
IDENTITY = Identity(TEAM, "U0BACKTRACE", "B0BACKTRACE", "acme")


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 42, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class RecordingHands:
    """Takes everything; ``refuse`` makes all of them fail, as a locked database does."""

    messages: list[MessageDelivery] = field(default_factory=list)
    commands: list[CommandRequest] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    submits: list[Submit] = field(default_factory=list)
    shortcuts: list[Shortcut] = field(default_factory=list)
    flag_submits: list[FlagSubmit] = field(default_factory=list)
    answer: str = "Looking…"
    refuse: bool = False

    async def keep_message(self, delivery: MessageDelivery) -> None:
        self._check()
        self.messages.append(delivery)

    async def command(self, request: CommandRequest) -> str:
        self._check()
        self.commands.append(request)
        return self.answer

    async def press(self, press: Press) -> None:
        self._check()
        self.presses.append(press)

    async def why(self, press: Press) -> dict[str, Any]:
        self._check()
        self.presses.append(press)
        return no_why_modal("The trace has no result yet.")

    async def trace(self, shortcut: Shortcut) -> None:
        self._check()
        self.shortcuts.append(shortcut)

    async def submit(self, submit: Submit) -> SubmitAnswer:
        self._check()
        self.submits.append(submit)
        return SubmitAnswer(started_modal("started a rollback"))

    async def user_gone(self, slack_user: str) -> None:
        self._check()
        self.gone.append(slack_user)

    async def switch_flag(self, submit: FlagSubmit) -> SubmitAnswer:
        self._check()
        self.flag_submits.append(submit)
        return SubmitAnswer(switching_modal())

    def hands(self) -> Hands:
        hands = (self.keep_message, self.command, self.press, self.why, self.submit, self.trace, self.user_gone)
        return Hands(*hands, self.switch_flag)

    def _check(self) -> None:
        if self.refuse:
            raise OSError("database is locked")


def team() -> SlackTeam:
    users = (
        SlackUser(id=VANI, name="vani", real_name="Vani Rao"),
        SlackUser(id=GUEST, name="guest", is_restricted=True),
        SlackUser(id=GONE, name="gone", deleted=True),
        SlackUser(id=STRANGER, name="stranger", is_stranger=True, team_id="T0OTHER001"),
    )
    channels = (
        SlackChannel(id=ALERTS, name="alerts"),
        SlackChannel(id=OTHER, name="other", has_bot=False),
        SlackChannel(id=SECRET, name="secret", has_bot=False, is_private=True),
        SlackChannel(id=SHARED, name="shared", is_ext_shared=True),
    )
    return SlackTeam(TEAM, users, channels)


FAST = SlackOptions(rate_limit=None, retry_delays_s=(0.0, 0.02, 0.04), answer_within_s=5.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[Slack]:
    async with serve_slack(team(), clock, FAST) as running:
        yield running
        assert running.unplanned == []


@pytest.fixture
def client(slack: Slack) -> AsyncWebClient:
    return make_client(slack.state.team.bot_token, f"{slack.url}/api/")


@pytest.fixture
def poster(client: AsyncWebClient) -> Poster:
    return Poster(client)


@pytest.fixture
def recording() -> RecordingHands:
    return RecordingHands()


@pytest.fixture
def bolt(client: AsyncWebClient, recording: RecordingHands) -> AsyncApp:
    return make_bolt_app(client, IDENTITY, recording.hands())


@pytest.fixture
async def front_url(bolt: AsyncApp, slack: Slack, clock: Clock) -> AsyncIterator[str]:
    """The bot's front, where the embedded Slack delivers to."""
    async with serving(make_front(bolt, slack.state.team.signing_secret, clock)) as url:
        slack.request_url = url
        yield url


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_post("/slack/events", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()
