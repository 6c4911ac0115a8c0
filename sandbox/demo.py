"""The demo: three parties on loopback, a story, and every step of it told as it happens."""

from __future__ import annotations

import asyncio
import shlex
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sandbox.bot_process import BotProcess, bot_process
from sandbox.player import NeverCameError, Player, facts_of, misses, verdict_line
from sandbox.slack.draw import render_text
from sandbox.stage import BotOptions, Stage, set_up
from sandbox.telling import Teller
from sandbox.worlds import build
from sandbox.worlds.from_repository import world_of_repository
from sandbox.worlds.model import World
from sandbox.worlds.moving import moved

INTERRUPTED = 130
"""The exit code of a play that somebody ended before its end, as a shell gives it."""

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    world: str
    repo: Path | None = None
    symptom: str = ""
    at: datetime | None = None
    every: int = 4
    mode: Literal["http", "socket"] = "http"


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a world: its final card, drawn, what that says, and what did not come true."""

    drawn: str
    facts: dict[str, str]
    wrong: tuple[str, ...]


async def run(wish: Wish, *, once: bool) -> int:
    """Play until the end, or until SIGTERM or Ctrl-C; returns the exit code. Nothing stays behind.

    :raises ValueError: where a repository can't be made into a world, with what to do.
    """
    with tempfile.TemporaryDirectory(prefix="backtrace-demo-") as name, _ended_by_signals():
        folder = Path(name)
        _tell("demo", f"builds the world {wish.repo or wish.world}")
        world = await asyncio.to_thread(_world, wish, folder)
        try:
            played = await _play(world, folder, wish.mode, once=once)
        except NeverCameError as error:
            print(f"did not come true: {error}", flush=True)
            return 1
        except asyncio.CancelledError:
            print("\nended.", flush=True)
            return INTERRUPTED if once else 0
        return report(played)


def report(played: Played) -> int:
    """Print the card, the verdict line and what did not come true; returns the exit code."""
    failures = [f"did not come true: {miss}" for miss in played.wrong]
    print(f"\nAt the end:\n\n{played.drawn}\n", verdict_line(played.facts), *failures, sep="\n", flush=True)
    return 1 if failures else 0


async def _play(world: World, folder: Path, mode: Literal["http", "socket"], *, once: bool) -> Played:
    async with set_up(world) as stage, _told(stage), _bot(stage, folder, mode) as bot:
        return await bot.meanwhile(play_once(stage) if once else _stay(stage))


def _world(wish: Wish, folder: Path) -> World:
    if wish.repo is None:
        return build(wish.world, datetime.now(UTC).replace(microsecond=0), folder)
    # GitLab's times move to now, as if all of it had just happened; the commits keep their own dates.
    world = world_of_repository(wish.repo, wish.symptom, wish.at, wish.every, folder)
    return moved(world, datetime.now(UTC).replace(microsecond=0))


async def play_once(stage: Stage) -> Played:
    """Do all that the world lists, and look at what came of it.

    :raises NeverCameError: when something that a step needs does not come.
    """
    player = Player(stage)
    expect = stage.world.expect
    await player.fire()
    card = await player.card()
    print(f"\nThe card as it answers the alert:\n\n{render_text(card)}\n", flush=True)
    for step in stage.world.script:
        _tell("demo", " ".join(word for word in ("plays:", step.kind, step.value, step.user) if word))
        await player.play(step)
    if expect is not None:
        await player.settled(expect.state)
    await player.quiet()
    card = await player.card()
    cards = await player.cards(expect.cards if expect else 1)
    others = [render_text(one) for one in cards if one["ts"] != card["ts"]]
    drawn, facts = render_text(card), facts_of(card)
    wrong = misses(facts, drawn, expect) if expect else []
    if expect and len(cards) != expect.cards:
        wrong.append(f"cards: expected {expect.cards}, got {len(cards)}")
    return Played("\n\n".join((*others, drawn)), facts, tuple(wrong))


async def _stay(stage: Stage) -> Played:
    await Player(stage).fire()
    print(f"\n  Open {stage.slack.url}/ in a browser: the channel. The card, with its buttons, is the alert's reply.")
    print("  Ask questions there with /backtrace; alone it says how.")
    print("  Each person's first Roll back asks to link a GitLab user: the page that it opens leads there and back.")
    print(f"  {stage.world.summary}")
    print(f"  Open an incident in its GitLab; within a minute it is traced too:\n\n    {opening(stage)}")
    print("\n  Ctrl-C ends it.\n", flush=True)
    ended_by_cancel: asyncio.Future[Played] = asyncio.get_running_loop().create_future()
    return await ended_by_cancel


def opening(stage: Stage) -> str:
    """The command that opens an incident in the embedded GitLab, as one of the world's people."""
    who, project = stage.world.users[0].username, stage.world.project.path.replace("/", "%2F")
    fields = ("issue_type=incident", "title=Mails wait: queue of 4000")
    told = " ".join(f"-d {shlex.quote(field)}" for field in fields)
    return f"curl -s -H 'PRIVATE-TOKEN: glpat-{who}' {told} {stage.gitlab.url}/api/v4/projects/{project}/issues"


def on_call(world: World) -> str:
    """The service's setting, so that **Page on-call** reaches somebody: the first of the world's people."""
    return f'on_call = ["{world.users[0].username}"]'


@asynccontextmanager
async def _told(stage: Stage) -> AsyncIterator[None]:
    teller = Teller(stage, _tell)
    telling = asyncio.create_task(teller.follow())
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.wait((telling,))


@asynccontextmanager
async def _bot(stage: Stage, folder: Path, mode: Literal["http", "socket"]) -> AsyncIterator[BotProcess]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = BotOptions(mode=mode, port=port, act_as="person", public_url=url, service=on_call(stage.world))
    settings = stage.write_settings(folder, options)
    async with bot_process(settings, stage.environment(), url, lambda line: _tell("bot", line)) as bot:
        stage.slack.request_url = f"{url}/slack/events" if mode == "http" else None
        yield bot


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """The first SIGTERM, Ctrl-C or closed terminal cancels this task, so that all ends in its order."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    asked: list[bool] = []

    def end() -> None:
        if not asked and task is not None:
            asked.append(True)
            task.cancel()

    for number in _ENDING:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _tell(who: str, what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S.%f}"[:-3], f"{who:<7}", what, flush=True)
