"""Incoming webhooks and response_url, as senders and apps use them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from sandbox.slack import Slack, SlackWebhook, serve_slack
from tests.sandbox.slack.conftest import ALERTS, FAST, PUBLIC, Clock, team_with

VANI = "U0VANI0001"


async def post(url: str, **body: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, **body) as response:
        return response.status, await response.text()


async def test_a_sender_posts_json_or_a_form(slack: Slack) -> None:
    """Both ways of posting are answered ``ok`` and stored as bot_message of the hook's bot."""
    url = slack.webhook_url(ALERTS)
    answers = [await post(url, json={"text": "a & b", "channel": "#elsewhere", "username": "Grafana"})]
    answers.append(await post(url, data={"payload": json.dumps({"text": "see https://a.test/x?a=1&b=2"})}))
    first, second = await slack.messages(ALERTS)

    assert answers == [(200, "ok"), (200, "ok")]
    assert (first["subtype"], first["bot_id"], first["username"]) == ("bot_message", "B0HOOK0001", "Grafana")
    assert first["text"] == "a &amp; b"
    assert (second["username"], second["text"]) == ("incoming-webhook", "see <https://a.test/x?a=1&amp;b=2>")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"json": {}}, (400, "no_text")),
        ({"data": "{"}, (400, "invalid_payload")),
        ({"json": ["text"]}, (400, "invalid_payload")),
        ({"data": {"text": "x"}}, (400, "invalid_payload")),
        ({"json": {"blocks": [{"type": "nonsense"}]}}, (400, "invalid_blocks")),
        ({"json": {"attachments": "x"}}, (400, "invalid_attachments")),
        ({"json": {"attachments": [{}] * 101}}, (400, "too_many_attachments")),
    ],
)
async def test_what_a_webhook_refuses(slack: Slack, body: dict[str, Any], answer: tuple[int, str]) -> None:
    """Each wrong body has its own word."""
    assert await post(slack.webhook_url(ALERTS), **body) == answer


async def test_a_wrong_webhook_is_nobodys(slack: Slack) -> None:
    """The secret in the address counts."""
    assert await post(slack.webhook_url(ALERTS) + "x", json={"text": "x"}) == (404, "no_service")


async def test_a_webhook_reaches_channels_without_the_bot(clock: Clock) -> None:
    """Webhooks are bound to one channel each, with the name that was given."""
    hook = SlackWebhook(channel=PUBLIC, bot_id="B0GRAFANA1", secret="s3", name="Grafana")
    async with serve_slack(team_with(webhooks=(hook,)), clock, FAST) as slack:
        await slack.post_webhook(PUBLIC, {"text": "x"})
        (message,) = await slack.messages(PUBLIC)
        with pytest.raises(LookupError):
            slack.webhook_url(ALERTS)
        with pytest.raises(LookupError):
            await slack.post_webhook(ALERTS, {"text": "x"})

    assert (message["bot_id"], message["username"]) == ("B0GRAFANA1", "Grafana")


async def test_blocks_in_attachments_are_stored_like_blocks(slack: Slack) -> None:
    """An attachment of blocks gets ids and says that it has no preview; other colours lose their hash."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "🔥 a > b"}}
    payload = {"attachments": [{"color": "#D63232", "blocks": [section]}, {"title": "x", "color": "good"}]}
    await slack.post_webhook(ALERTS, payload)
    (message,) = await slack.messages(ALERTS)
    first, second = message["attachments"]

    assert (first["id"], first["color"], first["fallback"]) == (1, "D63232", "[no preview available]")
    assert first["blocks"][0]["text"]["text"] == ":fire: a &gt; b"
    assert (second["id"], second["color"]) == (2, "2eb886")


def response_url(slack: Slack, ts: str | None = None) -> str:
    return slack.url + slack.state.next_response_url(VANI, ALERTS, ts)


async def test_response_url_works_five_times(slack: Slack) -> None:
    """The sixth answer is refused; all others reach only the asker."""
    url = response_url(slack)
    answers = [(await post(url, json={"text": str(number)}))[0] for number in range(6)]

    assert answers == [200] * 5 + [404]
    assert len(await slack.ephemerals(VANI)) == 5
    assert slack.state.written["response_url"] == 5


async def test_response_url_works_thirty_minutes(slack: Slack, clock: Clock) -> None:
    """After half an hour it is over."""
    url = response_url(slack)
    clock.forward(1799)
    early = await post(url, json={"text": "x"})
    clock.forward(2)
    status, text = await post(url, json={"text": "x"})

    assert early == (200, "ok")
    assert (status, json.loads(text)["error"]) == (404, "expired_url")


async def test_response_url_must_exist_and_be_answered_in_form(slack: Slack) -> None:
    """An invented address and an empty answer are refused."""
    url = response_url(slack)

    assert (await post(slack.url + urlsplit(url).path + "x", json={"text": "x"}))[0] == 404
    assert (await post(url, json={}))[0] == 400


async def test_response_url_replaces_and_deletes_what_was_pressed(slack: Slack) -> None:
    """``replace_original`` changes the message, ``delete_original`` removes it, ``in_channel`` adds one for all."""
    ts = await slack.post_webhook(ALERTS, {"text": "old", "blocks": [{"type": "divider"}]})
    url = response_url(slack, ts)
    await post(url, json={"text": "new", "replace_original": True})
    replaced = dict((await slack.messages(ALERTS))[0])
    await post(url, json={"text": "all", "response_type": "in_channel", "thread_ts": ts})
    await post(url, json={"delete_original": True})
    gone = await post(url, json={"delete_original": True})

    assert (replaced["text"], "blocks" in replaced) == ("new", False)
    assert [(message["text"], message["subtype"]) for message in await slack.messages(ALERTS)] == [
        ("all", "bot_message")
    ]
    assert gone[0] == 400


async def test_response_url_of_an_ephemeral_message(slack: Slack) -> None:
    """An ephemeral message, which no method can change, is changed and removed through response_url."""
    stored = slack.state.show_only_to(VANI, ALERTS, {"text": "old"})
    url = response_url(slack, stored["ts"])
    await post(url, json={"text": "new", "replace_original": True})
    shown = [message["text"] for message in await slack.ephemerals(VANI)]
    await post(url, json={"delete_original": True})

    assert shown == ["new"]
    assert await slack.ephemerals(VANI) == []
