"""Over Socket Mode: coming back, acknowledgements, tickets, cuts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from sandbox.slack import Slack, serve_slack
from tests.sandbox.slack.bot import socket_bot
from tests.sandbox.slack.conftest import ALERTS, FAST, client_of, team_with

VANI = "U0VANI0001"


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """With the real time: Bolt and its client measure the age of signatures themselves."""
    async with serve_slack(team_with(), lambda: datetime.now(UTC), FAST) as running:
        yield running


async def test_the_bot_comes_back_after_a_disconnect(slack: Slack) -> None:
    """A refresh is answered by a new connection, and events flow again."""
    async with socket_bot(slack) as heard:
        old = slack.sockets.connections[0]
        await slack.sockets.disconnect()
        await slack.until(lambda: slack.sockets.connected)
        await slack.say(VANI, ALERTS, "after")
        await slack.settled()

        assert old not in slack.sockets.connections
        assert [body["event"]["text"] for body in heard.events] == ["after"]


async def test_an_unacknowledged_event_is_sent_again(slack: Slack) -> None:
    """A client that takes an envelope and dies loses nothing: the next connection gets it with its number."""
    url = (await client_of(slack).apps_connections_open(app_token=slack.state.team.app_token))["url"]
    second = (await client_of(slack).apps_connections_open(app_token=slack.state.team.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        deaf = await session.ws_connect(url)
        hello = await deaf.receive_json()
        await slack.say(VANI, ALERTS, "keep me")
        first_try = await deaf.receive_json()
        await deaf.close()
        good = await session.ws_connect(second)
        await good.receive_json()
        again = await good.receive_json()
        await good.send_json({"envelope_id": again["envelope_id"]})
        await slack.settled()

    assert hello["type"] == "hello"
    assert (first_try["retry_attempt"], again["retry_attempt"] > 0) == (0, True)
    assert first_try["payload"]["event_id"] == again["payload"]["event_id"]
    assert slack.courier.lost == []


async def test_a_ticket_opens_one_socket(slack: Slack) -> None:
    """The address from apps.connections.open works once."""
    url = (await client_of(slack).apps_connections_open(app_token=slack.state.team.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        await (await session.ws_connect(url)).close()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_a_broken_connection_is_noticed(slack: Slack) -> None:
    """After a cut the stock client connects anew by itself."""
    async with socket_bot(slack) as heard:
        old = slack.sockets.connections[0]
        slack.sockets.cut()
        await slack.until(lambda: slack.sockets.connected and old not in slack.sockets.connections)
        await slack.say(VANI, ALERTS, "still here")
        await slack.settled()

        assert [body["event"]["text"] for body in heard.events] == ["still here"]
