"""Lost answers and outages at the parties, while cards are posted and things are done: each took effect once.

What happened is counted by the embedded parties, not by the bot.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.gitlab import Fault
from sandbox.player import eventually
from sandbox.slack import Fault as SlackFault
from sandbox.slack.draw import render_text
from sandbox.worlds.model import Step
from tests.scenarios.looking import card_says, cards_in, has_submit, modal_says, one_line
from tests.scenarios.stage import QUICK, Scene, scene

ALWAYS = 100_000
PRESS = Step("press", "mara", "roll_back")
SUBMIT = Step("submit", "mara")


async def submitted(play: Scene) -> None:
    await play.player.fire()
    await play.player.card()
    await play.player.play(PRESS)
    await play.player.play(SUBMIT)


def break_after_retry(play: Scene, fault: Fault) -> None:
    """Let the fault begin as soon as GitLab has retried the job."""
    gitlab = play.stage.gitlab

    def on_effect(moment: str, name: str) -> None:
        if (moment, name) == ("after", "retry"):
            gitlab.faults.add(fault)

    gitlab.state.on_effect = on_effect


async def refused_looks(play: Scene, *, at_least: int) -> None:
    """Returns once GitLab has spoiled so many requests."""

    async def look() -> bool:
        return sum(1 for exchange in play.stage.gitlab.recorded if exchange.fault) >= at_least

    await eventually("GitLab's outage to be noticed", look, 20)


@pytest.mark.parametrize("lag_s", [0.0, 2.5])
async def test_a_card_whose_answer_got_lost_is_not_posted_again(lag_s: float, tmp_path: Path) -> None:
    """Also when Slack's history has it only some seconds later."""
    slow = replace(QUICK, slack=replace(QUICK.slack, history_lag_s=lag_s))
    async with scene("login", tmp_path, slow) as play:
        play.stage.slack.faults.add(SlackFault("chat.postMessage", "took_effect_then_reset"))
        await play.player.fire()
        await eventually("the edit of the card that was found", lambda: _written(play, "chat.update"), 20)

        assert play.stage.slack.state.written["chat.postMessage"] == 1
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def _written(play: Scene, method: str) -> int:
    return play.stage.slack.state.written[method]


@pytest.mark.parametrize("kind", ["429", "500"])
async def test_a_card_that_slack_would_not_edit_ends_right(kind: Any, tmp_path: Path) -> None:
    """Edits on the way may get lost; the last one is tried until it stands, and the rollback waits for none."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        play.stage.slack.faults.add(SlackFault("chat.update", kind, times=6, seconds=1))
        await play.player.play(PRESS)
        await play.player.play(SUBMIT)

        card = await play.player.settled("rolled_back")
        assert "deployment" in render_text(card)
        assert len(play.stage.gitlab.state.retries) == 1


@pytest.mark.parametrize("kind", ["took_effect_then_reset", "malformed"])
async def test_a_retry_whose_answer_got_lost_is_not_sent_again(kind: Any, tmp_path: Path) -> None:
    """GitLab is asked for the job instead, and that job is followed."""
    async with scene("login", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/retry", kind))
        await submitted(play)
        await play.player.settled("rolled_back")

        assert len(play.stage.gitlab.state.retries) == 1


async def test_a_retry_that_never_arrived_is_not_claimed(tmp_path: Path) -> None:
    """The answer is lost and no job is there: the card says that nobody knows, and where to look."""
    async with scene("login", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/retry", "reset"))
        await submitted(play)

        assert "GitLab did not say whether the job was started" in one_line(
            render_text(await play.player.settled("rollback_failed"))
        )
        assert play.stage.gitlab.state.retries == []


async def test_an_outage_right_after_the_retry_is_waited_out(tmp_path: Path) -> None:
    """The answer is lost and GitLab is gone: once it is back the job is found and followed."""
    async with scene("login", tmp_path) as play:
        gitlab = play.stage.gitlab
        break_after_retry(play, Fault("*", "*", "502", times=ALWAYS))
        gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/retry", "took_effect_then_reset"))
        await submitted(play)
        await refused_looks(play, at_least=8)
        gitlab.faults.clear()

        await play.player.settled("rolled_back")
        assert len(gitlab.state.retries) == 1


async def test_a_rollback_is_followed_through_an_outage_of_minutes(tmp_path: Path) -> None:
    """GitLab is gone for 20 minutes while it rolls back; the card tells how it ended once it can be seen."""
    async with scene("login", tmp_path) as play:
        gitlab = play.stage.gitlab
        break_after_retry(play, Fault("*", "*", "502", times=ALWAYS))
        await submitted(play)
        await refused_looks(play, at_least=4)
        play.clock.forward(timedelta(minutes=20))
        await refused_looks(play, at_least=12)
        gitlab.faults.clear()

        await play.player.settled("rolled_back")
        assert len(gitlab.state.retries) == 1


async def test_an_outage_without_an_end_is_said(tmp_path: Path) -> None:
    """After the hour that the settings name nobody follows any more, and the card says why and where to look."""
    async with scene("login", tmp_path) as play:
        break_after_retry(play, Fault("*", "*", "502", times=ALWAYS))
        await submitted(play)
        await refused_looks(play, at_least=4)
        play.clock.forward(timedelta(minutes=61))

        card = await play.player.settled("rollback_failed")
        said = one_line(render_text(card))
        assert "could not be followed any more: GitLab" in said
        assert "Look at it in GitLab" in said


async def test_an_incident_whose_answer_got_lost_is_opened_once(tmp_path: Path) -> None:
    """It is found by its hidden mark: one incident, one note, assigned."""
    async with scene("login", tmp_path) as play:
        gitlab = play.stage.gitlab
        gitlab.faults.add(Fault("POST", "/projects/*/issues", "took_effect_then_reset"))
        gitlab.faults.add(Fault("POST", "/projects/*/issues/*/notes", "took_effect_then_reset"))
        await play.player.fire()
        await play.player.card()
        await play.player.play(Step("press", "mara", "assign"))

        assert "assigned" in await card_says(play, "assigned Vani")
        assert len(gitlab.state.incidents) == 1
        assert len(gitlab.state.incidents[0].notes) == 1


async def test_a_press_that_gitlab_would_not_follow_is_told_on_the_card(tmp_path: Path) -> None:
    """In GitLab's words, not in the names of our errors."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        play.stage.gitlab.faults.add(Fault("*", "/projects/*/issues*", "502", times=ALWAYS))
        await play.player.play(Step("press", "mara", "assign"))

        assert "tried to assign, without success: GitLab" in await card_says(play, "tried to assign")


async def test_checks_that_can_not_be_shown_do_not_stay_at_checking(tmp_path: Path) -> None:
    """Slack refuses the modal three times: the presser is told that nothing was started, and the press is ended."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        play.stage.slack.faults.add(SlackFault("views.update", "500", times=3))
        await play.player.play(PRESS)

        await modal_says(play, "mara", "did not start a rollback", "Press the button on the card again")
        assert not await has_submit(play, "mara")
        assert play.stage.gitlab.state.retries == []
        await no_press_open(play)


async def no_press_open(play: Scene) -> None:
    """Until every press is ended: that is noted a moment after its modal says so."""

    async def look() -> bool:
        return await play.bot.house.store.actions.unfinished() == ()

    await eventually("the end of the press", look)
