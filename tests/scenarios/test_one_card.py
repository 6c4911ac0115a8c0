"""One card an incident: what several senders say of one trouble, again and again, and what is another trouble."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.gitlab import Fault
from sandbox.player import eventually, facts_of
from sandbox.slack import SlackOptions
from sandbox.slack.draw import render_text
from sandbox.worlds.model import Firing
from sandbox.worlds.senders import alertmanager, sentry
from sandbox.worlds.storm import ISSUE
from tests.scenarios.looking import Json, card_says, cards_in, one_line, press
from tests.scenarios.stage import QUICK, Scene, scene, told

LIMITED = replace(QUICK, slack=SlackOptions(retry_delays_s=(0.0, 0.2, 0.4)))
"""A Slack that refuses what is asked of it too often."""

EXPORTS = alertmanager(
    "WarehouseExportFails web",
    "production critical",
    "exports for the warehouse fail\n"
    '```  File "/srv/web/shop/export.py", line 20, in write_for_warehouse\n'
    "AttributeError: 'Line' object has no attribute 'bin'```",
)
SLOW_MAIL = alertmanager("MailBacklog web", "production warning", "mails wait for an hour: queue of 4000")


async def post(play: Scene, payload: Any) -> str:
    return await play.stage.slack.post_webhook(play.stage.alerts, dict(payload))


async def lines_in(play: Scene, thread: str) -> list[str]:
    """What the bot said in the thread, beside its card."""
    messages = await play.stage.slack.thread(play.stage.alerts, thread)
    said = [one for one in messages if one.get("metadata", {}).get("event_type") == "backtrace_line"]
    return [one_line(render_text(one)) for one in said]


async def a_line(play: Scene, *words: str) -> str:
    async def look() -> str | None:
        lines = await lines_in(play, play.player.alert_ts)
        return next((line for line in lines if all(word in line for word in words)), None)

    return await eventually(f"a line with {words}", look, 20)


async def several_cards(play: Scene, number: int) -> list[Json]:
    async def look() -> list[Json] | None:
        cards = await cards_in(play, play.stage.alerts)
        return cards if len(cards) >= number else None

    return await eventually(f"{number} cards", look, 20)


async def test_another_sender_gets_a_line_and_no_card(tmp_path: Path) -> None:
    """The line says who says the same, and leads there; the card counts."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        await post(play, sentry(ISSUE).firing)

        line = await a_line(play, "Sentry says the same: TypeError")
        assert "archives" in str(await play.stage.slack.thread(play.stage.alerts, play.player.alert_ts)), line
        await card_says(play, "2 alert messages: Alertmanager, Sentry")
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def test_a_storm_is_one_card(tmp_path: Path) -> None:
    """Two hundred messages in ten seconds, of forty names, in a Slack that limits calls: one card, and few posts."""
    async with scene("login", tmp_path, LIMITED) as play:
        await play.player.fire()
        group = "LoginErrorRateHigh{} web"
        storm = [alertmanager(group.format(n % 40), "production critical", "login errors").firing for n in range(199)]
        for one in storm:
            await post(play, one)
            await asyncio.sleep(10 / len(storm))

        # Which one is delivered first is chance: that one has the card in its thread.
        (card,) = await several_cards(play, 1)
        await card_says(play, "200 alert messages: Alertmanager (200)", ts=card["ts"])
        lines = await eventually("the lines", lambda: lines_in(play, card["thread_ts"]), 20)
        assert "more" in " ".join(lines)
        assert len(await cards_in(play, play.stage.alerts)) == 1
        assert play.stage.slack.state.written["chat.postMessage"] <= 6


async def test_what_fires_again_is_counted_without_a_line(tmp_path: Path) -> None:
    """Re-notifications are many, and say nothing new."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        await post(play, play.world.alert.firing)

        await card_says(play, "2 alert messages: Alertmanager (2)")
        assert await lines_in(play, play.player.alert_ts) == []


async def test_another_trouble_gets_its_own_card(tmp_path: Path) -> None:
    """Its error is another and its suspect too: two cards, each in the thread of its own alert."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        other = await post(play, EXPORTS.firing)

        _, card = await several_cards(play, 2)
        assert card["thread_ts"] == other
        assert facts_of(card)["culprit"] != "!45"
        assert await lines_in(play, play.player.alert_ts) == []
        await card_says(play, "split from it", ts=card["ts"])


@pytest.mark.parametrize("path", ["/projects/*", "/projects/*/deployments"])
async def test_what_gitlab_did_not_answer_is_looked_at_again(path: str, tmp_path: Path) -> None:
    """The thread tells of it at once; once GitLab answers, its suspect is seen to be another, and it has its card."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        faults = play.stage.gitlab.faults
        faults.add(Fault("GET", path, "500", times=10_000))
        other = await post(play, EXPORTS.firing)
        await a_line(play, "It may be another trouble")
        assert len(await cards_in(play, play.stage.alerts)) == 1
        await play.bot.inbox.take_up()
        faults.clear()

        async def looked() -> bool:
            await play.bot.inbox.take_up()
            return len(await cards_in(play, play.stage.alerts)) == 2

        await eventually("its own card", looked, 20)
        _, card = await several_cards(play, 2)
        assert card["thread_ts"] == other
        assert facts_of(card)["culprit"] != "!45"
        assert len(await lines_in(play, play.player.alert_ts)) == 1


async def test_what_may_be_another_trouble_is_split_by_a_press(tmp_path: Path) -> None:
    """Nothing else is blamed for it, so it stays joined until a person parts it; then it has a card of its own."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        other = await post(play, SLOW_MAIL.firing)
        await a_line(play, "It may be another trouble")
        await card_says(play, "2 alert messages")
        assert len(await cards_in(play, play.stage.alerts)) == 1
        await press(play, "tomas", "more", "split")

        _, card = await several_cards(play, 2)
        assert card["thread_ts"] == other
        drawn = await card_says(play, "split off “MailBacklog")
        assert "alert messages" not in drawn


async def test_what_a_sender_puts_below_its_alert_belongs_to_it(tmp_path: Path) -> None:
    """Details in the thread, of whatever words, are no new incident; a resolution there ends what it stands below."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        below = {"thread_ts": play.player.alert_ts}
        await post(play, {**EXPORTS.firing, **below})
        await card_says(play, "2 alert messages")
        assert await lines_in(play, play.player.alert_ts) == []
        await post(play, {**EXPORTS.resolved, **below})
        await post(play, {**play.world.alert.resolved, **below})

        await card_says(play, "Resolved")
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def test_a_message_that_says_more_is_traced_instead(tmp_path: Path) -> None:
    """The first said too little for a name; the next has the error and where it was raised."""
    vague = Firing({"username": "checker", "text": "[FIRING] web production: something is wrong"}, {})
    async with scene("login", tmp_path, change=lambda world: replace(world, alert=vague)) as play:
        await play.player.fire()
        assert facts_of(await play.player.card())["culprit"] != "!45"
        await post(play, told("login").alert.firing)

        async def look() -> bool:
            return facts_of(await play.player.card())["culprit"] == "!45"

        await eventually("the culprit", look, 20)


async def all_told(play: Scene) -> bool:
    store = play.bot.house.store
    return not await store.messages.untold() and not await store.incidents.unanswered()


async def test_what_several_senders_tell_of_the_other_trouble_is_one_card_too(tmp_path: Path) -> None:
    """Two messages come before either is looked at: they are parted together."""
    issue = replace(ISSUE, error="AttributeError", culprit="shop.export in write_for_warehouse", number=4712)
    issue = replace(issue, value="'Line' object has no attribute 'bin'", short_id="WEB-3D")
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        await post(play, EXPORTS.firing)
        await post(play, sentry(issue).firing)

        _, card = await several_cards(play, 2)
        await eventually("the end of it", lambda: all_told(play), 20)
        assert len(await cards_in(play, play.stage.alerts)) == 2
        await card_says(play, "2 alert messages: Alertmanager, Sentry", ts=card["ts"])
