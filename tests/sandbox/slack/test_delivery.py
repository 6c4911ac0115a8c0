"""A real Bolt app hears everything that Slack tells it, over HTTP and over Socket Mode."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from sandbox.slack import Slack, serve_slack
from tests.sandbox.slack.bot import Heard, http_bot, serve, socket_bot
from tests.sandbox.slack.conftest import ALERTS, FAST, PUBLIC, SHARED, client_of, team_with

BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Roll back"}, "value": "i1"}
CARD = [{"type": "actions", "elements": [BUTTON]}]
VANI = "U0VANI0001"


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """With the real time: Bolt and its client measure the age of signatures themselves."""
    async with serve_slack(team_with(), lambda: datetime.now(UTC), FAST) as running:
        yield running


@pytest.fixture(params=["http", "socket"])
async def heard(request: pytest.FixtureRequest, slack: Slack) -> AsyncIterator[Heard]:
    if request.param == "http":
        async with http_bot(slack) as listening:
            yield listening
    else:
        async with socket_bot(slack) as listening:
            yield listening


async def test_an_alert_arrives_as_a_complete_event(slack: Slack, heard: Heard) -> None:
    """A webhook's post reaches the bot as a bot_message in Slack's full envelope."""
    ts = await slack.post_webhook(
        ALERTS, {"username": "Alertmanager", "attachments": [{"title": "x", "color": "danger"}]}
    )
    await slack.settled()
    (body,) = heard.events

    assert {"event_id", "event_time", "event_context", "authorizations", "team_id", "api_app_id"} <= set(body)
    assert body["event"] | {"attachments": None} == {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": "B0HOOK0001",
        "username": "Alertmanager",
        "text": "",
        "attachments": None,
        "channel": ALERTS,
        "channel_type": "channel",
        "ts": ts,
        "event_ts": ts,
    }
    assert body["event"]["attachments"] == [
        {"title": "x", "color": "a30200", "fallback": "[no preview available]", "id": 1}
    ]


async def test_people_and_edits_are_events_too(slack: Slack, heard: Heard) -> None:
    """Talk arrives without a bot_id; a sender's edit arrives as message_changed with its own ts."""
    await slack.say(VANI, ALERTS, "is it <us>?")
    ts = await slack.post_webhook(ALERTS, {"text": "down"})
    await slack.settled()
    await slack.edit_webhook(ALERTS, ts, {"text": "up"})
    await slack.settled()
    talk, _, edit = (body["event"] for body in heard.events)

    assert (talk["user"], talk["text"], "bot_id" in talk) == (VANI, "is it &lt;us&gt;?", False)
    assert (edit["subtype"], edit["message"]["text"], edit["message"]["ts"]) == ("message_changed", "up", ts)
    assert edit["previous_message"]["text"] == "down"
    assert edit["ts"] != ts


async def test_own_posts_are_delivered_and_bolt_ignores_them(slack: Slack, heard: Heard) -> None:
    """Slack tells an app of its own posts; only Bolt's own filter keeps them from the listeners."""
    await client_of(slack).chat_postMessage(channel=ALERTS, text="card")
    await slack.settled()
    told = [exchange for exchange in slack.recorded if exchange.kind == "delivery"]

    assert [exchange.request["event"]["text"] for exchange in told] == ["card"]
    assert heard.events == []


async def test_a_channel_without_the_bot_is_silent(slack: Slack, heard: Heard) -> None:
    """No event comes from a channel that the bot has not joined."""
    await slack.say(VANI, PUBLIC, "hello")
    await slack.settled()

    assert heard.events == []


async def test_a_shared_channel_says_so(slack: Slack, heard: Heard) -> None:
    """Events of an externally shared channel are marked, and a stranger's message names the other team."""
    await slack.say("U0STRANGE1", SHARED, "hello")
    await slack.settled()
    (body,) = heard.events

    assert (body["is_ext_shared_channel"], body["event"]["team"]) == (True, "T0OTHER001")


async def test_a_command_is_answered(slack: Slack, heard: Heard) -> None:
    """The typist sees the direct answer and what comes through response_url; the form is complete."""
    reply = await slack.command(VANI, ALERTS, "/backtrace login errors")
    await slack.until(lambda: len(slack.state.ephemerals[VANI]) == 2)
    (form,) = heard.commands

    assert (reply.error, reply.text) == ("", "looking …")
    assert (form["command"], form["text"], form["user_id"], form["channel_id"]) == (
        "/backtrace", "login errors", VANI, ALERTS,
    )  # fmt: skip
    assert {message["text"] for message in await slack.ephemerals(VANI)} == {"looking …", "found &lt;it&gt;"}


async def test_press_modal_and_submit(slack: Slack, heard: Heard) -> None:
    """A press opens a modal within the trigger's life; its submit carries the values; errors keep it open."""
    ts = (await client_of(slack).chat_postMessage(channel=ALERTS, text="card", blocks=CARD))["ts"]
    pressed = await slack.press(VANI, ALERTS, ts, "go")
    await slack.until(lambda: slack.state.views.get(VANI))
    empty = await slack.submit(VANI)
    refused = await slack.submit(VANI, values={"reason": "because"})
    done = await slack.submit(VANI, values={"reason": "login is down"})
    (action,) = heard.actions

    assert (pressed.error, action["message"]["ts"], action["actions"][0]["value"]) == ("", ts, "i1")
    assert {"user", "team", "channel", "container", "response_url", "trigger_id", "state"} <= set(action)
    assert dict(empty.errors) == {"why": "Please complete this required field."}
    assert (dict(refused.errors), refused.view is not None) == ({"why": "A real reason, please."}, True)
    assert (done.error, done.view, await slack.view_of(VANI)) == ("", None, None)
    assert len(heard.submissions) == 2


async def test_closing_a_modal_is_told(slack: Slack, heard: Heard) -> None:
    """A view with notify_on_close is followed by view_closed."""
    ts = (await client_of(slack).chat_postMessage(channel=ALERTS, text="card", blocks=CARD))["ts"]
    await slack.press(VANI, ALERTS, ts, "go")
    await slack.until(lambda: slack.state.views.get(VANI))
    await slack.close(VANI)

    assert await slack.view_of(VANI) is None
    assert [body["is_cleared"] for body in heard.closed] == [False]


# --- HTTP alone -------------------------------------------------------------------------------------------------------


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


# --- Socket Mode alone ------------------------------------------------------------------------------------------------


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
