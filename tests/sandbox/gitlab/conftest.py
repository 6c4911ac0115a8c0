from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import Clock, Gitlab, asking
from tests.sandbox.gitlab.small_world import T0, small_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    return small_world(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock(T0)


@pytest.fixture
async def gitlab(world: World, clock: Clock) -> AsyncIterator[Gitlab]:
    async with asking(world, clock) as asked:
        yield asked
