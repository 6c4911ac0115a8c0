"""Replies, history, zones and modals, and what becomes of the answers of a Slack that is unwell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.card import render_card
from bot.slack.client import SlackError, identify, make_client
from bot.slack.modal import checking_modal, started_modal
from bot.slack.poster import Poster
from sandbox.slack import Slack, SlackOptions, serve_slack
from tests.bot.slack import stories
from tests.bot.slack.conftest import ALERTS, IDENTITY, OTHER, VANI, Clock, team

CARD = render_card(stories.CARDS["named"])


async def test_a_reply_is_seen_by_its_asker_only(poster: Poster, slack: Slack, bolt: object, front_url: str) -> None:
    """Words are escaped; a card goes with its blocks; it works where the bot is no member."""
    await slack.command(VANI, OTHER, "/backtrace x")
    urls = [x.request["response_url"] for x in slack.recorded if x.name == "slash_commands"]
    await poster.reply(urls[0], "No <!channel>\n*please*")
    await poster.reply(urls[0], CARD.text, CARD.blocks)
    shown = (await slack.ephemerals(VANI))[-2:]

    assert shown[0]["text"] == "No &lt;!channel&gt;\n\u2217please\u2217"
    assert shown[1]["text"] == CARD.text
    assert len(shown[1]["blocks"]) == len(CARD.blocks)
    assert await slack.messages(OTHER) == []


async def test_one_person_can_be_told(poster: Poster, slack: Slack) -> None:
    """In the channel, seen by nobody else, and escaped."""
    await poster.tell(ALERTS, VANI, "Not <!here>")

    assert (await slack.ephemerals(VANI))[-1]["text"] == "Not &lt;!here&gt;"
    assert await slack.messages(ALERTS) == []


async def test_a_reply_after_its_time_is_refused_for_good(
    poster: Poster, slack: Slack, front_url: str, clock: Clock
) -> None:
    """Half an hour later nobody can be told any more."""
    await slack.command(VANI, ALERTS, "/backtrace x")
    url = next(x.request["response_url"] for x in slack.recorded if x.name == "slash_commands")
    clock.forward(3600)
    with pytest.raises(SlackError) as caught:
        await poster.reply(url, "late")

    assert caught.value.permanent


async def test_history_is_read_oldest_first_from_a_moment_on(poster: Poster, slack: Slack) -> None:
    """What was kept last is not read again."""
    first = await slack.post_webhook(ALERTS, {"text": "kept"})
    for number in range(3):
        await slack.post_webhook(ALERTS, {"text": f"missed {number}"})
    missed = await poster.history_since(ALERTS, first, 100)

    assert [message["text"] for message in missed] == ["missed 0", "missed 1", "missed 2"]


async def test_a_long_history_is_cut_at_its_old_end(
    poster: Poster, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    """Of more than the cap the newest are read, over several pages, and the log says so."""
    first = await slack.post_webhook(ALERTS, {"text": "kept"})
    for number in range(230):
        await slack.post_webhook(ALERTS, {"text": str(number)})
    missed = await poster.history_since(ALERTS, first, 210)

    assert [message["text"] for message in missed] == [str(number) for number in range(20, 230)]
    assert "the oldest are left out" in caplog.text


@pytest.mark.parametrize(("user", "zone"), [(VANI, "Europe/Berlin"), ("U0NOBODY01", "UTC")])
async def test_times_are_in_the_askers_zone(poster: Poster, user: str, zone: str) -> None:
    """Of somebody whom Slack doesn't know it is UTC."""
    assert await poster.timezone(user) == zone


@pytest.mark.parametrize("tz", ["Nowhere/Atlantis", "../../etc/passwd", "", None, 7, "\x00"])
async def test_a_zone_that_nobody_knows_is_utc(tz: object) -> None:
    """What Slack says there may be newer, or stranger, than this machine's zones."""
    answer = web.json_response({"ok": True, "user": {"id": VANI, "tz": tz}})

    async with odd_slack(answer) as url:
        assert await Poster(make_client("xoxb", url)).timezone(VANI) == "UTC"


@pytest.mark.parametrize("body", ["<html>502 Bad Gateway</html>", "[]", "", "null"])
@pytest.mark.parametrize("status", [200, 502])
async def test_an_answer_that_is_no_json_is_a_passing_trouble(body: str, status: int) -> None:
    """Some proxy answered instead of Slack."""
    async with odd_slack(web.Response(text=body, status=status, content_type="text/html")) as url:
        with pytest.raises(SlackError) as caught:
            await identify(make_client("xoxb", url))

    assert not caught.value.permanent


async def test_a_slack_that_is_not_there_is_a_passing_trouble() -> None:
    """A connection that is refused says nothing about the call."""
    with pytest.raises(SlackError) as caught:
        await identify(make_client("xoxb", "http://127.0.0.1:9/api/"))

    assert not caught.value.permanent


@asynccontextmanager
async def odd_slack(answer: web.Response) -> AsyncIterator[str]:
    """A server that says the same whatever it is asked."""

    async def handle(_request: web.Request) -> web.Response:
        return answer

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()


async def test_a_modal_is_opened_and_filled(poster: Poster, slack: Slack) -> None:
    """Its id leads back to it."""
    view_id = await poster.open_view(slack.state.next_trigger(VANI), checking_modal())
    await poster.update_view(view_id, started_modal("started it"))
    view = await slack.view_of(VANI)

    assert view is not None
    assert "You started it." in str(view["blocks"])


async def test_a_modal_that_was_closed_is_no_trouble(poster: Poster, slack: Slack) -> None:
    """Its reader did not wait."""
    view_id = await poster.open_view(slack.state.next_trigger(VANI), checking_modal())
    await slack.close(VANI)
    await poster.update_view(view_id, started_modal("started it"))

    assert await slack.view_of(VANI) is None


async def test_a_used_trigger_opens_nothing(poster: Poster, slack: Slack) -> None:
    """A trigger id serves once."""
    trigger = slack.state.next_trigger(VANI)
    await poster.open_view(trigger, checking_modal())

    with pytest.raises(SlackError, match="exchanged_trigger_id"):
        await poster.open_view(trigger, checking_modal())


async def test_the_bot_knows_itself(client: AsyncWebClient) -> None:
    """Who the token belongs to is asked of Slack."""
    assert await identify(client) == IDENTITY


async def test_a_wrong_token_is_told(slack: Slack) -> None:
    """So that the start can say so."""
    with pytest.raises(SlackError) as caught:
        await identify(make_client("xoxb-wrong", f"{slack.url}/api/"))

    assert (caught.value.reason, caught.value.permanent) == ("invalid_auth", True)


async def test_one_message_a_second_is_kept_to(clock: Clock) -> None:
    """With Slack's own limit, the second post in the same second is refused for a moment, not for good."""
    async with serve_slack(team(), clock, SlackOptions()) as slack:
        poster = Poster(
            AsyncWebClient(token=slack.state.team.bot_token, base_url=f"{slack.url}/api/", retry_handlers=[])
        )
        await poster.post_card(ALERTS, None, CARD, "one")
        with pytest.raises(SlackError) as caught:
            await poster.post_card(ALERTS, None, CARD, "two")

        assert not caught.value.permanent
