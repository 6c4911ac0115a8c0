"""Records what a release leaves behind in the middle of an answer: ``python -m tests.bot.workflows.record_release``.

A later release proves with it that it resumes the runs of this one (``test_release.py``, which plays all recordings
there are). Run it once, from the commit that is released: it writes ``tests/data/release-VERSION/``, two SQLite files
of a bot that has traced the alert of the world ``login`` and has not yet posted the card. Commit them, and never change
them again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from bot.settings import load
from bot.wiring import running
from bot.workflows.house import Moment
from sandbox.player import Player
from sandbox.stage import set_up
from sandbox.worlds import build
from tests.scenarios.stage import PROMPT, QUICK, T0, Clock

DATA = Path(__file__).parents[2] / "data"
FILES = ("backtrace", "steps")
SMALL_PAGE = 1024


async def record(into: Path, folder: Path) -> None:
    """Play up to the moment, and copy both files as they are then."""
    clock = Clock(T0)
    there = asyncio.Event()

    def observe(moment: Moment, step: str) -> None:
        # Nothing else of the bot runs meanwhile, so the two copies belong together.
        if (moment, step) == ("recorded", "trace_incident"):
            for name in FILES:
                copy(folder / "data" / f"{name}.sqlite", into / f"{name}.db")
            there.set()

    async with set_up(build("login", T0, folder / "world"), clock, QUICK) as stage:
        settings = load(stage.write_settings(folder, PROMPT), stage.environment())
        async with running(settings, clock, observe) as bot:
            stage.slack.request_url = f"{bot.url}/slack/events"
            await Player(stage).fire()
            await there.wait()


def copy(source: Path, target: Path) -> None:
    """All that is committed, in as few bytes as will do."""
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as connection:
        connection.execute(f"PRAGMA page_size={SMALL_PAGE}")
        connection.execute("VACUUM")


def main() -> None:
    into = DATA / f"release-{version('backtrace')}"
    into.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(record(into, Path(folder)))


if __name__ == "__main__":
    main()
