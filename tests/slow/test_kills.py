"""kill -9 anywhere: after a restart the card stands once, and whatever was asked for happened once.

What happened is counted by the embedded parties, not by the bot.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.workflows.durable import STEPS
from sandbox.slack import Effect
from tests.slow.dying import Nursery, Play, open_nursery, set_stage
from tests.slow.stories import (
    ALERT,
    ASSIGN,
    CANCEL,
    CHECKS,
    DISMISS,
    FORWARD,
    GITOPS,
    JOINED,
    MENTION,
    PAGE,
    PARTED,
    PAUSED,
    QUESTION,
    RESOLVED,
    REVERT,
    ROLLBACK,
    SPLIT,
    STOP,
    STORIES,
    Story,
)

pytestmark = pytest.mark.slow

MOMENTS = ("before", "after", "recorded")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with open_nursery() as opened:
        yield opened


def test_every_step_is_killed() -> None:
    """A step that is new, or has another name now, needs a story in which the bot is killed in it."""
    assert {step for story in STORIES for step in story.steps} == STEPS


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(
    ("story", "step"),
    [pytest.param(story, step, id=f"{story.name}-{step}") for story in STORIES for step in story.steps],
)
async def test_killed_in_a_step(story: Story, step: str, moment: str, nursery: Nursery, tmp_path: Path) -> None:
    """Before the step, after its effect, and once its result is recorded."""
    async with set_stage(nursery, story.world, tmp_path, story.stage, story.bot) as play:
        await play.start(f"{moment}:{step}", breaks=story.breaks)
        await story.before(play)
        await story.happens(play)
        assert await play.was_killed()

        await play.start()
        await story.ends(play)


@pytest.mark.parametrize(
    ("story", "effect"),
    [
        pytest.param(story, effect, id=f"{story.name}-{effect}")
        for story, effect in (
            (ALERT, "chat.postMessage"),
            (QUESTION, "chat.postMessage"),
            (CHECKS, "views.update"),
            (ROLLBACK, "chat.update"),
            (ROLLBACK, "retry"),
            (FORWARD, "retry"),
            (GITOPS, "pipeline"),
            (STOP, "cancel"),
            (REVERT, "branch"),
            (REVERT, "revert"),
            (REVERT, "merge_request"),
            (CANCEL, "cancel"),
            (CANCEL, "retry"),
            (ASSIGN, "issue"),
            (ASSIGN, "issue_update"),
            (ASSIGN, "note"),
            (MENTION, "issue"),
            (MENTION, "chat.postMessage"),
            (PAGE, "graphql"),
            (DISMISS, "chat.update"),
            (RESOLVED, "chat.update"),
            (JOINED, "chat.postMessage"),
            (JOINED, "chat.update"),
            (PARTED, "chat.postMessage"),
            (SPLIT, "chat.postMessage"),
            (PAUSED, "chat.postMessage"),
        )
    ],
)
async def test_killed_by_an_effect(story: Story, effect: str, nursery: Nursery, tmp_path: Path) -> None:
    """The party has done what it was asked for, and the bot dies before it hears of it."""
    async with set_stage(nursery, story.world, tmp_path, story.stage, story.bot) as play:
        await play.start()
        await story.before(play)
        kill_at(play, effect)
        await story.happens(play)
        assert await play.was_killed()

        await play.start()
        await story.ends(play)


def kill_at(play: Play, effect: str) -> None:
    """Kill the bot the first time that a party has done this from now on."""
    waiting = [effect]

    def told(moment: str, name: str) -> None:
        if moment == "after" and name in waiting:
            waiting.remove(name)
            play.kill()

    def told_by_slack(done: Effect) -> None:
        told(done.phase, done.method)

    play.stage.gitlab.state.on_effect = told
    play.stage.slack.state.on_effect = told_by_slack


@pytest.mark.parametrize("retries", [(1.0, 1.0, 1.0), ()], ids=["Slack retries", "Slack has given up"])
async def test_killed_before_the_alert_was_kept(retries: tuple[float, ...], nursery: Nursery, tmp_path: Path) -> None:
    """Slack brings it again; and where it does not, the channel's history has it."""
    stage = replace(ALERT.stage, slack=replace(ALERT.stage.slack, retry_delays_s=retries))
    async with set_stage(nursery, ALERT.world, tmp_path, stage, ALERT.bot) as play:
        await play.start("keep:")
        await ALERT.happens(play)
        assert await play.was_killed()

        await play.start()
        await play.player.card()
        await play.stage.slack.settled()
        await ALERT.ends(play)


@pytest.mark.parametrize(
    ("story", "run"),
    [
        pytest.param(story, run, id=story.name)
        for story, run in (
            (ALERT, "alert"),
            (QUESTION, "question"),
            (CHECKS, "action"),
            (ROLLBACK, "rollback"),
            (ASSIGN, "action"),
            (MENTION, "action"),
            (DISMISS, "action"),
            (RESOLVED, "card"),
            (JOINED, "joined"),
            (SPLIT, "action"),
            (PAUSED, "pause"),
        )
    ],
)
async def test_killed_when_kept_and_not_started(story: Story, run: str, nursery: Nursery, tmp_path: Path) -> None:
    """Nothing but the row in the store knows of it."""
    async with set_stage(nursery, story.world, tmp_path, story.stage, story.bot) as play:
        await play.start(f"start:{run}")
        await story.before(play)
        await story.happens(play)
        assert await play.was_killed()

        await play.start()
        await story.ends(play)
