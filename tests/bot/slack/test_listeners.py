"""What people and senders do in the embedded Slack arrives at the hands, and fails where it can't be kept."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.slack.card import Card, render_card
from bot.slack.listeners import Listeners
from bot.slack.modal import rollback_modal
from bot.slack.poster import Poster
from sandbox.slack import Slack
from tests.bot.slack import stories
from tests.bot.slack.conftest import ALERTS, IDENTITY, OTHER, TEAM, VANI, RecordingHands
from tests.bot.slack.test_modal import ROLLBACK

ALERT = {"username": "Alertmanager", "attachments": [{"title": "[FIRING:1] LoginErrors", "text": "5x"}]}

pytestmark = pytest.mark.usefixtures("front_url")


@pytest.fixture
async def thread(slack: Slack) -> str:
    ts = await slack.post_webhook(ALERTS, ALERT)
    await slack.settled()
    return ts


async def card_in(poster: Poster, thread: str, name: str) -> str:
    return await poster.post_card(ALERTS, thread, render_card(stories.CARDS[name]), stories.INCIDENT)


async def test_an_alert_is_kept(slack: Slack, recording: RecordingHands, thread: str) -> None:
    """A message by an incoming webhook is handed over as it came."""
    (kept,) = recording.messages

    assert (kept.team_id, kept.channel, kept.ts) == (TEAM, ALERTS, thread)
    assert kept.event_id.startswith("Ev")
    assert kept.message["bot_id"]
    assert kept.message["attachments"][0]["title"] == "[FIRING:1] LoginErrors"


async def test_an_edit_is_kept_with_the_time_of_the_message_itself(
    slack: Slack, recording: RecordingHands, thread: str
) -> None:
    """An edited alert is told as ``message_changed``, whose own time is that of the edit."""
    await slack.edit_webhook(ALERTS, thread, {"text": "resolved"})
    await slack.settled()
    edit = recording.messages[-1]

    assert edit.message["subtype"] == "message_changed"
    assert edit.ts == thread
    assert edit.message["ts"] != thread


async def test_what_can_not_be_kept_is_sent_again(slack: Slack, recording: RecordingHands) -> None:
    """A failure to keep is a 500, so Slack tries again; the same delivery comes with the same id."""
    recording.refuse = True
    await slack.post_webhook(ALERTS, ALERT)
    await slack.until(lambda: len(tries(slack)) >= 2)
    recording.refuse = False
    await slack.settled()

    assert [status for status, _ in tries(slack)][:2] == [500, 500]
    assert tries(slack)[-1][0] == 200
    assert len({event_id for _, event_id in tries(slack)}) == 1
    assert len(recording.messages) == 1


def tries(slack: Slack) -> list[tuple[int, str]]:
    return [(x.status, x.request["event_id"]) for x in slack.recorded if x.kind == "delivery"]


async def test_keeping_that_hangs_is_a_failure(recording: RecordingHands, poster: Poster) -> None:
    """A database that never answers does not make Slack wait longer than it does."""

    async def hang(_delivery: object) -> None:
        await asyncio.Event().wait()

    listeners = Listeners(poster, replace(recording.hands(), keep_message=hang), within_s=0.02)
    with pytest.raises(TimeoutError):
        await listeners.message(event_body())


def event_body(**inner: Any) -> dict[str, Any]:
    event = {"type": "message", "channel": ALERTS, "ts": "1.2", "text": "x", **inner}
    return {"type": "event_callback", "team_id": TEAM, "event_id": "Ev9", "event": event}


def request_of(body: dict[str, Any]) -> AsyncBoltRequest:
    return AsyncBoltRequest(body=json.dumps(body), headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    "inner", [{"bot_id": IDENTITY.bot_id}, {"user": IDENTITY.bot_user_id}, {"channel": None}, {"ts": None}]
)
async def test_our_own_posts_and_shapeless_events_are_passed_over(
    bolt: AsyncApp, recording: RecordingHands, inner: dict[str, Any]
) -> None:
    """The bot does not answer itself, and what has no place or time is taken and dropped."""
    response = await bolt.async_dispatch(request_of(event_body(**inner)))

    assert response.status == 200
    assert recording.messages == []


async def test_a_second_delivery_reaches_the_hands_again(bolt: AsyncApp, recording: RecordingHands) -> None:
    """Telling doubles apart is the inbox's work, by the id that stays the same."""
    for _ in range(2):
        await bolt.async_dispatch(request_of(event_body()))

    assert [kept.event_id for kept in recording.messages] == ["Ev9", "Ev9"]


async def test_a_command_is_answered_at_once_and_escaped(slack: Slack, recording: RecordingHands) -> None:
    """The answer of the hands is what the asker sees; words of theirs in it do nothing."""
    recording.answer = "No service <!channel> is known.\nTry *web*"
    reply = await slack.command(VANI, ALERTS, "/backtrace payload since 2h")

    asked = recording.commands[0]
    assert (asked.team_id, asked.channel, asked.user, asked.text) == (TEAM, ALERTS, VANI, "payload since 2h")
    assert asked.response_url.startswith(slack.url)
    assert asked.trigger_id
    assert reply.text == "No service &lt;!channel&gt; is known.\nTry \u2217web\u2217"


async def test_a_command_that_is_not_kept_fails_in_sight(slack: Slack, recording: RecordingHands) -> None:
    """The asker is told by Slack that it failed; it is never silently lost."""
    recording.refuse = True

    assert (await slack.command(VANI, ALERTS, "/backtrace x")).error == "dispatch_failed"


@pytest.mark.parametrize("kind", ["assign", "page", "not_culprit"])
async def test_a_press_is_handed_over(
    slack: Slack, recording: RecordingHands, poster: Poster, thread: str, kind: str
) -> None:
    """Who pressed what, where, on which incident."""
    ts = await card_in(poster, thread, "named")
    reply = await slack.press(VANI, ALERTS, ts, f"backtrace:{kind}")

    assert reply.error == ""
    (press,) = recording.presses
    assert (press.team_id, press.channel, press.user) == (TEAM, ALERTS, VANI)
    assert (press.kind, press.value, press.message_ts, press.view_id) == (kind, stories.INCIDENT, ts, "")
    assert press.trigger_id


async def test_roll_back_opens_its_modal_at_once(
    slack: Slack, recording: RecordingHands, poster: Poster, thread: str
) -> None:
    """The modal stands before the answer, and the hands get its id, so that they can fill it."""
    ts = await card_in(poster, thread, "named")
    await slack.press(VANI, ALERTS, ts, "backtrace:roll_back")
    view = await slack.view_of(VANI)

    assert view is not None
    assert "Checking" in json.dumps(view["blocks"])
    assert (recording.presses[0].kind, recording.presses[0].view_id) == ("roll_back", view["id"])


async def test_rolling_the_last_deployment_back_comes_from_the_menu(
    slack: Slack, recording: RecordingHands, poster: Poster, thread: str
) -> None:
    """The menu's option carries one word; the incident comes with the block."""
    ts = await card_in(poster, thread, "not_enough")
    await slack.press(VANI, ALERTS, ts, "backtrace:more", "roll_back_last")

    press = recording.presses[0]
    assert (press.kind, press.value, press.message_ts) == ("roll_back", stories.INCIDENT, ts)
    assert press.view_id


LINKS = [
    ("named", "backtrace:open_mr", None),
    ("named_links", "backtrace:open_job", None),
    ("no_change", "backtrace:open_deployments", None),
    ("not_enough", "backtrace:more", "deployments"),
]


@pytest.mark.parametrize("link", LINKS)
async def test_links_are_acknowledged_and_nothing_else(
    slack: Slack, recording: RecordingHands, poster: Poster, thread: str, link: tuple[str, str, str | None]
) -> None:
    """Slack tells of clicks on links too."""
    card, action_id, value = link
    ts = await card_in(poster, thread, card)
    reply = await slack.press(VANI, ALERTS, ts, action_id, value)

    assert reply.error == ""
    assert recording.presses == []
    assert await slack.view_of(VANI) is None


@pytest.mark.parametrize("action_id", ["backtrace:assign", "backtrace:roll_back"])
async def test_a_press_that_is_not_kept_fails_in_sight(
    slack: Slack, recording: RecordingHands, poster: Poster, thread: str, action_id: str
) -> None:
    """Slack shows the presser that it failed."""
    ts = await card_in(poster, thread, "named")
    recording.refuse = True

    assert (await slack.press(VANI, ALERTS, ts, action_id)).error == "dispatch_failed"


async def test_the_submit_carries_what_was_seen(
    slack: Slack, recording: RecordingHands, poster: Poster, thread: str
) -> None:
    """The modal's submit comes back with incident and state, and the answer of the hands stands in the modal."""
    ts = await card_in(poster, thread, "named")
    await slack.press(VANI, ALERTS, ts, "backtrace:roll_back")
    await poster.update_view(recording.presses[0].view_id, rollback_modal(ROLLBACK))
    reply = await slack.submit(VANI)

    (submit,) = recording.submits
    assert (submit.team_id, submit.user, submit.view_id) == (TEAM, VANI, recording.presses[0].view_id)
    assert (submit.incident_id, submit.seen) == (stories.INCIDENT, "5eeeen")
    assert reply.error == ""
    assert "started a rollback" in json.dumps(reply.view)


async def test_a_press_in_a_channel_without_the_bot_is_not_possible(poster: Poster) -> None:
    """Where the bot is no member it can't post a card in the first place."""
    with pytest.raises(Exception, match="not_in_channel"):
        await poster.post_card(OTHER, None, Card("x", ()), "key")
