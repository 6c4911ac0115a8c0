"""Alerts in bad hours: GitLab is down, slow, busy or closed; the store is locked; the bot was not there."""

import json
import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.gitlab import Fault, FaultKind
from sandbox.player import Player, facts_of
from sandbox.slack.draw import render_text
from sandbox.stage import set_up
from sandbox.worlds.model import Step, World
from tests.scenarios.looking import card_says, cards_in, one_line, written_by_bot
from tests.scenarios.stage import PROMPT, QUICK, T0, Clock, Scene, bot_on, scene, told

ALWAYS = 100_000
SECRET = "Vault keys of the back office leaked"


async def test_an_alert_from_while_the_bot_was_down_gets_its_card(tmp_path: Path) -> None:
    """Slack has given up on it; the bot reads it from the channel's history, and the card says that it is late."""
    clock = Clock(T0)
    async with set_up(told("login"), clock, QUICK) as stage:
        player = Player(stage, wait_s=20)
        async with bot_on(stage, tmp_path, clock, PROMPT):
            pass  # from its first start on it answers for the channel
        await player.fire()
        await stage.slack.courier.settled()
        assert [lost.payload["event"]["ts"] for lost in stage.slack.courier.lost] == [player.alert_ts]
        clock.forward(timedelta(minutes=12))

        async with bot_on(stage, tmp_path, clock, PROMPT):
            card = await player.card()

        assert facts_of(card)["culprit"] == "!45"
        assert "This card came late: 12 min after the alert" in one_line(render_text(card))


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("502", "502: an empty answer"),
        ("500", "500: 500 Internal Server Error"),
        ("reset", "the connection broke"),
        ("403", "403: 403 Forbidden"),
    ],
)
async def test_without_gitlab_the_card_says_that_the_trace_failed(
    kind: FaultKind, why: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer all the same: which service, which GitLab, why, and how to ask again; and a line in the log."""
    async with scene("login", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("*", "*", kind, times=ALWAYS))
        await play.player.fire()

        did = "did not let Backtrace read" if kind == "403" else "does not answer"
        failed = f"The trace of web failed: GitLab ({play.stage.gitlab.url}) {did}: {why}"
        said = await card_says(play, failed, "lists the deployments of web")
        assert "Ask again with `/backtrace web production LoginErrorRateHigh" in said
        assert re.search(r"the trace for incident \S+ failed: GitLab \(", caplog.text)
        assert "LoginErrorRateHigh" not in caplog.text


@pytest.mark.parametrize(
    ("path", "kind", "gap"),
    [
        ("/projects/*/merge_requests/*/diffs", "429", "diff of"),
        ("/projects/*/merge_requests/*/diffs", "403", "the token may not read it"),
        ("/projects/*/repository/compare", "500", "commits of deployment"),
        ("/projects/*/merge_requests/*/closes_issues", "403", "work items of"),
        ("/projects/*/merge_requests/*/closes_issues", "latency", "timed out"),
        ("/projects/*/merge_requests/*/closes_issues", "404", "not found, or the token may not see it"),
        ("/projects/*/merge_requests/*/closes_issues", "410", "gone"),
        ("/projects/*/merge_requests/*/closes_issues", "malformed", "GitLab's answer has an unexpected form"),
    ],
)
async def test_what_gitlab_does_not_tell_stands_on_the_card_as_a_gap(
    path: str, kind: FaultKind, gap: str, tmp_path: Path
) -> None:
    """Busy, forbidden, broken or slow in one place: the rest is traced, and the card says what could not be read."""
    impatient = replace(PROMPT, gitlab="timeout_s = 0.2")
    async with scene("login", tmp_path, bot_options=impatient if kind == "latency" else PROMPT) as play:
        play.stage.gitlab.faults.add(Fault("GET", path, kind, times=ALWAYS))
        await play.player.fire()

        said = await card_says(play, "Could not be read", gap)
        assert "!45 Tighten session expiry" in said


@pytest.mark.parametrize(
    ("seconds", "why"),
    [(1, "waited 1 s for GitLab's rate limit"), (60, "rate limited by GitLab")],
)
async def test_a_card_says_what_gitlabs_limit_cost_it(seconds: int, why: str, tmp_path: Path) -> None:
    """A short "later" is waited for, and nothing is missing; a long one is not, and costs what it kept back."""
    async with scene("login", tmp_path) as play:
        path = "/projects/*/merge_requests/45/closes_issues"
        play.stage.gitlab.faults.add(Fault("GET", path, "429", seconds=seconds))
        await play.player.fire()

        said = await card_says(play, "Could not be read", why)
        assert "!45 Tighten session expiry" in said
        assert ("work items of" in said) == (seconds == 60)


def with_a_secret(world: World) -> World:
    """The culprit closes a confidential work item."""
    issues = (replace(issue, title=SECRET, description=SECRET, confidential=True) for issue in world.issues[:1])
    return replace(world, issues=(*issues, *world.issues[1:]))


async def test_a_confidential_work_item_stays_in_gitlab(tmp_path: Path) -> None:
    """Neither Slack nor the bot's files nor the incident's note have a word of it, though the culprit closes it."""
    async with scene("login", tmp_path, change=with_a_secret) as play:
        await play.player.fire()
        await play.player.card()
        await play.player.play(Step("press", "kim", "assign"))
        await card_says(play, "Likely culprit: !45", "assigned Vani Raghavan")
        await play.player.play(Step("press", "mara", "roll_back"))
        await play.player.play(Step("submit", "mara"))
        await card_says(play, "Rolled back")

        assert "Vault keys" not in json.dumps(play.stage.slack.state.messages)
        assert b"Vault keys" not in written_by_bot(play.folder)
        (incident,) = play.stage.gitlab.state.incidents
        assert "Vault keys" not in incident.description + "".join(note.body for note in incident.notes)


async def test_what_could_not_be_kept_is_refused_and_comes_again(tmp_path: Path) -> None:
    """While something holds the database, Slack is answered 500; its next try is kept, and gets the card."""
    async with scene("login", tmp_path) as play:
        holder = sqlite3.connect(tmp_path / "data" / "backtrace.sqlite")
        holder.execute("BEGIN IMMEDIATE")
        await play.player.fire()
        await play.stage.slack.until(lambda: 500 in answers(play), seconds=10)
        holder.rollback()
        holder.close()

        await play.player.card()

        await play.stage.slack.courier.settled()
        assert answers(play)[-1] == 200
        assert len(await cards_in(play, play.stage.alerts)) == 1


def answers(play: Scene) -> list[int]:
    return [exchange.status for exchange in play.stage.slack.recorded if exchange.name == "events_api"]
