"""The reading methods as the stock client meets them."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from tests.sandbox.slack.conftest import ALERTS, PRIVATE, PUBLIC, SHARED
from tests.sandbox.slack.test_web_api import error_of


async def test_permalink_of_a_reply_names_its_thread(slack: Slack, client: AsyncWebClient) -> None:
    """The link of a reply carries the thread, as Slack's do."""
    root = await slack.say("U0VANI0001", ALERTS, "root")
    reply = await client.chat_postMessage(channel=ALERTS, text="reply", thread_ts=root)
    link = (await client.chat_getPermalink(channel=ALERTS, message_ts=reply["ts"]))["permalink"]

    assert link.startswith(f"https://acme.slack.com/archives/{ALERTS}/p")
    assert f"thread_ts={root}" in link
    assert await error_of(client.chat_getPermalink(channel=ALERTS, message_ts="1.000000")) == "message_not_found"


async def test_history_pages_newest_first_without_replies(slack: Slack, client: AsyncWebClient) -> None:
    """Pages by cursor, newest first; answers in threads are read with conversations.replies only."""
    stamps = [await slack.say("U0VANI0001", ALERTS, f"m{number}") for number in range(5)]
    await client.chat_postMessage(channel=ALERTS, text="reply", thread_ts=stamps[0])
    first = await client.conversations_history(channel=ALERTS, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel=ALERTS, limit=2, cursor=cursor)
    since = await client.conversations_history(channel=ALERTS, oldest=stamps[2])

    assert [message["text"] for message in first["messages"]] == ["m4", "m3"]
    assert [message["text"] for message in second["messages"]] == ["m2", "m1"]
    assert (first["has_more"], [message["text"] for message in since["messages"]]) == (True, ["m4", "m3"])
    refused = client.conversations_history(channel=ALERTS, cursor="bm9uc2Vuc2U=")
    assert await error_of(refused) == "invalid_cursor"


async def test_replies_carry_metadata_only_when_asked(slack: Slack, client: AsyncWebClient) -> None:
    """The thread leads with its first message, which counts its replies; metadata needs include_all_metadata."""
    root = await slack.say("U0VANI0001", ALERTS, "root")
    metadata = {"event_type": "backtrace_card", "event_payload": {"incident": "i1"}}
    await client.chat_postMessage(channel=ALERTS, text="card", thread_ts=root, metadata=metadata)
    plain = (await client.conversations_replies(channel=ALERTS, ts=root))["messages"]
    full = (await client.conversations_replies(channel=ALERTS, ts=root, include_all_metadata=True))["messages"]

    assert [message["text"] for message in plain] == ["root", "card"]
    assert (plain[0]["reply_count"], "metadata" in plain[1]) == (1, False)
    assert full[1]["metadata"] == metadata
    assert await error_of(client.conversations_replies(channel=ALERTS, ts="1.000000")) == "thread_not_found"


async def test_channels_say_whether_they_are_shared(client: AsyncWebClient) -> None:
    """Externally shared channels and membership are visible; private channels without the bot are not."""
    shared = (await client.conversations_info(channel=SHARED))["channel"]
    public = (await client.conversations_info(channel=PUBLIC))["channel"]

    assert (shared["is_ext_shared"], shared["is_member"]) == (True, True)
    assert (public["is_ext_shared"], public["is_member"]) == (False, False)
    assert await error_of(client.conversations_info(channel=PRIVATE)) == "channel_not_found"


async def test_people_say_who_they_are(client: AsyncWebClient) -> None:
    """Time zones, guests and people of other workspaces are told apart."""
    boris = (await client.users_info(user="U0BORIS001"))["user"]
    guest = (await client.users_info(user="U0GUEST001"))["user"]
    stranger = (await client.users_info(user="U0STRANGE1"))["user"]

    assert (boris["tz"], boris["tz_offset"]) == ("America/New_York", -18000)
    assert (guest["is_restricted"], "is_stranger" in guest) == (True, False)
    assert (stranger["is_stranger"], stranger["team_id"]) == (True, "T0OTHER001")
    assert await error_of(client.users_info(user="U0NOBODY01")) == "user_not_found"
