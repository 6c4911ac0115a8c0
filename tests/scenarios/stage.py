"""A bot on a stage, inside this process: the same wiring as in production, with a clock that begins at the alert."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from bot.settings import load
from bot.wiring import RunningBot, running
from sandbox.gitlab import GitLabOptions
from sandbox.player import Player
from sandbox.slack import SlackOptions
from sandbox.stage import BotOptions, Stage, StageOptions, set_up
from sandbox.worlds import build
from sandbox.worlds.model import World
from tests.leaks import watch

T0 = datetime(2026, 11, 20, 2, 6, tzinfo=UTC)
"""The moment of every world's alert in the tests: the same moment, the same shas, the same cards."""

QUICK = StageOptions(
    gitlab=GitLabOptions(run_after=0.1, success_after=0.4, link_after=0.0),
    slack=SlackOptions(retry_delays_s=(0.0, 0.2, 0.4), rate_limit=None),
)

PROMPT = BotOptions(follow_interval_s=0.1)


class Clock:
    """Reads ``start`` now and runs at the usual pace, unless somebody moves it on."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._begun = time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._begun)

    def forward(self, by: timedelta) -> None:
        self._start += by


_REPOSITORIES = Path(tempfile.mkdtemp(prefix="backtrace-worlds-"))
atexit.register(shutil.rmtree, _REPOSITORIES, ignore_errors=True)


@cache
def told(name: str) -> World:
    """The world of that name. Nobody writes to its repository, so one is enough for all tests of a process."""
    return build(name, T0, _REPOSITORIES / name)


def as_told(world: World) -> World:
    """The world as it is."""
    return world


@dataclass(frozen=True, slots=True)
class Scene:
    """A stage, the bot on it, and the player who fires the alert and presses. ``folder`` has all that the bot wrote."""

    stage: Stage
    bot: RunningBot
    player: Player
    folder: Path
    clock: Clock

    @property
    def world(self) -> World:
        return self.stage.world


@asynccontextmanager
async def scene(
    name: str,
    folder: Path,
    stage_options: StageOptions = QUICK,
    bot_options: BotOptions = PROMPT,
    change: Callable[[World], World] = as_told,
) -> AsyncIterator[Scene]:
    """Set a world up, changed in some way, and start a bot on it."""
    clock = Clock(T0)
    world = change(told(name))
    async with (
        set_up(world, clock, stage_options) as stage,
        bot_on(stage, folder, clock, bot_options) as bot,
    ):
        yield Scene(stage, bot, Player(stage, wait_s=20), folder, clock)


@asynccontextmanager
async def bot_on(
    stage: Stage, folder: Path, clock: Callable[[], datetime], options: BotOptions, **env: str
) -> AsyncIterator[RunningBot]:
    """A bot on a stage that stands already. Its data stays in ``folder`` for the next one. ``env`` is instead of the
    stage's own secrets."""
    watch(stage)
    settings = load(stage.write_settings(folder, options), {**stage.environment(), **env})
    async with running(settings, clock) as bot:
        stage.slack.request_url = f"{bot.url}/slack/events" if options.mode == "http" else None
        yield bot
    stage.slack.request_url = None
