"""Socket Mode: the same application; what is not kept is not acknowledged; each connection catches up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from slack_bolt.async_app import AsyncApp

from bot.slack.app import make_bolt_app
from bot.slack.client import SlackError, make_client
from bot.slack.socket import SocketConnection
from sandbox.slack import Slack, SlackOptions, serve_slack
from tests.bot.slack.conftest import ALERTS, IDENTITY, VANI, Clock, RecordingHands, team


class CatchUp:
    def __init__(self) -> None:
        self.times = 0
        self.happened = asyncio.Event()
        self.fail = False

    async def __call__(self) -> None:
        self.times += 1
        self.happened.set()
        if self.fail:
            raise OSError("history can't be read")


@pytest.fixture
def catch_up() -> CatchUp:
    return CatchUp()


@pytest.fixture
async def connection(slack: Slack, bolt: AsyncApp, catch_up: CatchUp) -> AsyncIterator[SocketConnection]:
    made = SocketConnection(bolt, slack.state.team.app_token, catch_up)
    await made.connect()
    await slack.until(lambda: slack.sockets.connected)
    yield made
    await made.close()


@pytest.mark.usefixtures("connection")
async def test_messages_and_commands_come_over_the_socket(slack: Slack, recording: RecordingHands) -> None:
    """The same listeners, the same hands."""
    await slack.post_webhook(ALERTS, {"text": "LoginErrors"})
    await slack.settled()
    reply = await slack.command(VANI, ALERTS, "/backtrace x")

    assert [kept.message["text"] for kept in recording.messages] == ["LoginErrors"]
    assert reply.text == "Looking…"


async def test_what_is_not_kept_is_not_acknowledged(clock: Clock, catch_up: CatchUp) -> None:
    """Slack then takes it for unheard, as over HTTP a 500."""
    recording = RecordingHands(refuse=True)
    async with serve_slack(team(), clock, SlackOptions(answer_within_s=0.3)) as slack:
        client = make_client(slack.state.team.bot_token, f"{slack.url}/api/")
        bolt = make_bolt_app(client, IDENTITY, recording.hands())
        made = SocketConnection(bolt, slack.state.team.app_token, catch_up)
        await made.connect()
        await slack.until(lambda: slack.sockets.connected)
        reply = await slack.command(VANI, ALERTS, "/backtrace x")
        await made.close()

    assert reply.error == "operation_timeout"


async def test_each_connection_catches_up(slack: Slack, connection: SocketConnection, catch_up: CatchUp) -> None:
    """Also a renewed one: what was sent in between is read from the channels."""
    async with asyncio.timeout(5):
        await catch_up.happened.wait()
        assert catch_up.times == 1
        catch_up.happened.clear()
        await slack.sockets.disconnect()
        await catch_up.happened.wait()

    assert catch_up.times == 2
    assert await connection.is_connected()


async def test_a_failed_catch_up_leaves_the_connection(
    slack: Slack, connection: SocketConnection, catch_up: CatchUp, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the next connection tries again."""
    async with asyncio.timeout(5):
        await catch_up.happened.wait()
        catch_up.happened.clear()
        catch_up.fail = True
        await slack.sockets.disconnect()
        await catch_up.happened.wait()
    await asyncio.sleep(0)

    assert await connection.is_connected()
    assert "catching up after a connection failed" in caplog.text


async def test_a_wrong_app_token_is_told_at_once(bolt: AsyncApp, catch_up: CatchUp, slack: Slack) -> None:
    """The SDK alone would try for ever."""
    made = SocketConnection(bolt, "xapp-wrong", catch_up)
    try:
        with pytest.raises(SlackError) as caught:
            await made.connect()
    finally:
        await made.close()

    assert caught.value.permanent


async def test_a_closed_connection_says_so(slack: Slack, connection: SocketConnection) -> None:
    """Health asks."""
    await connection.close()

    assert not await connection.is_connected()
