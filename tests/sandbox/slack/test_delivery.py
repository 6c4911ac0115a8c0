"""A real Bolt app hears everything that Slack tells it, over HTTP and over Socket Mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from sandbox.slack import Slack, serve_slack
from sandbox.slack.transport import Delivery
from tests.sandbox.slack.bot import Heard, http_bot, socket_bot
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


async def test_events_may_come_twice_and_out_of_order(slack: Slack, heard: Heard) -> None:
    """With the same id each time, as Slack's own repeats have it."""
    waits = iter(((0.4,), (0.0, 0.2)))
    slack.courier.spread = lambda: next(waits)
    for text in ("first", "second"):
        await slack.post_webhook(ALERTS, {"text": text})
    await slack.settled()

    assert [body["event"]["text"] for body in heard.events] == ["second", "second", "first"]
    assert len({body["event_id"] for body in heard.events}) == 2


async def test_each_sending_is_told_and_that_it_was_taken(slack: Slack, heard: Heard) -> None:
    """What has been answered was heard; so a test may kill a bot that has acknowledged, and no more.

    A sending that nobody took has no "after": it is sent again.
    """
    seen: list[tuple[str, str, int, int]] = []
    url = slack.courier.request_url

    def told(moment: str, delivery: Delivery) -> None:
        slack.courier.request_url = url if delivery.retry else "http://127.0.0.1:9/"
        seen.append((moment, delivery.kind, delivery.retry, len(heard.events)))

    slack.courier.on_delivery = told
    await slack.post_webhook(ALERTS, {"text": "x"})
    await slack.settled()

    assert seen == [
        ("before", "events_api", 0, 0),
        ("before", "events_api", 1, 0),
        ("after", "events_api", 1, 1),
    ]
