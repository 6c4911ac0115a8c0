"""kill -9 before and after each step: after a restart the card stands once and the rollback ran once.

What happened is counted by the embedded parties, not by the bot.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from sandbox.demo import free_port
from sandbox.player import Player, eventually, facts_of
from sandbox.stage import BotOptions, Stage, set_up
from sandbox.worlds import build
from sandbox.worlds.model import Step
from tests.scenarios.stage import QUICK

pytestmark = pytest.mark.slow

MOMENTS = ("before", "after", "recorded")
ANSWERING = ("may_answer_here", "trace_incident", "post_card")
ROLLING_BACK = (
    "show_checks",
    "incident_of",
    "check_again",
    "cancel_running",
    "retry_target",
    "find_deployment",
    "follow",
)


@dataclass(slots=True)
class Process:
    """The bot as a process of its own, on the same port and the same files each time it is started."""

    stage: Stage
    config: Path
    url: str
    running: asyncio.subprocess.Process | None = None

    async def start(self, moment: str = "-", step: str = "-") -> None:
        env = {**os.environ, **self.stage.environment()}
        log = (self.config.parent / "bot.log").open("ab")
        command = (sys.executable, "-m", "tests.slow.victim", str(self.config), moment, step)
        self.running = await asyncio.create_subprocess_exec(*command, env=env, stdout=log, stderr=log)
        log.close()
        await eventually("the bot", self._healthy, 30)

    async def ended(self) -> int:
        assert self.running is not None
        async with asyncio.timeout(40):
            return await self.running.wait()

    async def stop(self) -> None:
        if self.running is not None and self.running.returncode is None:
            self.running.kill()
            await self.running.wait()

    async def _healthy(self) -> bool:
        assert self.running is not None
        if self.running.returncode is not None:
            return True
        with contextlib.suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/health") as answer:
                return answer.status == 200
        return False


@contextlib.asynccontextmanager
async def set_stage(name: str, folder: Path) -> AsyncIterator[tuple[Process, Player]]:
    world = build(name, datetime.now(UTC).replace(microsecond=0), folder / "world")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with set_up(world, options=QUICK) as stage:
        config = stage.write_settings(folder, BotOptions(port=port, follow_interval_s=0.1))
        process = Process(stage, config, url)
        stage.slack.request_url = f"{url}/slack/events"
        try:
            yield process, Player(stage, wait_s=40)
        finally:
            await process.stop()


async def cards_of(player: Player) -> list[dict[str, object]]:
    thread = await player.stage.slack.thread(player.stage.alerts, player.alert_ts)
    return [message for message in thread if "backtrace_card" in str(message.get("metadata", {}))]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("step", ANSWERING)
async def test_an_answer_survives_a_kill(step: str, moment: str, tmp_path: Path) -> None:
    """Whenever the bot dies while answering, one card stands after the restart, and it names the culprit."""
    async with set_stage("login", tmp_path) as (process, player):
        await process.start(moment, step)
        await player.fire()

        assert await process.ended() == -9

        await process.start()
        card = await player.card()
        await asyncio.sleep(1.5)
        assert facts_of(card)["outcome"] == "named"
        assert len(await cards_of(player)) == 1


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("step", ROLLING_BACK)
async def test_a_rollback_survives_a_kill(step: str, moment: str, tmp_path: Path) -> None:
    """Whenever the bot dies while rolling back, the job was retried once and the card says that it is done."""
    async with set_stage("login", tmp_path) as (process, player):
        await process.start(moment, step)
        await player.fire()
        await player.card()
        await player.play(Step("press", "mara", "roll_back"))
        if step != "show_checks":
            await player.play(Step("submit", "mara"))

        assert await process.ended() == -9

        await process.start()
        if step == "show_checks":
            await player.play(Step("submit", "mara"))
        card = await player.settled("rolled_back")

        assert len(player.stage.gitlab.state.retries) == 1
        assert len(await cards_of(player)) == 1
        assert facts_of(card)["culprit"] == "!45"
