"""When the one card of an incident says that it is over, and when it is open again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.slack.hands import MessageDelivery
from sandbox.player import eventually, facts_of
from sandbox.worlds.model import Step
from sandbox.worlds.senders import alertmanager, script, sentry
from sandbox.worlds.storm import ISSUE
from tests.scenarios.looking import card_says, cards_in, written_by_bot
from tests.scenarios.stage import Scene, scene
from tests.scenarios.test_one_card import a_line, all_told, post, several_cards


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


async def nothing_missed(play: Scene) -> bool:
    return not play.bot.inbox.catching_up.behind


async def test_an_end_that_is_delivered_first_ends_it(tmp_path: Path) -> None:
    """The alert was refused and comes again later: its card says that it is over, as in the usual order."""
    async with scene("login", tmp_path) as play:
        await eventually("the channel's history", lambda: nothing_missed(play), 20)
        heard, play.stage.slack.request_url = play.stage.slack.request_url, None
        await play.player.fire()
        await post(play, play.world.alert.resolved)
        await play.stage.slack.settled()
        play.stage.slack.request_url = heard
        for message in sorted(await play.stage.slack.messages(play.stage.alerts), key=lambda one: one["ts"])[::-1]:
            team, where, ts = play.bot.inbox.own_team, play.stage.alerts, message["ts"]
            await play.bot.inbox.keep_message(MessageDelivery(f"Ev{ts}", team, where, ts, message))

        card = await play.player.settled("resolved")
        assert facts_of(card)["culprit"] == "!45"


async def test_the_end_of_something_unknown_is_dropped(tmp_path: Path) -> None:
    """A resolution never starts a trace, and nothing of it is kept."""
    async with scene("login", tmp_path) as play:
        await post(play, script("checker", "web is down: zebrafinch", "zebrafinch recovered: web is up again").resolved)
        await play.stage.slack.courier.settled()
        await play.player.fire()
        await play.player.card()

        assert len(await cards_in(play, play.stage.alerts)) == 1
        assert b"zebrafinch" not in written_by_bot(play.folder)
