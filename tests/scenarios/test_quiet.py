"""When no card is wanted: senders that are not listened to, low severities, quiet hours, a paused channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.arrivals
from backtrace_core.alerts import parse_alert
from backtrace_core.model import Alert, Severity
from bot.workflows.joining import GATHER_S
from sandbox.player import eventually, facts_of
from sandbox.slack.draw import render_text
from sandbox.worlds.model import Step
from sandbox.worlds.senders import sentry
from sandbox.worlds.storm import ISSUE
from tests.scenarios.looking import cards_in, one_line, shown_only_to
from tests.scenarios.stage import PROMPT, Scene, scene
from tests.scenarios.test_one_card import a_line, lines_in, post
from tests.scenarios.town import GUEST, SERVED, TOWN


def said_to_be(severity: Severity) -> Callable[..., Alert | None]:
    """A reader by which each alert has this severity."""

    def read(message: Any, catalog: Any) -> Alert | None:
        alert = parse_alert(message, catalog)
        return replace(alert, severity=severity) if alert is not None else None

    return read


async def nothing_comes(play: Scene) -> None:
    """After all was delivered, and the rounds were made."""
    await play.stage.slack.courier.settled()
    await play.bot.inbox.take_up()
    assert await cards_in(play, play.stage.alerts) == []


async def said_in_channel(play: Scene, *words: str) -> None:
    async def look() -> bool:
        messages = await play.stage.slack.messages(play.stage.alerts)
        return any(all(word in one_line(render_text(one)) for word in words) for one in messages)

    await eventually(f"words in the channel: {words}", look, 10)


async def command(play: Scene, who: str, words: str) -> None:
    await play.stage.slack.command(play.stage.slack_id(who), play.stage.alerts, words)


async def test_only_the_senders_of_the_settings_are_heard(tmp_path: Path) -> None:
    """By bot or app id; without any all are."""
    async with scene("login", tmp_path, bot_options=replace(PROMPT, slack='senders = ["A0OTHER001"]')) as play:
        await play.player.fire()
        await nothing_comes(play)
        assert await play.bot.house.store.incidents.unanswered() == ()

    hook = 'senders = ["B0HOOK0001"]'
    (tmp_path / "heard").mkdir()
    async with scene("login", tmp_path / "heard", bot_options=replace(PROMPT, slack=hook)) as play:
        await play.player.fire()
        assert facts_of(await play.player.card())["culprit"] == "!45"


async def test_what_is_not_grave_enough_gets_no_card_until_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept all the same: a graver message joins it, and then the first one's thread has the card."""
    grave = replace(PROMPT, service='min_severity = "high"')
    async with scene("login", tmp_path, bot_options=grave) as play:
        monkeypatch.setattr(bot.arrivals, "parse_alert", said_to_be(Severity.MEDIUM))
        await play.player.fire()
        await nothing_comes(play)
        monkeypatch.setattr(bot.arrivals, "parse_alert", said_to_be(Severity.CRITICAL))
        await play.stage.slack.post_webhook(play.stage.alerts, dict(play.world.alert.firing))

        assert facts_of(await play.player.card())["culprit"] == "!45"
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def test_quiet_hours_hold_a_card_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 03:06 in Berlin nobody is woken by what is not critical; in the morning it is answered, if it still fires."""
    quiet = replace(PROMPT, service='quiet_hours = "22:00-07:00"\ntime_zone = "Europe/Berlin"')
    monkeypatch.setattr(bot.arrivals, "parse_alert", said_to_be(Severity.HIGH))
    async with scene("login", tmp_path, bot_options=quiet) as play:
        await play.player.fire()
        await nothing_comes(play)
        play.clock.forward(timedelta(hours=4))
        await play.bot.inbox.take_up()

        assert facts_of(await play.player.card())["culprit"] == "!45"


async def test_what_is_over_before_it_was_answered_gets_no_card(tmp_path: Path) -> None:
    """Paused for an hour: what fired and ended meanwhile is past when the bot goes on."""
    async with scene("login", tmp_path) as play:
        await command(play, "kim", "pause 1h")
        await said_in_channel(play, "has paused Backtrace")
        await play.player.fire()
        await nothing_comes(play)
        await play.player.play(Step("resolve"))
        await play.stage.slack.courier.settled()
        play.clock.forward(timedelta(hours=2))
        await play.bot.inbox.take_up()

        await eventually("its silent end", lambda: nothing_waits(play), 10)
        assert await cards_in(play, play.stage.alerts) == []


async def nothing_waits(play: Scene) -> bool:
    return await play.bot.house.store.incidents.unanswered() == ()


async def test_resume_answers_what_still_fires(tmp_path: Path) -> None:
    """All are told who paused the channel and who ended it; questions are answered all the while."""
    async with scene("login", tmp_path) as play:
        await command(play, "kim", "pause")
        await said_in_channel(play, "has paused Backtrace", "/backtrace resume")
        await play.player.fire()
        await nothing_comes(play)
        await command(play, "tomas", "TypeError in is_expired")
        await play.player.cards(1)
        await command(play, "tomas", "resume")
        await said_in_channel(play, "has ended the pause")
        await play.bot.inbox.take_up()

        assert facts_of(await play.player.card())["culprit"] == "!45"


async def test_where_nothing_is_paused_nothing_is_ended(tmp_path: Path) -> None:
    """Only who asked is told so: the channel would take it for the end of a pause. A second one ends nothing either."""
    async with scene("login", tmp_path) as play:
        kim = play.stage.slack_id("kim")
        await command(play, "kim", "resume")
        await shown_only_to(play, kim, "not paused in this channel")
        await command(play, "kim", "pause")
        await said_in_channel(play, "has paused Backtrace")
        await command(play, "kim", "resume")
        await said_in_channel(play, "has ended the pause")
        await command(play, "tomas", "resume")
        await shown_only_to(play, play.stage.slack_id("tomas"), "not paused in this channel")


async def test_what_was_held_and_is_over_swallows_nothing(tmp_path: Path) -> None:
    """It ended without a card: the same alert, fired again, has no incident to join, and is answered."""
    async with scene("login", tmp_path) as play:
        await command(play, "kim", "pause 1h")
        await said_in_channel(play, "has paused Backtrace")
        await play.player.fire()
        await nothing_comes(play)
        play.clock.forward(timedelta(minutes=55))
        await play.player.play(Step("resolve"))
        await play.stage.slack.courier.settled()
        play.clock.forward(timedelta(minutes=10))
        await play.bot.inbox.take_up()
        await eventually("an end of all that was held", lambda: nothing_waits(play), 10)

        await play.player.fire()

        assert facts_of(await play.player.card())["outcome"] == "named"


async def test_what_joins_during_a_pause_is_told_afterwards(tmp_path: Path) -> None:
    """The line below a card that stands already waits for the end of the pause."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        card = await play.player.card()
        await command(play, "kim", "pause 1h")
        await said_in_channel(play, "has paused Backtrace")
        await post(play, sentry(ISSUE).firing)
        await play.stage.slack.courier.settled()
        await asyncio.sleep(GATHER_S + 1)
        await play.bot.inbox.take_up()
        assert await lines_in(play, card["thread_ts"]) == []

        await command(play, "kim", "resume")
        await said_in_channel(play, "has ended the pause")
        await play.bot.inbox.take_up()

        await a_line(play, "Sentry says the same")


async def test_a_guest_may_not_pause(tmp_path: Path) -> None:
    """Who may not ask may not silence others' answers either; only they are told so."""
    async with scene("login", tmp_path, TOWN, SERVED) as play:
        await play.stage.slack.command(GUEST, play.stage.alerts, "pause 2h")
        await shown_only_to(play, GUEST, "does not answer guests")
        await play.player.fire()

        assert facts_of(await play.player.card())["culprit"] == "!45"


async def mentions_in(play: Scene) -> list[str]:
    messages = await play.stage.slack.thread(play.stage.alerts, play.player.alert_ts)
    return [one["text"] for one in messages if "<@" in one["text"]]


async def test_the_author_is_mentioned_only_where_the_settings_want_it(tmp_path: Path) -> None:
    """From a confidence on, in production; without the setting nobody ever is."""
    async with scene("login", tmp_path, bot_options=replace(PROMPT, slack="mention_from = 0.5")) as play:
        await play.player.fire()
        await play.player.card()
        await eventually("the end", lambda: nothing_waits(play), 10)
        vani = play.stage.slack_id("vani")
        assert await mentions_in(play) == [f"<@{vani}> please look at this."]

    (tmp_path / "sure").mkdir()
    async with scene("login", tmp_path / "sure", bot_options=replace(PROMPT, slack="mention_from = 1.0")) as play:
        await play.player.fire()
        await play.player.card()
        await eventually("the end", lambda: nothing_waits(play), 10)
        assert await mentions_in(play) == []
