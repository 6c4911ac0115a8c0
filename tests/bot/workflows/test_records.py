"""What DBOS keeps: nothing that must be hidden, nothing that runs when it is read, and not for ever."""

import base64
import json
import pickle
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS
from dbos import error as dbos_error

from bot.gitlab.client import GitLabRefused
from bot.slack.client import SlackError
from bot.workflows import forget_finished
from bot.workflows.durable import EXECUTOR, RELEASE, destroy, launch
from bot.workflows.records import JsonSerializer, StepFailedError, failed_of
from sandbox.gitlab import BOT_TOKEN
from sandbox.player import eventually
from tests.scenarios.looking import card_says, cards_in
from tests.scenarios.stage import scene

LONGEST_VALUE = 120


class Planted:
    """A pickle of this makes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@asynccontextmanager
async def steps_in(folder: Path) -> AsyncIterator[None]:
    launch(folder)
    try:
        yield
    finally:
        await destroy()


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "steps.sqlite")) as connection:
        return connection.execute(query).fetchall()


async def test_a_pickled_row_is_not_read(tmp_path: Path) -> None:
    """A run that somebody planted, whose column says that its argument is pickled: its code does not run."""
    proof = tmp_path / "ran"
    pickled = base64.b64encode(pickle.dumps({"args": (Planted(proof),), "kwargs": {}})).decode()
    pickle.loads(base64.b64decode(pickled))  # noqa: S301 - our own: it shows that reading this does run code
    assert proof.exists()
    proof.unlink()
    async with steps_in(tmp_path):
        pass
    plant(tmp_path, pickled)

    async with steps_in(tmp_path):
        await eventually("the planted run to be tried", lambda: _tried(tmp_path), 10)
        status = await DBOS.get_workflow_status_async("answer-planted")

    assert status is not None
    assert not proof.exists()


def plant(folder: Path, pickled: str) -> None:
    with closing(sqlite3.connect(folder / "steps.sqlite")) as connection:
        row = ("answer-planted", "PENDING", "answer_alert", EXECUTOR, RELEASE, "py_pickle")
        columns = "workflow_uuid, status, name, executor_id, application_version, serialization"
        connection.execute(f"INSERT INTO workflow_status ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)  # noqa: S608
        connection.execute(
            "INSERT INTO workflow_input (workflow_uuid, inputs) VALUES (?, ?)", ("answer-planted", pickled)
        )
        connection.commit()


async def _tried(folder: Path) -> bool:
    """Whether DBOS has taken the planted run up from its queue."""
    ((attempts,),) = rows(folder, "SELECT recovery_attempts FROM workflow_status WHERE name = 'answer_alert'")
    return bool(attempts)


@pytest.mark.parametrize("value", ["T0-C0-1.5", "", None, True, 0, ["a"], {"args": ["x"], "kwargs": {}}])
def test_values_come_back_as_they_were(value: Any) -> None:
    """Ids, words, and the arguments of a run."""
    serializer = JsonSerializer()

    assert serializer.deserialize(serializer.serialize(value)) == value


@pytest.mark.parametrize(
    ("error", "kind", "why"),
    [
        (GitLabRefused(403, "403: Forbidden"), "GitLabRefused", "GitLab: 403: Forbidden"),
        (SlackError("channel_not_found", permanent=True), "SlackError", "Slack: channel_not_found"),
        (ValueError("the alert says: SECRET"), "ValueError", "Backtrace itself failed (ValueError)."),
    ],
)
def test_an_error_is_the_same_live_and_from_its_record(error: Exception, kind: str, why: str) -> None:
    """A workflow that is replayed takes the same way; and what a foreign error says is not kept."""
    serializer = JsonSerializer()
    live = failed_of(error)
    exhausted = dbos_error.DBOSMaxStepRetriesExceeded("post_card", 3, [failed_of(OSError()), live])

    for raised in (error, live, exhausted):
        recorded = serializer.serialize(raised)
        read = serializer.deserialize(recorded)
        assert isinstance(read, StepFailedError)
        assert (read.kind, read.says) == (live.kind, live.says) == (kind, live.says)
        assert read.why.startswith(why)
        assert "SECRET" not in recorded


async def test_the_step_database_has_only_ids_and_small_words(tmp_path: Path) -> None:
    """After an alert, a question that is refused, an assignment, a dismissal and a rollback."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        tomas = play.stage.slack_id("tomas")
        await play.stage.slack.command(tomas, play.stage.alerts, "since yesterdayish the kiosk in Pune")
        await play.stage.slack.press(
            play.stage.slack_id("mara"), play.stage.alerts, (await play.player.card())["ts"], "backtrace:assign"
        )
        await card_says(play, "assigned Vani")
        for step in play.world.script:
            await play.player.play(step)
        await play.player.settled("resolved")

        data = tmp_path / "data"
        values = recorded_values(data)
        written = b"".join(path.read_bytes() for path in data.glob("steps.sqlite*")).decode(errors="replace")

    assert len(values) > 15
    assert max(len(value) for value in values) <= LONGEST_VALUE
    team = play.stage.team
    hidden = (BOT_TOKEN, team.bot_token, team.signing_secret, "LoginErrorRate", "login error", "TypeError", "session")
    for word in (*hidden, "Tighten", "Vani", "yesterdayish", "kiosk", "http://", "py_pickle"):
        assert word not in written, word


def recorded_values(data: Path) -> list[str]:
    """Every argument, result and error that DBOS has recorded."""
    queries = (
        "SELECT inputs FROM workflow_input",
        "SELECT output FROM operation_outputs",
        "SELECT error FROM operation_outputs",
        "SELECT output FROM workflow_output",
        "SELECT error FROM workflow_output",
        "SELECT output FROM workflow_status",
        "SELECT inputs FROM workflow_status",
    )
    values = [value for query in queries for (value,) in rows(data, query) if value is not None]
    for value in values:
        json.loads(value)
    return values


async def test_ended_runs_are_forgotten_after_their_time(tmp_path: Path) -> None:
    """With their steps, and without starting anything anew; what ended a moment ago stays."""
    async with scene("login", tmp_path) as play:
        data = tmp_path / "data"
        await play.player.fire()
        await play.player.card()
        await eventually("the end of the run", lambda: _ended(data), 10)
        now = datetime.now(UTC)

        assert await forget_finished(now - timedelta(days=30)) == 0
        assert await forget_finished(now + timedelta(minutes=1)) == 1
        await play.bot.inbox.take_up()

        assert rows(data, "SELECT count(*) FROM operation_outputs") == [(0,)]
        assert rows(data, "SELECT count(*) FROM workflow_status") == [(0,)]
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def _ended(data: Path) -> bool:
    return rows(data, "SELECT status FROM workflow_status") == [("SUCCESS",)]
