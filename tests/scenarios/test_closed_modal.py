"""Who has closed the modal by the time that the submit's check has an answer is told it all the same."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.gitlab import Fault
from sandbox.slack.draw import render_text
from tests.scenarios.looking import alert_card, card_says, id_of, one_line, ready_to_submit, shown_only_to
from tests.scenarios.stage import Scene, scene
from tests.scenarios.test_rolling_back import submitted


def another_went_live(play: Scene) -> None:
    state = play.stage.gitlab.state
    late = state.now() - timedelta(seconds=1)
    state.deployments[49700] = replace(state.deployments[49558], id=49700, iid=99, job_id=None, finished_at=late)


def may_no_more(play: Scene) -> None:
    play.stage.gitlab.state.levels["mara"] = 10


def gitlab_is_away(play: Scene) -> None:
    play.stage.gitlab.faults.add(Fault("GET", "/projects/*/jobs/*", "500", times=9999))
    play.stage.gitlab.faults.add(Fault("GET", "/projects/*/pipelines/*", "500", times=9999))


async def confirm_and_close(play: Scene, who: str) -> None:
    """Submit the modal, which is closed before anything answers."""
    view = await play.stage.slack.view_of(id_of(play, who))
    assert view is not None
    await play.stage.slack.close(id_of(play, who))
    await submitted(play, who, view)


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (another_went_live, "things have changed since you looked"),
        (may_no_more, "needs at least the role Developer"),
        (gitlab_is_away, "GitLab could not be asked"),
    ],
)
async def test_why_nothing_was_started_is_told_to_the_presser_alone(
    happens: object, words: str, tmp_path: Path
) -> None:
    """Without it they would take the rollback for one that runs."""
    assert callable(happens)
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        happens(play)
        await confirm_and_close(play, "mara")

        await shown_only_to(play, id_of(play, "mara"), "You asked for a rollback, and nothing was started", words)
        assert play.stage.gitlab.state.retries == []


async def test_of_what_began_the_card_tells_and_nobody_is_told_apart(tmp_path: Path) -> None:
    """The usual case: the modal is closed, and the rollback runs."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        await confirm_and_close(play, "mara")

        await card_says(play, "mara rolled production back")
        shown = await play.stage.slack.ephemerals(id_of(play, "mara"))
        assert [one_line(render_text(one)) for one in shown] == []
