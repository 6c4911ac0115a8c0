"""A token that is near its end, or may too little, is told when the bot starts, and to whoever asks for its health."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.wiring import RunningBot, StartError
from sandbox.gitlab import BOT_TOKEN, Fault, Token
from sandbox.stage import StageOptions, set_up
from tests.scenarios.stage import PROMPT, QUICK, T0, Clock, bot_on, scene, told


def with_token(token: Token, level: int = 40) -> StageOptions:
    return replace(QUICK, gitlab=replace(QUICK.gitlab, tokens={BOT_TOKEN: token}, bot_level=level))


async def health(bot: RunningBot) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(f"{bot.url}/health") as answer:
        return answer.status, await answer.json()


async def test_a_fine_token_is_well_and_silent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Health has its expiry; nothing is logged of it."""
    async with scene("login", tmp_path) as play:
        status, report = await health(play.bot)

    assert (status, report["ok"]) == (200, True)
    assert report["gitlab"]["token_expires_on"] == (T0 + timedelta(days=90)).date().isoformat()
    assert (report["gitlab"]["problems"], report["gitlab"]["warnings"]) == ([], [])
    assert "token" not in caplog.text


async def test_a_token_near_its_end_and_of_too_low_a_role_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At the start in the log and in the health answer, which stays good: the bot still answers."""
    token = Token(None, expires_on=(T0 + timedelta(days=5)).date())
    async with scene("login", tmp_path, with_token(token, 30)) as play:
        status, report = await health(play.bot)

    near, role = report["gitlab"]["warnings"]
    assert (status, report["ok"]) == (200, True)
    assert "expires on 2026-11-25, in 4 days" in near
    assert "below Maintainer in shop/web" in role
    assert near in caplog.text
    assert role in caplog.text


@pytest.mark.parametrize("writes", ["on", "off"])
async def test_a_token_that_gitlab_does_not_accept_ends_the_start(writes: str, tmp_path: Path) -> None:
    """In one sentence that names it and says what to do, whether or not the bot was to write."""
    token = Token(None, expires_on=T0.date())
    options = replace(PROMPT, writes="on" if writes == "on" else "off")
    with pytest.raises(StartError, match=r"does not accept BACKTRACE_GITLAB_TOKEN \(401.*Make a new one"):
        async with scene("login", tmp_path, with_token(token), options):
            pass


async def test_a_token_that_ends_while_the_bot_runs_makes_it_unwell(tmp_path: Path) -> None:
    """From the minute on that GitLab will not take it any more, with what to do, and without asking GitLab."""
    token = Token(None, expires_on=(T0 + timedelta(days=1)).date())
    async with scene("login", tmp_path, with_token(token)) as play:
        before = await health(play.bot)
        asked = len(play.stage.gitlab.recorded)
        play.clock.forward(timedelta(days=1))
        status, report = await health(play.bot)

        assert before[0] == 200
        assert (status, report["ok"]) == (503, False)
        assert report["gitlab"]["problems"][0].startswith("GitLab's token expired on 2026-11-21. Make a new one")
        assert len(play.stage.gitlab.recorded) == asked


async def test_a_gitlab_that_is_down_does_not_keep_the_bot_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """That is an incident, and then the bot is wanted: it starts, and says what it could not ask."""
    clock = Clock(T0)
    async with set_up(told("login"), clock, QUICK) as stage:
        stage.gitlab.faults.add(Fault("*", "*", "502", times=1_000))
        async with bot_on(stage, tmp_path, clock, PROMPT) as bot:
            status, report = await health(bot)

    assert (status, report["ok"]) == (200, True)
    assert (report["gitlab"]["reached"], report["gitlab"]["looked_at"]) == (False, None)
    assert "GitLab could not be asked about the token: 502" in caplog.text
