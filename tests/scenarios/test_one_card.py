"""One card an incident: what several senders say of one trouble, again and again, and what is another trouble."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.player import eventually, facts_of
from sandbox.slack import SlackOptions
from sandbox.slack.draw import render_text
from sandbox.worlds.model import Firing, Step
from sandbox.worlds.senders import SentryIssue, alertmanager, script, sentry
from tests.scenarios.looking import Json, card_says, cards_in, one_line, press, written_by_bot
from tests.scenarios.stage import QUICK, Scene, scene, told

LIMITED = replace(QUICK, slack=SlackOptions(retry_delays_s=(0.0, 0.2, 0.4)))
"""A Slack that refuses what is asked of it too often."""

ISSUE = SentryIssue(
    project="web",
    error="TypeError",
    culprit="auth.session in is_expired",
    value="can't subtract offset-naive and offset-aware datetimes",
    environment="production",
    release="web@1.4.0",
    short_id="WEB-1K",
    number=4711,
)
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


async def test_an_edit_that_says_resolved_resolves(tmp_path: Path) -> None:
    """Senders that edit their message in place; an edit back reopens it, and one that changes nothing tells nothing."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        where = (play.stage.alerts, play.player.alert_ts)
        await play.stage.slack.edit_webhook(*where, play.world.alert.resolved)
        await card_says(play, "Resolved")
        await play.stage.slack.edit_webhook(*where, play.world.alert.firing)
        await card_says(play, "It fires again after it was resolved", "Roll back")
        await play.stage.slack.courier.settled()
        edits = play.stage.slack.state.written["chat.update"]
        await play.stage.slack.edit_webhook(*where, play.world.alert.firing)
        await post(play, sentry(ISSUE).firing)
        await card_says(play, "2 alert messages")

        assert play.stage.slack.state.written["chat.update"] <= edits + 2
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def test_edits_to_and_fro_are_each_followed(tmp_path: Path) -> None:
    """Resolved, firing, resolved again, by edits of one message: the card says each, and measures to the edit."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        where = (play.stage.alerts, play.player.alert_ts)
        play.clock.forward(timedelta(minutes=20))
        await play.stage.slack.edit_webhook(*where, play.world.alert.resolved)
        await card_says(play, "Resolved 20 min after the alert")
        await play.stage.slack.edit_webhook(*where, play.world.alert.firing)
        await card_says(play, "It fires again")
        play.clock.forward(timedelta(minutes=5))
        await play.stage.slack.edit_webhook(*where, play.world.alert.resolved)

        await card_says(play, "Resolved 25 min after the alert")


async def test_the_end_of_another_trouble_is_not_the_end(tmp_path: Path) -> None:
    """Though it was said twice before it was over."""
    other = script(
        "queue-bot", "[FIRING] QueueFull in web (env: production)", "[RESOLVED] QueueFull in web (env: production)"
    )
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        await post(play, other.firing)
        await card_says(play, "2 alert messages")
        await post(play, other.firing)
        await card_says(play, "3 alert messages")
        await post(play, other.resolved)
        await play.stage.slack.courier.settled()

        assert facts_of(await play.player.card())["state"] == "open"


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


async def test_it_is_over_once_all_is_over_that_can_be(tmp_path: Path) -> None:
    """One of two alerts of a sender that resolves is not the end; a sender that never does so holds nothing open."""
    second = alertmanager("LoginSlow web", "production critical", "login takes 9 s")
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        await post(play, second.firing)
        await post(play, sentry(ISSUE).firing)
        await card_says(play, "3 alert messages")
        await post(play, second.resolved)
        await play.stage.slack.courier.settled()
        assert facts_of(await play.player.card())["state"] == "open"
        await play.player.play(Step("resolve"))

        await play.player.settled("resolved")
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def test_what_fires_again_within_the_window_reopens(tmp_path: Path) -> None:
    """The card is open again, and a line says why; later it is a new incident."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        await play.player.play(Step("resolve"))
        await play.player.settled("resolved")
        await post(play, play.world.alert.firing)

        await play.player.settled("open")
        await a_line(play, "It fires again: LoginErrorRateHigh")
        await post(play, play.world.alert.resolved)
        await play.player.settled("resolved")
        play.clock.forward(timedelta(hours=1))
        await post(play, play.world.alert.firing)
        await several_cards(play, 2)


async def test_the_end_of_something_unknown_is_dropped(tmp_path: Path) -> None:
    """A resolution never starts a trace, and nothing of it is kept."""
    async with scene("login", tmp_path) as play:
        await post(play, script("checker", "web is down: zebrafinch", "zebrafinch recovered: web is up again").resolved)
        await play.stage.slack.courier.settled()
        await play.player.fire()
        await play.player.card()

        assert len(await cards_in(play, play.stage.alerts)) == 1
        assert b"zebrafinch" not in written_by_bot(play.folder)


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


async def test_an_unfurl_after_the_end_reopens_nothing(tmp_path: Path) -> None:
    """The old message is edited, and still says what it said; that it is over was said in another one."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        await play.player.play(Step("resolve"))
        await play.player.settled("resolved")
        unfurled = {**play.world.alert.firing, "text": "see https://www.lindenshop.example"}
        await play.stage.slack.edit_webhook(play.stage.alerts, play.player.alert_ts, unfurled)
        await play.stage.slack.courier.settled()
        await play.bot.inbox.take_up()
        await eventually("the end of it", lambda: all_told(play), 20)

        assert facts_of(await play.player.card())["state"] == "resolved"


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
