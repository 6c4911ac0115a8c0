"""Over HTTP: signatures, tries and their headers, what a person sees when the bot does not answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from sandbox.slack import Slack, serve_slack
from tests.sandbox.slack.bot import serve
from tests.sandbox.slack.conftest import ALERTS, FAST, team_with

VANI = "U0VANI0001"


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """With the real time: Bolt and its client measure the age of signatures themselves."""
    async with serve_slack(team_with(), lambda: datetime.now(UTC), FAST) as running:
        yield running


async def test_deliveries_are_signed(slack: Slack) -> None:
    """The signature holds for the raw body and the timestamp header."""
    verified: list[bool] = []

    async def handle(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        verifier = SignatureVerifier(slack.state.team.signing_secret)
        verified.append(verifier.is_valid_request(await request.read(), headers))
        return web.Response()

    async with serve(handle) as slack.request_url:
        await slack.say(VANI, ALERTS, "ünïcode")
        await slack.settled()
        await slack.command(VANI, ALERTS, "a & b = c")

    assert verified == [True, True]


async def answered(slack: Slack, *answers: web.Response) -> list[dict[str, str]]:
    """Deliver one event to a bot that gives these answers in turn; the headers of all tries."""
    tries: list[dict[str, str]] = []

    async def handle(request: web.Request) -> web.Response:
        tries.append(dict(request.headers) | {"event": json.loads(await request.read())["event_id"]})
        return answers[len(tries) - 1]

    async with serve(handle) as slack.request_url:
        await slack.say(VANI, ALERTS, "hello")
        await slack.settled()
    return tries


async def test_an_event_is_tried_again_with_slacks_headers(slack: Slack) -> None:
    """A 500 is followed by the same event with number and reason, until it is taken."""
    first, second, third = await answered(
        slack, web.Response(status=500), web.Response(status=503), web.Response(status=200)
    )

    assert "X-Slack-Retry-Num" not in first
    assert [each["X-Slack-Retry-Num"] for each in (second, third)] == ["1", "2"]
    assert second["X-Slack-Retry-Reason"] == "http_error"
    assert len({first["event"], second["event"], third["event"]}) == 1
    assert slack.courier.lost == []


async def test_an_event_is_given_up_after_three_retries(slack: Slack) -> None:
    """Four tries, then the event is lost; reading the history is then the only way to it."""
    tries = await answered(slack, *(web.Response(status=500) for _ in range(4)))

    assert len(tries) == 4
    assert [lost.payload["event"]["text"] for lost in slack.courier.lost] == ["hello"]


async def test_no_retry_is_respected(slack: Slack) -> None:
    """X-Slack-No-Retry ends it at the first failure."""
    tries = await answered(slack, web.Response(status=500, headers={"X-Slack-No-Retry": "1"}))

    assert (len(tries), len(slack.courier.lost)) == (1, 1)


async def test_a_slow_bot_times_out(slack: Slack) -> None:
    """No answer in time: the typist sees operation_timeout, an event is retried as http_timeout."""
    reasons: list[str | None] = []

    async def handle(request: web.Request) -> web.Response:
        reasons.append(request.headers.get("X-Slack-Retry-Reason"))
        await asyncio.sleep(5)
        return web.Response()

    async with serve(handle) as slack.request_url:
        reply = await slack.command(VANI, ALERTS, "x")
        await slack.say(VANI, ALERTS, "hello")
        await slack.until(lambda: len(reasons) == 3)
        shown = await slack.ephemerals(VANI)

    assert reply.error == "operation_timeout"
    assert "operation_timeout" in shown[-1]["text"]
    assert reasons == [None, None, "http_timeout"]


async def test_nobody_there(slack: Slack) -> None:
    """Without URL and websocket a command fails in words, and events are lost after their tries."""
    reply = await slack.command(VANI, ALERTS, "x")
    await slack.say(VANI, ALERTS, "hello")
    await slack.settled()

    assert (reply.error, len(slack.courier.lost)) == ("dispatch_failed", 1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (web.json_response({"blocks": [{"type": "nonsense"}]}), "invalid_command_response"),
        (web.Response(status=404), "dispatch_failed"),
    ],
)
async def test_what_a_wrong_answer_to_a_command_shows(slack: Slack, answer: web.Response, error: str) -> None:
    """Blocks that Slack refuses and a refusal by the bot are errors that the typist sees."""

    async def handle(_request: web.Request) -> web.Response:
        return answer

    async with serve(handle) as slack.request_url:
        reply = await slack.command(VANI, ALERTS, "x")

    assert reply.error == error


async def test_an_answer_in_the_channel(slack: Slack) -> None:
    """``response_type: in_channel`` is seen by all, and the bot is told of it."""

    async def handle(_request: web.Request) -> web.Response:
        return web.json_response({"text": "all of you", "response_type": "in_channel"})

    async with serve(handle) as slack.request_url:
        await slack.command(VANI, ALERTS, "x")
        await slack.settled()

    assert [message["text"] for message in await slack.messages(ALERTS)] == ["all of you"]
