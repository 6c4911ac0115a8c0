"""How the steps are set up: one bot on its files, both in WAL, where SQLite is new enough, resumed after a stop."""

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.workflows.durable import UnsupportedSQLiteError, _check_sqlite
from bot.workflows.rolling_back import incident_of
from sandbox.gitlab import Fault
from sandbox.player import Player, eventually
from sandbox.slack.draw import render_text
from sandbox.stage import Stage, set_up
from sandbox.worlds import build
from sandbox.worlds.model import Step
from tests.scenarios.rows import count
from tests.scenarios.stage import PROMPT, QUICK, T0, Clock, bot_on, scene

HOURS = replace(QUICK, gitlab=replace(QUICK.gitlab, success_after=7200.0))


async def test_a_second_bot_on_the_same_files_is_refused(tmp_path: Path) -> None:
    """With the same executor id it would take over the steps that the first one is in: exit code 2, and why."""
    async with scene("login", tmp_path) as play:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve", "--config", str(tmp_path / "backtrace.toml")),
            env={**os.environ, **play.stage.environment()},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()

        assert process.returncode == 2
        assert "Backtrace can't start: Another Backtrace is running on" in said.decode()
        assert str(tmp_path / "data") in said.decode()


async def test_both_files_are_in_wal_and_survive_a_power_cut(tmp_path: Path) -> None:
    """Readers and the writer don't wait for each other, and what was kept before Slack's answer is on the disk."""
    async with scene("login", tmp_path) as play:
        for name in ("backtrace", "steps"):
            with closing(sqlite3.connect(tmp_path / "data" / f"{name}.sqlite")) as connection:
                assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        async with play.bot.house.store.database.reading() as connection:
            assert (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one() == 2


@pytest.mark.parametrize("python", [(3, 12), (3, 13)])
def test_an_old_sqlite_under_a_new_python_is_refused_in_words(python: tuple[int, int]) -> None:
    """Debian 12's SQLite is such a one: DBOS would fail later, with words that help nobody."""
    with pytest.raises(UnsupportedSQLiteError, match=r"SQLite 3\.40\.1, .* need 3\.42 or newer") as refused:
        _check_sqlite(python, (3, 40, 1))

    assert "Run it with Python 3.11" in str(refused.value)


@pytest.mark.parametrize(("python", "sqlite"), [((3, 11), (3, 40, 1)), ((3, 12), (3, 42, 0)), ((3, 13), (3, 46, 1))])
def test_what_is_new_enough_is_not_refused(python: tuple[int, int], sqlite: tuple[int, int, int]) -> None:
    """The old SQLite with Python 3.11, the new Python with a newer SQLite."""
    _check_sqlite(python, sqlite)


async def test_a_step_needs_the_house() -> None:
    """One that runs before the clients are there would otherwise fail somewhere inside, or find the wrong ones."""
    with pytest.raises(RuntimeError, match=r"before bind\(\)"):
        await incident_of("any")


async def test_a_bot_that_was_stopped_while_it_traced_goes_on(tmp_path: Path) -> None:
    """GitLab was slow, somebody stopped the bot: the next one answers, once."""
    clock = Clock(T0)
    async with set_up(build("login", T0, tmp_path / "world"), clock, QUICK) as stage:
        stage.gitlab.faults.add(Fault("GET", "/projects/*/deployments", "latency", seconds=30))
        player = Player(stage, wait_s=20)
        async with bot_on(stage, tmp_path, clock, PROMPT):
            await player.fire()
            await eventually("the trace", lambda: asked_for(stage, "/environments"), 10)
        assert stage.slack.state.written["chat.postMessage"] == 0
        stage.gitlab.faults.clear()

        async with bot_on(stage, tmp_path, clock, PROMPT):
            card = await player.card()

        assert "Likely culprit" in render_text(card)
        assert stage.slack.state.written["chat.postMessage"] == 1


async def test_a_run_whose_start_nobody_waits_for_any_more_runs(tmp_path: Path) -> None:
    """The steps' file was busy for longer than Slack waits. The run is on record by then, and must not lie there until
    the bot is started again: whoever starts it once more is told that it runs already."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        card = await play.player.card()
        incident = card["metadata"]["event_payload"]["incident"]
        with closing(sqlite3.connect(tmp_path / "data" / "steps.sqlite")) as busy:
            busy.execute("BEGIN IMMEDIATE")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await play.bot.inbox.start.card(incident, "busy")
            busy.rollback()

        await eventually("an end of the run", lambda: has_ended(tmp_path, f"card-{incident}-busy"), 10)


async def has_ended(folder: Path, run: str) -> bool:
    query = f"SELECT count(*) FROM workflow_status WHERE workflow_uuid = '{run}' AND status = 'SUCCESS'"  # noqa: S608
    return count(folder, "steps", query) == 1


async def asked_for(stage: Stage, path: str) -> bool:
    return any(path in exchange.request.path for exchange in stage.gitlab.recorded)


async def test_a_bot_that_was_stopped_while_it_followed_goes_on(tmp_path: Path) -> None:
    """A stop is no failure: nothing is written on the card, and the next bot says how the rollback ended."""
    clock = Clock(T0)
    patient = replace(PROMPT, bot="follow_for_s = 10000")
    async with set_up(build("login", T0, tmp_path / "world"), clock, HOURS) as stage:
        player = Player(stage, wait_s=20)
        async with bot_on(stage, tmp_path, clock, patient):
            await player.fire()
            await player.card()
            await player.play(Step("press", "mara", "roll_back"))
            await player.play(Step("submit", "mara"))
            await eventually("the retry", lambda: followed(stage), 20)
        card = await player.card()
        assert card["metadata"]["event_payload"]["state"] == "rolling_back"
        clock.forward(timedelta(hours=2))

        async with bot_on(stage, tmp_path, clock, patient):
            await player.settled("rolled_back")

        assert len(stage.gitlab.state.retries) == 1


async def followed(stage: Stage) -> bool:
    """Whether the bot has looked at the new deployment."""
    return any(
        exchange.request.path.endswith(f"/deployments/{retry.deployment_id}")
        for retry in stage.gitlab.state.retries
        for exchange in stage.gitlab.recorded
    )
