"""The bot was away for longer than Slack tries: what came meanwhile is answered late, once, and says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot.wiring import RunningBot
from sandbox.player import Player, facts_of
from sandbox.slack import SlackChannel
from sandbox.slack.draw import render_text
from sandbox.slack.faults import Fault
from sandbox.stage import BotOptions, Stage, set_up
from sandbox.worlds import build
from tests.scenarios.looking import Json, one_line
from tests.scenarios.stage import PROMPT, QUICK, T0, Clock, bot_on

AWAY = timedelta(hours=2)


@dataclass
class Absence:
    """A stage on which the bot comes and goes."""

    stage: Stage
    player: Player
    clock: Clock
    folder: Path

    @asynccontextmanager
    async def bot(self, options: BotOptions = PROMPT) -> AsyncIterator[RunningBot]:
        async with bot_on(self.stage, self.folder, self.clock, options) as running:
            yield running

    async def nobody_hears(self) -> None:
        """Slack has tried as often as it does, and a while has passed."""
        await self.stage.slack.settled()
        self.clock.forward(AWAY)

    async def cards(self) -> list[Json]:
        return [
            each
            for each in await self.stage.slack.messages(self.stage.alerts)
            if "blocks" in each and "metadata" in each
        ]


@asynccontextmanager
async def absence(folder: Path, channels: tuple[SlackChannel, ...] = ()) -> AsyncIterator[Absence]:
    """The bot has run before, and is gone."""
    clock = Clock(T0)
    world = build("login", T0, folder / "world")
    async with set_up(world, clock, replace(QUICK, channels=channels)) as stage:
        scene = Absence(stage, Player(stage, wait_s=20), clock, folder)
        async with scene.bot():
            pass
        yield scene


async def test_an_alert_gets_its_card_late(tmp_path: Path) -> None:
    """It names the culprit, says how late it is, and stands once, also after another start."""
    async with absence(tmp_path) as away:
        await away.player.fire()
        await away.nobody_hears()
        async with away.bot():
            card = await away.player.card()
        async with away.bot() as again:
            await again.inbox.catch_up()
            await again.inbox.take_up()

        assert facts_of(card)["culprit"] == "!45"
        assert "This card came late: 2 h after the alert." in one_line(render_text(card))
        assert len(await away.cards()) == 1


async def test_an_alert_that_is_over_says_so(tmp_path: Path) -> None:
    """Alert and resolution were both missed: one card, which says what it was and that it is over."""
    async with absence(tmp_path) as away:
        await away.player.fire()
        await away.stage.slack.post_webhook(away.stage.alerts, dict(away.stage.world.alert.resolved))
        await away.nobody_hears()
        async with away.bot():
            card = await away.player.settled("resolved")

        assert facts_of(card)["culprit"] == "!45"
        assert len(await away.cards()) == 1


async def test_a_missed_resolution_moves_the_card_on(tmp_path: Path) -> None:
    """The alert was answered, then the bot went away, then it was over."""
    async with absence(tmp_path) as away:
        async with away.bot():
            await away.player.fire()
            await away.player.settled("open")
            await away.stage.slack.settled()
        await away.stage.slack.post_webhook(away.stage.alerts, dict(away.stage.world.alert.resolved))
        await away.nobody_hears()
        async with away.bot():
            await away.player.settled("resolved")

        assert len(await away.cards()) == 1


async def test_an_alert_in_a_thread_is_found(tmp_path: Path) -> None:
    """Some senders answer their own message: a channel's history does not show that."""
    async with absence(tmp_path) as away:
        root = await away.stage.slack.post_webhook(away.stage.alerts, {"text": "Deploys of today"})
        firing = {**away.stage.world.alert.firing, "thread_ts": root}
        away.player.alert_ts = root
        await away.stage.slack.post_webhook(away.stage.alerts, firing)
        await away.nobody_hears()
        async with away.bot():
            card = await away.player.card()

        assert card["thread_ts"] == root


async def test_slack_failing_at_the_start_only_delays(tmp_path: Path) -> None:
    """The bot starts all the same and asks again by itself."""
    async with absence(tmp_path) as away:
        await away.player.fire()
        await away.nobody_hears()
        away.stage.slack.faults.add(Fault("conversations.history", "500", times=2))
        async with away.bot():
            await away.player.card()

        assert away.stage.slack.faults.waiting == []


async def test_a_channel_without_the_bot_does_not_stop_the_start(tmp_path: Path) -> None:
    """Nor what was missed in the channels where it is."""
    alerts, other = SlackChannel(id="C0ALERTS01", name="alerts"), SlackChannel(id="C0OTHER001", name="o", has_bot=False)
    async with absence(tmp_path, (alerts, other)) as away:
        both = replace(PROMPT, channels=(other.id, alerts.id))
        await away.player.fire()
        await away.nobody_hears()
        async with away.bot(both) as running:
            await away.player.card()

            assert running.inbox.catching_up.behind == (other.id,)


async def test_people_are_not_written_down(tmp_path: Path) -> None:
    """What they said while the bot was away passes through it and is in none of its files."""
    async with absence(tmp_path) as away:
        vani = away.stage.slack_id("vani")
        await away.stage.slack.say(vani, away.stage.alerts, "quokka: login is down, error 500")
        await away.player.fire()
        await away.stage.slack.say(vani, away.stage.alerts, "quokka too", thread_ts=away.player.alert_ts)
        await away.nobody_hears()
        async with away.bot():
            await away.player.card()
        written = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())

        assert b"LoginErrorRateHigh" in written
        assert b"quokka" not in written
        assert len(await away.cards()) == 1
