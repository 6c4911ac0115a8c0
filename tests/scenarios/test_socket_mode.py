"""Socket Mode through the whole bot: nothing that Slack could not deliver is lost, and nothing is answered twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.settings import load
from bot.wiring import StartError, running
from sandbox.player import eventually, facts_of, misses
from sandbox.slack.draw import render_text
from sandbox.slack.faults import Fault
from sandbox.stage import set_up
from sandbox.worlds import build
from tests.scenarios.looking import cards_in
from tests.scenarios.stage import PROMPT, QUICK, T0, Clock, Scene, scene

SOCKET = replace(PROMPT, mode="socket")


async def connected(play: Scene) -> None:
    await play.stage.slack.until(lambda: play.stage.slack.sockets.connected, 20)


async def cut(play: Scene) -> None:
    """Break the connection without a word, as a network does."""
    play.stage.slack.sockets.cut()
    await play.stage.slack.until(lambda: not play.stage.slack.sockets.connected)


async def health(play: Scene) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{play.bot.url}/health") as answer:
        report = await answer.json()
        report.pop("gitlab")
        return answer.status, report


def deliveries(play: Scene) -> list[tuple[str, bool]]:
    """What Slack tried to deliver of the alert: the event's id, and whether it was acknowledged."""
    return [
        (each.request["event_id"], each.status == 200)
        for each in play.stage.slack.recorded
        if each.kind == "delivery" and each.request.get("event", {}).get("ts") == play.player.alert_ts
    ]


@contextmanager
def locked(play: Scene) -> Iterator[None]:
    """The bot's database, held by somebody else."""
    connection = sqlite3.connect(play.folder / "data" / "backtrace.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


async def test_the_login_world_comes_true_over_a_socket(tmp_path: Path) -> None:
    """Events, presses, the modal's submit and commands need no way in."""
    async with scene("login", tmp_path, QUICK, SOCKET) as play:
        await play.player.fire()
        await play.player.card()
        for step in play.world.script:
            await play.player.play(step)
        expect = play.world.expect
        assert expect is not None
        card = await play.player.settled(expect.state)
        reply = await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "/backtrace help")

        assert misses(facts_of(card), render_text(card), expect) == []
        assert "/backtrace TypeError in is_expired" in reply.text
        assert play.stage.slack.request_url is None
        assert play.stage.slack.unplanned == []


async def test_what_cant_be_kept_is_not_acknowledged(tmp_path: Path) -> None:
    """Slack takes it for unheard and sends it again; once it can be kept there is one card."""
    async with scene("login", tmp_path, QUICK, SOCKET) as play:
        await connected(play)
        with locked(play):
            await play.player.fire()
            await play.stage.slack.until(lambda: deliveries(play))
            (first,) = deliveries(play)
        await play.player.card()
        await play.stage.slack.settled()

        assert not first[1]
        assert deliveries(play)[-1] == (first[0], True)
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def test_an_alert_during_a_cut_is_answered_once(tmp_path: Path) -> None:
    """Slack gave it up; after the reconnection the bot finds it in the channel's history."""
    async with scene("login", tmp_path, QUICK, SOCKET) as play:
        await connected(play)
        await cut(play)
        await play.player.fire()
        await play.stage.slack.settled()
        assert [acknowledged for _, acknowledged in deliveries(play)] == [False] * 4

        card = await play.player.card()
        await play.stage.slack.sockets.disconnect()
        await connected(play)
        await play.stage.slack.post_webhook(play.stage.alerts, dict(play.world.alert.resolved))
        await play.player.settled("resolved")

        assert facts_of(card)["outcome"] == "named"
        assert len(await cards_in(play, play.stage.alerts)) == 1


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_a_renewed_connection_answers_on(reason: str, tmp_path: Path) -> None:
    """Slack asks for it every few hours: the old connection goes, the new one hears."""
    async with scene("login", tmp_path, QUICK, SOCKET) as play:
        await connected(play)
        (old,) = play.stage.slack.sockets.connections
        await play.stage.slack.sockets.disconnect(reason)
        await connected(play)
        await play.player.fire()
        await play.player.card()

        assert old not in play.stage.slack.sockets.connections
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def test_health_says_whether_slack_is_heard(tmp_path: Path) -> None:
    """200 while connected and during a blink, 503 when the cut lasts, 200 again once Slack is back."""
    async with scene("login", tmp_path, QUICK, SOCKET) as play:
        await connected(play)
        assert await health(play) == (200, {"ok": True, "slack": "socket", "connected": True})

        play.stage.slack.faults.add(Fault("apps.connections.open", "500", times=1000))
        await cut(play)

        async def told(status: int, *, is_connected: bool) -> bool:
            seen, report = await health(play)
            return (seen, report["connected"]) == (status, is_connected)

        await eventually("a blink", lambda: told(200, is_connected=False), 20)
        clock = play.bot.house.clock
        assert isinstance(clock, Clock)
        clock.forward(timedelta(minutes=5))
        assert await told(503, is_connected=False)

        play.stage.slack.faults.waiting.clear()
        await eventually("the connection", lambda: told(200, is_connected=True), 20)


async def test_a_wrong_app_token_ends_the_start(tmp_path: Path) -> None:
    """In words that name the variable, and at once; the SDK alone would try for ever."""
    clock = Clock(T0)
    async with set_up(build("login", T0, tmp_path / "world"), clock, QUICK) as stage:
        environment = stage.environment() | {"SLACK_APP_TOKEN": "xapp-wrong"}
        settings = load(stage.write_settings(tmp_path, SOCKET), environment)
        with pytest.raises(StartError, match=r"Slack does not accept SLACK_APP_TOKEN.*invalid_auth"):
            async with running(settings, clock):
                pytest.fail("it must not run")
