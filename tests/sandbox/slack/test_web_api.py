"""The Web API as the stock client meets it."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import DroppedError, Effect, Fault, RateLimit, Slack, SlackOptions, serve_slack
from tests.sandbox.slack.conftest import ALERTS, PRIVATE, PUBLIC, SHARED, Clock, client_of, team_with

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "a & b <https://a.test|c>"}}


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def test_auth_test_names_the_bot(client: AsyncWebClient) -> None:
    """A client learns who it is: team, user and bot id."""
    answer = await client.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0ACME0001", "U0BACKTRACE", "B0BACKTRACE")


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth")])
async def test_tokens_are_checked(slack: Slack, token: str, error: str) -> None:
    """No token and a wrong token are refused by different words."""
    assert await error_of(client_of(slack, token).auth_test()) == error


async def test_the_app_token_opens_nothing_but_sockets(slack: Slack) -> None:
    """Each token works only where Slack takes it."""
    assert await error_of(client_of(slack, "xapp-1-backtrace").auth_test()) == "not_allowed_token_type"
    assert await error_of(client_of(slack).apps_connections_open(app_token="xoxb-backtrace")) == (
        "not_allowed_token_type"
    )


async def test_a_missing_scope_is_named(clock: Clock) -> None:
    """A bot token without the scope is told which one it needs."""
    async with serve_slack(team_with(scopes=frozenset({"users:read"})), clock) as slack:
        with pytest.raises(SlackApiError) as refused:
            await client_of(slack).chat_postMessage(channel=ALERTS, text="x")

    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "chat:write"


async def test_post_is_stored_as_slack_stores_it(slack: Slack, client: AsyncWebClient) -> None:
    """Escaped text, block ids and metadata are kept in Slack's form; the author is the bot, without a subtype."""
    metadata = {"event_type": "backtrace_card", "event_payload": {"incident": "i1"}}
    answer = await client.chat_postMessage(channel=ALERTS, text="a < b", blocks=[SECTION], metadata=metadata)
    stored = slack.state.find(ALERTS, answer["ts"])

    assert stored is not None
    assert stored["text"] == "a &lt; b"
    assert stored["blocks"][0]["text"]["text"] == "a &amp; b <https://a.test|c>"
    assert stored["blocks"][0]["block_id"]
    assert stored["metadata"] == metadata
    assert (stored["user"], stored["bot_id"], "subtype" in stored) == ("U0BACKTRACE", "B0BACKTRACE", False)


@pytest.mark.parametrize(
    ("channel", "error"),
    [(PUBLIC, "not_in_channel"), (PRIVATE, "channel_not_found"), ("C0NOWHERE1", "channel_not_found")],
)
async def test_membership(client: AsyncWebClient, channel: str, error: str) -> None:
    """A private channel without the bot looks as if it did not exist."""
    assert await error_of(client.chat_postMessage(channel=channel, text="x")) == error
    assert await error_of(client.conversations_history(channel=channel)) == error


async def test_what_post_refuses(client: AsyncWebClient) -> None:
    """No text, bad blocks, too much text in blocks, a thread that is not there."""
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}

    with pytest.warns(UserWarning, match="text"):
        assert await error_of(client.chat_postMessage(channel=ALERTS, text="")) == "no_text"
    assert await error_of(client.chat_postMessage(channel=ALERTS, text="x", blocks=[header])) == "invalid_blocks"
    assert await error_of(client.chat_postMessage(channel=ALERTS, text="x", blocks=[long] * 5)) == (
        "msg_blocks_too_long"
    )
    assert await error_of(client.chat_postMessage(channel=ALERTS, text="x", thread_ts="1.000000")) == (
        "thread_not_found"
    )


async def test_long_text_is_cut_with_a_warning(client: AsyncWebClient) -> None:
    """40,000 characters are kept; Slack says that it cut."""
    answer = await client.chat_postMessage(channel=ALERTS, text="x" * 40_001)

    assert answer["warning"] == "message_truncated"
    assert len(answer["message"]["text"]) == 40_000


async def test_update_replaces_blocks_as_a_whole(slack: Slack, client: AsyncWebClient) -> None:
    """Text without blocks removes the blocks; metadata stays unless it is sent."""
    metadata = {"event_type": "backtrace_card", "event_payload": {}}
    ts = (await client.chat_postMessage(channel=ALERTS, text="1", blocks=[SECTION], metadata=metadata))["ts"]

    await client.chat_update(channel=ALERTS, ts=ts, text="2", blocks=[SECTION])
    kept = dict(slack.state.find(ALERTS, ts) or {})
    await client.chat_update(channel=ALERTS, ts=ts, text="3")
    bare = dict(slack.state.find(ALERTS, ts) or {})
    await client.chat_update(channel=ALERTS, ts=ts, text="4", metadata={})

    assert (kept["text"], "blocks" in kept, "edited" in kept) == ("2", True, False)
    assert (bare["text"], "blocks" in bare, "edited" in bare, "metadata" in bare) == ("3", False, True, True)
    assert "metadata" not in (slack.state.find(ALERTS, ts) or {})


async def test_update_only_of_own_messages(slack: Slack, client: AsyncWebClient) -> None:
    """Other people's messages and messages that are gone are refused by different words."""
    ts = await slack.say("U0VANI0001", ALERTS, "mine")

    assert await error_of(client.chat_update(channel=ALERTS, ts=ts, text="x")) == "cant_update_message"
    assert await error_of(client.chat_update(channel=ALERTS, ts="1.000000", text="x")) == "message_not_found"


async def test_ephemeral_reaches_one_person(slack: Slack, client: AsyncWebClient) -> None:
    """An ephemeral message is in nobody's history; somebody outside the channel can't get one."""
    await client.chat_postEphemeral(channel=ALERTS, user="U0VANI0001", text="psst")

    assert [message["text"] for message in await slack.ephemerals("U0VANI0001")] == ["psst"]
    assert await slack.messages(ALERTS) == []
    refused = client.chat_postEphemeral(channel=ALERTS, user="U0NOBODY01", text="x")
    assert await error_of(refused) == "user_not_in_channel"


async def test_one_post_a_second_a_channel(clock: Clock) -> None:
    """The second post within a second is answered 429 with Retry-After; another channel and the next second go."""
    async with serve_slack(team_with(), clock, SlackOptions(rate_limit=RateLimit())) as slack:
        client = client_of(slack)
        await client.chat_postMessage(channel=ALERTS, text="1")
        with pytest.raises(SlackApiError) as limited:
            await client.chat_postMessage(channel=ALERTS, text="2")
        await client.chat_postMessage(channel=SHARED, text="3")
        clock.forward(1)
        await client.chat_postMessage(channel=ALERTS, text="4")

        assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "1")
        assert [message["text"] for message in await slack.messages(ALERTS)] == ["1", "4"]


async def test_faults_come_as_often_as_ordered(slack: Slack, client: AsyncWebClient) -> None:
    """429, 500, 502 and reset leave no message, what took effect leaves one; then all is well again."""
    slack.faults.add(Fault("chat.postMessage", "429", seconds=7))
    slack.faults.add(Fault("*", "500"))
    with pytest.raises(SlackApiError) as limited:
        await client.chat_postMessage(channel=ALERTS, text="x")
    with pytest.raises(SlackApiError) as broken:
        await client.chat_postMessage(channel=ALERTS, text="x")
    slack.faults.add(Fault("chat.postMessage", "502"))
    with pytest.raises(SlackApiError) as away:
        await client.chat_postMessage(channel=ALERTS, text="x")
    slack.faults.add(Fault("chat.postMessage", "reset"))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=ALERTS, text="x")
    assert await slack.messages(ALERTS) == []
    slack.faults.add(Fault("chat.postMessage", "took_effect_then_reset"))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=ALERTS, text="once")
    slack.faults.add(Fault("chat.postMessage", "took_effect_then_silence", seconds=0.3))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.chat_postMessage(channel=ALERTS, text="unheard")
    slack.faults.add(Fault("chat.postMessage", "latency", seconds=0.01))
    await client.chat_postMessage(channel=ALERTS, text="late")

    assert limited.value.response.headers["Retry-After"] == "7"
    assert broken.value.response.status_code == 500
    assert away.value.response.status_code == 502
    assert [message["text"] for message in await slack.messages(ALERTS)] == ["once", "unheard", "late"]
    kinds = [exchange.fault for exchange in slack.recorded if exchange.fault]
    assert kinds == ["429", "500", "502", "reset", "took_effect_then_reset", "took_effect_then_silence", "latency"]


async def test_effects_are_told_and_can_be_prevented(slack: Slack, client: AsyncWebClient) -> None:
    """A hook sees each write before and after; when it drops one, the write does not happen."""
    seen: list[Effect] = []
    slack.state.on_effect = seen.append
    await client.chat_postMessage(channel=ALERTS, text="1")

    def refuse(effect: Effect) -> None:
        raise DroppedError(effect.method)

    slack.state.on_effect = refuse
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=ALERTS, text="2")

    assert [(effect.method, effect.phase) for effect in seen] == [
        ("chat.postMessage", "before"),
        ("chat.postMessage", "after"),
    ]
    assert slack.state.written["chat.postMessage"] == len(await slack.messages(ALERTS)) == 1


async def test_an_unknown_method_is_recorded(slack: Slack, client: AsyncWebClient) -> None:
    """A method that nobody planned answers 501 and is named, so that a test can fail on it."""
    with pytest.raises(SlackApiError) as refused:
        await client.reactions_add(channel=ALERTS, name="eyes", timestamp="1.000000")

    assert (refused.value.response.status_code, refused.value.response["error"]) == (501, "unknown_method")
    assert slack.unplanned == ["reactions.add"]


async def test_arguments_come_in_every_form(slack: Slack) -> None:
    """Query, form with JSON fields and JSON body all work, with the token in any of them; junk is refused."""
    url = slack.url + "/api/chat.postMessage"
    bearer = {"Authorization": "Bearer xoxb-backtrace"}
    form = {"token": "xoxb-backtrace", "channel": ALERTS, "text": "form", "blocks": '[{"type":"divider"}]'}
    async with aiohttp.ClientSession() as session:
        got = [await (await session.get(url, params={"channel": ALERTS, "text": "q"}, headers=bearer)).json()]
        got.append(await (await session.post(url, data=form)).json())
        got.append(await (await session.post(url, json={"channel": ALERTS, "text": "json"}, headers=bearer)).json())
        bad = await session.post(url, data="{", headers={**bearer, "Content-Type": "application/json"})
        bad_blocks = await session.post(url, data={**form, "blocks": "["})

        assert [answer["message"]["text"] for answer in got] == ["q", "form", "json"]
        assert (await bad.json())["error"] == "invalid_json"
        assert (await bad_blocks.json())["error"] == "invalid_blocks_format"


async def test_calls_are_recorded_without_the_token(slack: Slack) -> None:
    """The record keeps what was asked and answered, never a secret."""
    async with aiohttp.ClientSession() as session:
        await session.post(slack.url + "/api/auth.test", data={"token": "xoxb-backtrace"})
    (exchange,) = slack.recorded

    assert (exchange.kind, exchange.name, exchange.status, exchange.request) == ("api", "auth.test", 200, {})
