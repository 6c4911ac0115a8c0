"""Which messages get a card, which get none, and that one gets one."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.player import eventually
from sandbox.slack.draw import render_text
from sandbox.slack.transport import Delivery
from sandbox.worlds.model import Step
from tests.scenarios.looking import buttons_of, card_says, cards_in, one_line, written_by_bot
from tests.scenarios.stage import Scene, scene
from tests.scenarios.town import SERVED, SEVERAL, SHARED, TOWN

DEPLOY_NOTICES: tuple[dict[str, Any], ...] = (
    {"username": "GitLab", "text": "Starting deploy to <https://gitlab.example/shop/web|production>"},
    {"username": "GitLab", "text": "Deploy to <https://gitlab.example/shop/web|production> succeeded"},
    {"username": "GitLab", "text": "Deploy to <https://gitlab.example/shop/web|production> failed"},
    {"username": "Argo CD", "text": "web has been synced, 0 errors"},
)


async def only_card(play: Scene) -> dict[str, Any]:
    """The one card in #alerts, after all that was posted before has reached the bot, and an alert after it."""
    await play.stage.slack.courier.settled()
    await play.player.fire()
    await play.player.card()
    (card,) = await cards_in(play, play.stage.alerts)
    assert card["thread_ts"] == play.player.alert_ts
    return card


async def test_people_talking_get_no_card_and_are_not_written_down(tmp_path: Path) -> None:
    """Neither in the channel nor in a thread, however much it reads like an alert: no file of the bot has a word."""
    async with scene("login", tmp_path) as play:
        tomas, kim = play.stage.slack_id("tomas"), play.stage.slack_id("kim")
        said = await play.stage.slack.say(tomas, play.stage.alerts, "[FIRING:1] login is down, zebrafinch is critical")
        await play.stage.slack.say(kim, play.stage.alerts, "zebrafinch again? error rate spikes", thread_ts=said)

        await only_card(play)

        assert b"login error rate jumped" in written_by_bot(play.folder)
        assert b"zebrafinch" not in written_by_bot(play.folder)


@pytest.mark.parametrize("notice", DEPLOY_NOTICES, ids=lambda notice: str(notice["text"]).split()[0])
async def test_a_deploy_notice_gets_no_card(notice: dict[str, Any], tmp_path: Path) -> None:
    """What tells of a deployment, failed ones too, is no alert."""
    async with scene("login", tmp_path) as play:
        await play.stage.slack.post_webhook(play.stage.alerts, notice)

        await only_card(play)


async def test_an_alert_in_an_externally_shared_channel_gets_no_card(tmp_path: Path) -> None:
    """Those outside would read it."""
    async with scene("login", tmp_path, TOWN, SERVED) as play:
        await play.stage.slack.post_webhook(SHARED, dict(play.world.alert.firing))

        await only_card(play)

        assert await cards_in(play, SHARED) == []


async def test_an_alert_in_a_shared_channel_gets_its_card_where_a_setting_names_it(tmp_path: Path) -> None:
    """The same alert in the same channel, allowed by name."""
    allowed = replace(SERVED, slack=f'allow_shared_channels = ["{SHARED}"]')
    async with scene("login", tmp_path, TOWN, allowed) as play:
        await play.stage.slack.post_webhook(SHARED, dict(play.world.alert.firing))

        async def look() -> list[dict[str, Any]]:
            return await cards_in(play, SHARED)

        assert len(await eventually("a card", look, 10)) == 1


async def test_an_alert_of_a_service_that_is_shown_elsewhere_gets_no_card(tmp_path: Path) -> None:
    """The service's own channels are the only ones where its facts may stand."""
    async with scene("login", tmp_path, TOWN, SEVERAL) as play:
        text = json.dumps(dict(play.world.alert.firing)).replace("LoginErrorRateHigh web", "LoginErrorRateHigh billing")
        await play.stage.slack.post_webhook(play.stage.alerts, json.loads(text))

        await only_card(play)


async def test_an_alert_that_is_delivered_twice_gets_one_card(tmp_path: Path) -> None:
    """Slack repeats what it believes unanswered, under the same event id: before the card stands, and after."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.stage.slack.until(lambda: deliveries(play))
        first = deliveries(play)[0].request
        for number in (1, 2):
            again = Delivery("events_api", first, retry=number, retry_reason="http_timeout")
            assert (await play.stage.slack.courier.ask(again)).status == 200
            await play.player.card()

        assert len(await cards_in(play, play.stage.alerts)) == 1
        assert play.stage.slack.state.written["chat.postMessage"] == 1


def deliveries(play: Scene) -> list[Any]:
    return [exchange for exchange in play.stage.slack.recorded if exchange.name == "events_api"]


async def test_the_senders_resolved_edits_the_card(tmp_path: Path) -> None:
    """The same message says that it is over, and offers neither going back nor paging any more."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        before = await play.player.card()
        await play.player.play(Step("resolve"))

        await card_says(play, "Resolved")
        (after,) = await cards_in(play, play.stage.alerts)
        assert after["ts"] == before["ts"]
        assert buttons_of(before).keys() - buttons_of(after).keys() == {"roll_back", "page", "claim"}


async def test_what_names_another_service_in_front_is_not_traced_as_ours(tmp_path: Path) -> None:
    """Though it is the only one: the card says what it names, and how to make it known."""
    async with scene("login", tmp_path) as play:
        ts = await play.stage.slack.post_webhook(play.stage.alerts, {"text": "ALERT payments: p99 above 3s"})

        async def look() -> str | None:
            cards = [one for one in await cards_in(play, play.stage.alerts) if one["thread_ts"] == ts]
            return one_line(render_text(cards[0])) if cards else None

        said = await eventually("a card", look, 10)
        assert "It is about payments, which is no service that Backtrace knows" in said
        assert "an alias, or a [[service]]" in said
        assert "Likely culprit" not in said
