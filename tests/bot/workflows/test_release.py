"""A run that an earlier release has left in the middle goes on in this one."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.player import Player, facts_of
from sandbox.stage import Stage, set_up
from sandbox.worlds import build
from tests.bot.workflows.record_release import DATA, FILES
from tests.scenarios.stage import PROMPT, QUICK, T0, Clock, bot_on

RELEASES = tuple(sorted(DATA.glob("release-*")))


def test_there_is_a_recording() -> None:
    """Without one the next test would prove nothing."""
    assert "release-0.1.0" in {release.name for release in RELEASES}


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
async def test_a_run_of_an_earlier_release_goes_on(release: Path, tmp_path: Path) -> None:
    """It was traced and not answered: the card is posted once, from what that release wrote, and its buttons act."""
    clock = Clock(T0)
    data = tmp_path / "data"
    data.mkdir()
    for name in FILES:
        shutil.copyfile(release / f"{name}.db", data / f"{name}.sqlite")
    async with set_up(build("login", T0, tmp_path / "world"), clock, QUICK) as stage:
        player = Player(stage, wait_s=20)
        player.alert_ts = repost(stage, data)
        async with bot_on(stage, tmp_path, clock, PROMPT):
            assert facts_of(await player.card())["culprit"] == "!45"
            for step in stage.world.script:
                await player.play(step)
            await player.settled("resolved")

        assert ran(data) == ["may_answer_here", "trace_incident", "post_card", "find_paper"]
        assert stage.slack.state.written["chat.postMessage"] == 1
        assert len(stage.gitlab.state.retries) == 1


def repost(stage: Stage, data: Path) -> str:
    """Put the alert into the channel where the recording has it; its ``ts``."""
    with closing(sqlite3.connect(data / "backtrace.sqlite")) as connection:
        (ts,) = connection.execute("SELECT thread_ts FROM incidents").fetchone()
    firing = {"type": "message", "bot_id": "B0HOOK0001", "subtype": "bot_message", **stage.world.alert.firing}
    stage.slack.state.in_channel(stage.alerts).append({**firing, "ts": ts})
    return str(ts)


def ran(data: Path) -> list[str]:
    """The steps of the answer as they are recorded: those of the earlier release did not run again."""
    query = "SELECT function_name FROM operation_outputs WHERE workflow_uuid LIKE 'answer-%' ORDER BY function_id"
    with closing(sqlite3.connect(data / "steps.sqlite")) as connection:
        return [name for (name,) in connection.execute(query)]
