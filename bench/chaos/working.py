"""A worker: a process that plays one run after the other, with a nursery and a world of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench.chaos import acts
from bench.chaos.running import Plan, Result, run
from bench.chaos.stories import STORIES
from sandbox.worlds import build
from sandbox.worlds.model import World
from tests.slow.dying import Nursery, open_nursery

FRESH_S = 120.0
"""How long a world is told anew: it begins at the moment in which it was built."""


class Worker:
    def __init__(self, folder: Path, *, keep: bool) -> None:
        self._stack = ExitStack()
        self._folder = folder / f"worker-{os.getpid()}"
        self._nursery: Nursery = self._stack.enter_context(open_nursery())
        self._keep = keep
        self._worlds: dict[str, tuple[float, World]] = {}

    def work(self, plan: Plan) -> Result:
        room = self._folder / f"run-{plan.run}"
        room.mkdir(parents=True)
        result = asyncio.run(run(plan, self._nursery, self.world(STORIES[plan.story].world), room))
        if not (self._keep and result.wrong):
            shutil.rmtree(room, ignore_errors=True)
        return result

    def world(self, name: str) -> World:
        built, world = self._worlds.get(name, (0.0, None))
        if world is None or time.monotonic() - built > FRESH_S:
            built = time.monotonic()
            where = self._folder / f"world-{name}-{built:.0f}"
            world = build(name, datetime.now(UTC).replace(microsecond=0), where)
            self._worlds[name] = built, world
        return world


class _Here:
    worker: Worker | None = None


def open_worker(folder: str, keep: bool, patience_s: float) -> None:  # noqa: FBT001 - a pool hands over by place
    """Called once in each process of the pool."""
    acts.PATIENCE_S = patience_s
    _Here.worker = Worker(Path(folder), keep=keep)


def work(plan: Plan) -> Result:
    if _Here.worker is None:
        raise RuntimeError("open_worker() comes first")
    return _Here.worker.work(plan)
