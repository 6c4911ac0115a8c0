"""The demo: three parties on loopback, a story, and every step of it told as it happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import aiohttp

from sandbox.player import NeverCameError, Player, eventually, facts_of, misses, verdict_line
from sandbox.slack.draw import render_text
from sandbox.stage import BotOptions, Stage, set_up
from sandbox.worlds import build
from sandbox.worlds.from_repository import world_of_repository
from sandbox.worlds.model import World
from sandbox.worlds.moving import moved

START_S = 60.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    world: str
    repo: Path | None
    symptom: str
    at: datetime | None
    every: int
    mode: Literal["http", "socket"]


async def run(wish: Wish, *, once: bool) -> int:
    """Play; returns the exit code.

    :raises ValueError: where a repository can't be made into a world, with what to do.
    """
    with tempfile.TemporaryDirectory(prefix="backtrace-demo-") as name:
        folder = Path(name)
        _tell("demo", f"building the world {wish.repo or wish.world}")
        world = await asyncio.to_thread(_world, wish, folder)
        async with set_up(world) as stage:
            telling = asyncio.create_task(_tell_what_happens(stage))
            try:
                async with _bot(stage, folder, wish.mode):
                    return await (_play_once(stage) if once else _stay(stage))
            finally:
                telling.cancel()


def _world(wish: Wish, folder: Path) -> World:
    if wish.repo is None:
        return build(wish.world, datetime.now(UTC).replace(microsecond=0), folder)
    # GitLab's times move to now, as if all of it had just happened; the commits keep their own dates.
    world = world_of_repository(wish.repo, wish.symptom, wish.at, wish.every, folder)
    return moved(world, datetime.now(UTC).replace(microsecond=0))


async def _play_once(stage: Stage) -> int:
    player = Player(stage)
    expect = stage.world.expect
    try:
        await player.fire()
        card = await player.card()
        for step in stage.world.script:
            _tell("demo", f"{step.kind} {step.value} {step.user}".strip())
            await player.play(step)
        if expect is not None:
            card = await player.settled(expect.state)
    except NeverCameError as error:
        print(f"did not come true: {error}")
        return 1
    return _report(stage, card)


def _report(stage: Stage, card: dict[str, object]) -> int:
    drawn = render_text(card)
    facts = facts_of(card)
    print(f"\n{drawn}\n\n{verdict_line(facts)}")
    expect = stage.world.expect
    wrong = misses(facts, drawn, expect) if expect else []
    for miss in wrong:
        print(f"did not come true: {miss}")
    return 1 if wrong else 0


async def _stay(stage: Stage) -> int:
    await Player(stage).fire()
    print(f"\n  Open {stage.slack.url}/ in a browser: the channel, the card, its buttons, /backtrace.")
    print(f"  {stage.world.summary}\n  Ctrl-C ends it.\n", flush=True)
    await asyncio.Event().wait()
    return 0


@contextlib.asynccontextmanager
async def _bot(stage: Stage, folder: Path, mode: Literal["http", "socket"]) -> AsyncIterator[None]:
    port = free_port()
    settings = stage.write_settings(folder, BotOptions(mode=mode, port=port))
    log = folder / "bot.log"
    env = {**os.environ, **stage.environment()}
    with log.open("w") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", "--config", str(settings), env=env, stdout=output, stderr=output
        )
        try:
            await _until_healthy(process, f"http://127.0.0.1:{port}/health", log)
            stage.slack.request_url = f"http://127.0.0.1:{port}/slack/events" if mode == "http" else None
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await process.wait()


async def _until_healthy(process: asyncio.subprocess.Process, url: str, log: Path) -> None:
    async def healthy() -> bool:
        if process.returncode is not None:
            raise NeverCameError(f"the bot ended with {process.returncode}:\n{await asyncio.to_thread(log.read_text)}")
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    await eventually("the bot", healthy, START_S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _tell_what_happens(stage: Stage) -> None:
    told = {"gitlab": 0, "slack": 0}
    while True:
        for exchange in stage.gitlab.recorded[told["gitlab"] :]:
            request = exchange.request
            where = unquote(request.path.removeprefix("/api/v4"))
            _tell("gitlab", f"{request.method} {where} {exchange.answer.status}")
        told["gitlab"] = len(stage.gitlab.recorded)
        for traffic in stage.slack.recorded[told["slack"] :]:
            _tell("slack", f"{traffic.kind} {traffic.name} {traffic.status}")
        told["slack"] = len(stage.slack.recorded)
        await asyncio.sleep(0.05)


def _tell(who: str, what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S.%f}"[:-3], f"{who:<7}", what, flush=True)
