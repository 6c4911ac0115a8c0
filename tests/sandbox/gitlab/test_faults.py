"""Faults that a test switches on, seen from the client."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from sandbox.gitlab import Fault
from tests.sandbox.gitlab.asking import PROJECT, Gitlab

ENVIRONMENTS = f"{PROJECT}/environments"
PATTERN = "/projects/*/environments"


async def test_a_fault_is_used_up(gitlab: Gitlab) -> None:
    """A fault for two requests leaves the third alone, and other paths all the time."""
    gitlab.server.faults.add(Fault("GET", PATTERN, "502", times=2))
    statuses = [(await gitlab.get(path)).status for path in (ENVIRONMENTS, PROJECT, ENVIRONMENTS, ENVIRONMENTS)]

    assert statuses == [502, 200, 502, 200]


async def test_too_many_requests_says_when(gitlab: Gitlab) -> None:
    """429 comes as plain text with Retry-After in seconds."""
    gitlab.server.faults.add(Fault("*", PATTERN, "429", seconds=7))
    got = await gitlab.get(ENVIRONMENTS)

    assert (got.status, got.body.strip(), got.headers["Retry-After"]) == (429, "Retry later", "7")


async def test_a_reset_carries_nothing_out(gitlab: Gitlab) -> None:
    """A reset connection: the client gets no answer and nothing happened."""
    gitlab.server.faults.add(Fault("POST", "*/retry", "reset"))
    with pytest.raises(aiohttp.ClientError):
        await gitlab.post(f"{PROJECT}/jobs/8001/retry")

    assert gitlab.state.retries == []


async def test_it_may_take_effect_and_then_break(gitlab: Gitlab) -> None:
    """The nastiest one: the client gets no answer, and the retry runs."""
    gitlab.server.faults.add(Fault("POST", "*/retry", "took_effect_then_reset"))
    with pytest.raises(aiohttp.ClientError):
        await gitlab.post(f"{PROJECT}/jobs/8001/retry")

    assert len(gitlab.state.retries) == 1


async def test_it_may_take_effect_and_then_say_nothing(gitlab: Gitlab) -> None:
    """Whoever waits for less long has a timeout, and the retry runs."""
    gitlab.server.faults.add(Fault("POST", "*/retry", "took_effect_then_silence", seconds=0.3))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await gitlab.post(f"{PROJECT}/jobs/8001/retry")

    assert len(gitlab.state.retries) == 1


async def test_malformed_is_cut_json(gitlab: Gitlab) -> None:
    """A 200 whose body stops in the middle."""
    gitlab.server.faults.add(Fault("GET", PATTERN, "malformed"))
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        await gitlab.get(ENVIRONMENTS)


@pytest.mark.parametrize("kind", ["latency", "slow"])
async def test_slow_answers_come_whole(gitlab: Gitlab, kind: str) -> None:
    """Late and dripping answers are complete in the end, after the time that was asked for."""
    gitlab.server.faults.add(Fault("GET", PATTERN, kind, seconds=0.2))
    began = time.monotonic()
    got = await gitlab.get(ENVIRONMENTS)

    assert len(got.body) == 2
    assert time.monotonic() - began >= 0.19
