"""A bot in a process of its own that is killed and started anew, on a stage that lives on."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.demo import free_port
from sandbox.player import Player, eventually
from sandbox.stage import BotOptions, Stage, StageOptions, set_up
from sandbox.worlds import build
from sandbox.worlds.model import World
from tests.leaks import watch
from tests.scenarios.rows import is_quiet

WAIT_S = 30


class Nursery:
    """Forks bots, see :mod:`tests.slow.victim`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    async def ask(self, **order: Any) -> int:
        return await asyncio.to_thread(self._ask, json.dumps(order))

    def _ask(self, line: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextlib.contextmanager
def open_nursery() -> Iterator[Nursery]:
    command = (sys.executable, "-m", "tests.slow.victim")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Nursery(process)


@dataclass(slots=True)
class Play:
    """The stage, its player, and the bot, on the same port and the same files each time it is started."""

    stage: Stage
    player: Player
    nursery: Nursery
    folder: Path
    config: Path
    url: str
    pid: int = 0

    async def start(self, die: str = "", **more: Any) -> None:
        """Returns once the bot is healthy. ``more`` is what else may be ordered, see :mod:`tests.slow.victim`."""
        await self.fork(die=die, **more)
        await eventually("the bot", self.is_healthy, WAIT_S)

    async def fork(self, **more: Any) -> None:
        """Let a bot begin to start."""
        order = {
            "config": str(self.config),
            "environment": self.stage.environment(),
            "log": str(self.folder / "bot.log"),
            "die": "",
            "breaks": "",
            **more,
        }
        self.pid = await self.nursery.ask(start=order)

    async def was_killed(self) -> bool:
        """Waits for the end of the bot."""
        status = await self.nursery.ask(wait=self.pid)
        self.pid = 0
        return status == -signal.SIGKILL

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        if self.pid:
            self.kill()
            await self.was_killed()

    async def quiet(self) -> None:
        """Returns once the bot has nothing left to do: nothing is kept unfinished, and no run goes on."""
        await eventually("an end of the work", self.is_quiet, WAIT_S)

    async def is_quiet(self) -> bool:
        return is_quiet(self.folder)

    async def is_healthy(self) -> bool:
        with contextlib.suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/health") as answer:
                return answer.status == 200
        return False


@contextlib.asynccontextmanager
async def set_stage(
    nursery: Nursery, world: str, folder: Path, options: StageOptions, bot: BotOptions
) -> AsyncIterator[Play]:
    """A stage with a bot that is not started yet. The port that ``bot`` names is not used: a free one is."""
    built = build(world, datetime.now(UTC).replace(microsecond=0), folder / "world")
    async with set_stage_of(built, nursery, folder, options, bot) as play:
        yield play


@contextlib.asynccontextmanager
async def set_stage_of(
    built: World, nursery: Nursery, folder: Path, options: StageOptions, bot: BotOptions
) -> AsyncIterator[Play]:
    """The same, of a world that is built already."""
    async with set_up(built, options=options) as stage:
        watch(stage)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        public_url = url if bot.act_as == "person" else ""
        config = stage.write_settings(folder, replace(bot, port=port, public_url=public_url))
        play = Play(stage, Player(stage, wait_s=WAIT_S), nursery, folder, config, url)
        stage.slack.request_url = f"{url}/slack/events"
        try:
            yield play
        finally:
            await play.stop()
