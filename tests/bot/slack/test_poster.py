"""What the bot says in Slack: a card stands once, is found again, and survives what Slack refuses."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.card import Card, render_card
from bot.slack.client import SlackError
from bot.slack.poster import Poster
from sandbox.slack import Fault, Slack
from tests.bot.slack import stories
from tests.bot.slack.conftest import ALERTS, OTHER, VANI

CARD = render_card(stories.CARDS["named"])
ROLLED_BACK = render_card(stories.CARDS["named_rolled_back"])
ALERT = {"text": "LoginErrors fires"}


@pytest.fixture
async def thread(slack: Slack) -> str:
    return await slack.post_webhook(ALERTS, ALERT)


def posts(slack: Slack, method: str = "chat.postMessage") -> list[Any]:
    return [exchange for exchange in slack.recorded if exchange.name == method]


async def cards(slack: Slack, thread: str) -> list[dict[str, Any]]:
    return [
        m for m in await slack.thread(ALERTS, thread) if m.get("metadata", {}).get("event_type") == "backtrace_card"
    ]


async def test_a_card_is_found_by_its_key(poster: Poster, slack: Slack, thread: str) -> None:
    """A restarted bot finds its own card in the thread, and no other's."""
    assert await poster.find_card(ALERTS, thread, "one") is None

    ts = await poster.post_card(ALERTS, thread, CARD, "one")

    assert await poster.find_card(ALERTS, thread, "one") == ts
    assert await poster.find_card(ALERTS, thread, "two") is None


async def test_a_card_without_a_thread_is_found_in_the_channel(poster: Poster) -> None:
    """The answer to a question stands in the channel itself."""
    ts = await poster.post_card(ALERTS, None, CARD, "asked")

    assert await poster.find_card(ALERTS, None, "asked") == ts


async def test_a_thread_that_is_gone_holds_no_card(poster: Poster) -> None:
    """Somebody deleted the alert."""
    assert await poster.find_card(ALERTS, "1700000000.000000", "one") is None


async def test_another_apps_card_is_not_ours(poster: Poster, slack: Slack, thread: str) -> None:
    """Metadata can be written by any app: it does not make a message ours."""
    metadata = {"event_type": "backtrace_card", "event_payload": {"incident": "one"}}
    slack.state.add(ALERTS, {"user": VANI, "bot_id": "B0OTHER", "text": "x", "thread_ts": thread, "metadata": metadata})

    assert await poster.find_card(ALERTS, thread, "one") is None


async def test_a_card_far_down_a_long_thread_is_found(poster: Poster, slack: Slack, thread: str) -> None:
    """The thread is read page by page."""
    for number in range(205):
        slack.state.add(ALERTS, {"user": VANI, "text": str(number), "thread_ts": thread})
    ts = await poster.post_card(ALERTS, thread, CARD, "one")

    assert await poster.find_card(ALERTS, thread, "one") == ts


async def test_a_card_carries_its_facts_and_unfurls_nothing(poster: Poster, slack: Slack, thread: str) -> None:
    """Key and verdict are in the metadata, and no link grows a preview."""
    await poster.post_card(ALERTS, thread, CARD, "one")
    (card,) = await cards(slack, thread)

    assert card["metadata"]["event_payload"] == {**CARD.facts, "incident": "one"}
    assert card["text"] == CARD.text
    request = posts(slack)[0].request
    assert (str(request["unfurl_links"]), str(request["unfurl_media"])) in {("False", "False"), ("0", "0")}


async def test_an_edit_keeps_text_blocks_and_metadata_together(poster: Poster, slack: Slack, thread: str) -> None:
    """A text alone would take the blocks away."""
    ts = await poster.post_card(ALERTS, thread, CARD, "one")
    await poster.update_card(ALERTS, ts, ROLLED_BACK, "one")
    (card,) = await cards(slack, thread)

    assert card["text"] == ROLLED_BACK.text
    assert len(card["blocks"]) == len(ROLLED_BACK.blocks)
    assert card["metadata"]["event_payload"] == {**ROLLED_BACK.facts, "incident": "one"}


async def test_blocks_that_slack_refuses_become_plain_text(
    poster: Poster, slack: Slack, thread: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A card that an older workspace can't show is still told, found and edited."""
    unknown = Card("Likely culprit: !45.", ({"type": "hologram"},), {"state": "open"})
    ts = await poster.post_card(ALERTS, thread, unknown, "one")
    await poster.update_card(ALERTS, ts, unknown, "one")
    (card,) = await cards(slack, thread)

    assert card["blocks"][0]["text"]["text"] == "Likely culprit: !45."
    assert await poster.find_card(ALERTS, thread, "one") == ts
    assert "invalid_blocks" in caplog.text


@pytest.mark.parametrize(("channel", "reason"), [(OTHER, "not_in_channel"), ("C0NOWHERE1", "channel_not_found")])
async def test_what_slack_refuses_for_good_says_so(poster: Poster, channel: str, reason: str) -> None:
    """Another try can't help."""
    with pytest.raises(SlackError) as caught:
        await poster.post_card(channel, None, CARD, "one")

    assert (caught.value.reason, caught.value.permanent) == (reason, True)


@pytest.mark.parametrize("kind", ["500", "reset"])
async def test_a_passing_trouble_may_be_tried_again_by_who_looks_first(
    poster: Poster, slack: Slack, thread: str, kind: Any
) -> None:
    """The post is not repeated by itself, since it may have been posted."""
    slack.faults.add(Fault("chat.postMessage", kind))
    with pytest.raises(SlackError) as caught:
        await poster.post_card(ALERTS, thread, CARD, "one")

    assert not caught.value.permanent
    assert await cards(slack, thread) == []


async def test_a_lost_answer_leaves_one_card(poster: Poster, slack: Slack, thread: str) -> None:
    """Posted, but the connection broke: looking first finds it, and no second card is made."""
    slack.faults.add(Fault("chat.postMessage", "took_effect_then_reset"))
    with pytest.raises(SlackError):
        await poster.post_card(ALERTS, thread, CARD, "one")

    assert await poster.find_card(ALERTS, thread, "one") is not None
    assert len(await cards(slack, thread)) == 1


async def test_a_rate_limit_is_waited_out(poster: Poster, slack: Slack, thread: str) -> None:
    """A 429 did nothing, so it is repeated after the time that Slack asks for."""
    slack.faults.add(Fault("chat.postMessage", "429", seconds=0))
    await poster.post_card(ALERTS, thread, CARD, "one")

    assert [exchange.status for exchange in posts(slack)] == [429, 200]


async def test_a_long_rate_limit_is_left_to_later(poster: Poster, slack: Slack, thread: str) -> None:
    """Nobody holds a run for an hour."""
    slack.faults.add(Fault("chat.postMessage", "429", seconds=3600))
    with pytest.raises(SlackError) as caught:
        await poster.post_card(ALERTS, thread, CARD, "one")

    assert not caught.value.permanent


async def test_people_are_mentioned_once(poster: Poster, slack: Slack, thread: str) -> None:
    """Paging by mention pings once for each press, however often its step runs; only member ids ping."""
    for _ in range(2):
        await poster.mention_once(ALERTS, thread, (VANI, "<!channel>"), "press-1")
    mentions = [m for m in await slack.thread(ALERTS, thread) if f"<@{VANI}>" in m["text"]]

    assert len(mentions) == 1
    assert "channel" not in mentions[0]["text"]


async def test_nobody_to_mention_is_no_message(poster: Poster, slack: Slack, thread: str) -> None:
    """An empty ping says nothing."""
    await poster.mention_once(ALERTS, thread, ("nobody",), "press-1")

    assert await slack.thread(ALERTS, thread) == []
