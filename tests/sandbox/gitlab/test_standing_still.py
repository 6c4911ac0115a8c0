"""For measuring clients: a latency for all, and answers that cost nothing the second time."""

from __future__ import annotations

import asyncio
import time

from sandbox.gitlab import GitLabOptions
from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import PROJECT, Clock, asking


async def test_every_answer_takes_its_time(world: World, clock: Clock) -> None:
    """Ten side by side take as long as one, since a network's way is no work."""
    async with asking(world, clock, GitLabOptions(answer_after=0.2)) as gitlab:
        began = time.monotonic()
        await gitlab.get(PROJECT)
        one = time.monotonic() - began
        await asyncio.gather(*(gitlab.get(PROJECT) for _ in range(10)))
        ten = time.monotonic() - began - one

    assert one >= 0.2
    assert 0.2 <= ten < 10 * 0.2


async def test_what_stands_still_answers_the_same(world: World, clock: Clock) -> None:
    """Body, status and headers of the second answer are those of the first; another token is another question."""
    path = f"{PROJECT}/deployments?per_page=1"
    async with asking(world, clock, GitLabOptions(stands_still=True)) as gitlab:
        first, second = await gitlab.get(path), await gitlab.get(path)
        stranger = await gitlab.get(path, token="glpat-nobody")

    left_out = {"Date"}
    assert (first.status, first.body) == (second.status, second.body) == (200, first.body)
    assert {k: v for k, v in first.headers.items() if k not in left_out} == {
        k: v for k, v in second.headers.items() if k not in left_out
    }
    assert stranger.status == 401
