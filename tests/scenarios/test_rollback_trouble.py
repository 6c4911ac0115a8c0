"""Rollbacks that go wrong: refused by GitLab, overtaken by somebody, answered by silence, or failing by themselves."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from sandbox.gitlab import Fault
from sandbox.gitlab.deploying import retry
from sandbox.gitlab.records import Job
from sandbox.player import eventually, facts_of
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    confirm,
    has_submit,
    modal_says,
    press,
    ready_to_submit,
    roll_back,
)
from tests.scenarios.stage import QUICK, Scene, scene

RETRY = "/projects/*/jobs/*/retry"
HIDDEN_FORWARD_ONLY = replace(
    QUICK, gitlab=replace(QUICK.gitlab, rollback_allowed=False, shows_forward_deployment=False)
)


def target_job(play: Scene) -> Job:
    """The job of the login world's rollback target."""
    job_id = play.stage.gitlab.state.deployments[49519].job_id
    assert job_id is not None
    return play.stage.gitlab.state.jobs[job_id]


async def is_failed(play: Scene, *words: str) -> None:
    """The card says that it failed, and offers to try again."""
    await card_says(play, "The rollback did not succeed.", *words)
    card = await play.player.card()
    assert facts_of(card)["state"] == "rollback_failed"
    assert buttons_of(card).keys() >= {"roll_back"}


async def test_an_archived_job_is_passed_over(tmp_path: Path) -> None:
    """GitLab never retries it: the card goes further back, and says why it is not the nearest one."""
    async with scene("login", tmp_path) as play:
        target_job(play).archived = True
        card = await alert_card(play)

        assert facts_of(card)["target"] == "49451"
        await card_says(play, "Deployment 49519 (2e670f91) would be nearer, but its job is archived")


async def test_a_job_that_is_archived_before_the_submit_opens_the_modal_again(tmp_path: Path) -> None:
    """Another target undoes more: its own list of changes is shown, and nothing is retried without a new submit."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        target_job(play).archived = True

        await confirm(play, "mara")

        await modal_says(play, "mara", "This deploys deployment 49451", "It takes 11 changes away", "!43 Search")
        assert await has_submit(play, "mara")
        assert play.stage.gitlab.state.retries == []


async def test_a_retry_that_gitlab_refuses_is_told(tmp_path: Path) -> None:
    """The project allows no older deployments and does not say so: the card tells GitLab's refusal, nothing hangs."""
    async with scene("login", tmp_path, HIDDEN_FORWARD_ONLY) as play:
        await alert_card(play)
        await roll_back(play, "mara")

        await is_failed(play, "GitLab refused to retry the job", "403")
        assert play.stage.gitlab.state.retries == []


async def test_a_job_that_somebody_retried_before_the_submit_is_left_alone(tmp_path: Path) -> None:
    """Their retry runs: the submit starts no second one, and the modal says so."""
    async with scene("login", tmp_path, replace(QUICK, gitlab=replace(QUICK.gitlab, success_after=3600.0))) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        state = play.stage.gitlab.state
        retry(state, target_job(play), state.users["tomas"])

        await confirm(play, "mara")

        await modal_says(play, "mara", "did not start a rollback", "somebody has started it already")
        assert [one.by for one in state.retries] == ["tomas"]
        assert buttons_of(await play.player.card()).keys() >= {"roll_back"}


async def test_a_job_that_somebody_retries_at_the_same_moment_is_followed(tmp_path: Path) -> None:
    """GitLab refuses ours, as theirs was first; theirs brings back the old version, and the card says so."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        play.stage.gitlab.faults.add(Fault("POST", RETRY, "latency", seconds=2))
        await confirm(play, "mara")
        await card_says(play, "Rolling back…")

        state = play.stage.gitlab.state
        retry(state, target_job(play), state.users["tomas"])

        await card_says(play, "Rolled back.")
        assert [one.by for one in state.retries] == ["tomas"]


async def test_a_lost_answer_starts_no_second_retry(tmp_path: Path) -> None:
    """GitLab did it and the connection broke: the new job is found and followed."""
    async with scene("login", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", RETRY, "took_effect_then_reset"))
        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "Rolled back.")
        assert len(play.stage.gitlab.state.retries) == 1


async def test_an_error_without_an_effect_is_told_and_can_be_tried_again(tmp_path: Path) -> None:
    """GitLab answered 500 and did nothing: nothing is repeated blindly; a person's next press goes through."""
    async with scene("login", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", RETRY, "500"))
        await alert_card(play)
        await roll_back(play, "mara")

        await is_failed(play, "GitLab did not say whether the job was started")
        assert play.stage.gitlab.state.retries == []
        await play.stage.slack.close(play.stage.slack_id("mara"))
        await roll_back(play, "kim")
        await card_says(play, "Rolled back.", "kim rolled production back")
        assert len(play.stage.gitlab.state.retries) == 1


async def test_a_deployment_that_fails_is_told_and_can_be_tried_again(tmp_path: Path) -> None:
    """The old version did not come up: the card says how it ended and offers another try, which works."""
    async with scene("login", tmp_path) as play:
        state = play.stage.gitlab.state
        state.retries_end = "failed"
        await alert_card(play)
        await roll_back(play, "mara")

        await is_failed(play, "mara tried a rollback of production; its deployment ended as failed")
        state.retries_end = "success"
        await play.stage.slack.close(play.stage.slack_id("mara"))
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.")
        assert len(state.retries) == 2


async def test_gitlab_may_be_away_while_the_deployment_runs(tmp_path: Path) -> None:
    """The rollback goes on in GitLab, and the card tells how it ended once GitLab answers again."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        play.stage.gitlab.faults.add(Fault("GET", "/projects/*/deployments/*", "502", times=12))
        await roll_back(play, "mara")

        await card_says(play, "Rolled back.")
        assert len(play.stage.gitlab.state.retries) == 1


def once_retried(play: Scene, then: Callable[[], None]) -> None:
    """Let something happen as soon as GitLab has retried the job."""

    def on_effect(moment: str, name: str) -> None:
        if (moment, name) == ("after", "retry"):
            then()

    play.stage.gitlab.state.on_effect = on_effect


async def test_a_token_that_may_not_look_for_a_while_ends_no_rollback(tmp_path: Path) -> None:
    """GitLab refuses the looks while its job runs, and shows it later: the card tells how it ended."""
    async with scene("login", tmp_path) as play:
        refused = Fault("GET", "/projects/*/deployments*", "403", times=12)
        once_retried(play, lambda: play.stage.gitlab.faults.add(refused))
        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "Rolled back.")
        assert sum(1 for one in play.stage.gitlab.recorded if one.fault == "403") == 12


async def test_what_can_not_be_followed_any_more_is_not_called_a_failure(tmp_path: Path) -> None:
    """The job is known and runs; its deployment is gone from what GitLab shows: the card sends people there."""
    async with scene("login", tmp_path) as play:
        gone = Fault("GET", "/projects/*/deployments*", "404", times=99)
        once_retried(play, lambda: play.stage.gitlab.faults.add(gone))
        await alert_card(play)
        await roll_back(play, "mara")

        said = await card_says(play, "which could not be followed any more: GitLab: 404", "Look at it in GitLab")
        assert "without success" not in said


async def test_a_card_that_can_not_be_drawn_ends_no_rollback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the drawing while both legs run: both are followed to their end."""
    async with scene("regions", tmp_path) as play:

        async def drawing(*_args: Any) -> None:
            raise ValueError("no such block")

        card = await alert_card(play)
        await ready_to_submit(play, "mara")
        monkeypatch.setattr(play.bot.house.poster, "update_card", drawing)
        await confirm(play, "mara")

        async def are_back() -> bool:
            legs = await play.bot.house.store.rollbacks.of(card["metadata"]["event_payload"]["incident"])
            return len(legs) == 2 and {leg.status for leg in legs} == {"success"}

        await eventually("both legs at their end", are_back, 20)


async def test_a_rollback_of_a_running_deployment_cancels_it_first(tmp_path: Path) -> None:
    """The modal says so; then cancel and retry, each once and in this order."""
    async with scene("rolling", tmp_path) as play:
        card = await alert_card(play)
        assert "Cancel deployment" in buttons_of(card)["roll_back"]["text"]["text"]
        await ready_to_submit(play, "mara")
        await modal_says(play, "mara", "is being rolled out", "This cancels it, and deploys deployment")
        await confirm(play, "mara")

        await card_says(play, "Rolled back.")
        asked = [exchange.request for exchange in play.stage.gitlab.recorded]
        posted = [one.path.rpartition("/")[2] for one in asked if one.method == "POST" and "/jobs/" in one.path]
        assert posted == ["cancel", "retry"]
        assert play.stage.gitlab.state.effects["cancel"] == 1


@pytest.mark.parametrize("moment", ["press", "submit"])
async def test_what_can_not_be_read_refuses(moment: str, tmp_path: Path) -> None:
    """What still runs is not listed: nobody can tell what must be cancelled, so nothing is offered or started."""
    unlisted = Fault("GET", "/projects/*/deployments", "500", times=9999, holds="status=running")
    async with scene("rolling", tmp_path) as play:
        await alert_card(play)
        if moment == "submit":
            await ready_to_submit(play, "mara")
        play.stage.gitlab.faults.add(unlisted)
        await (confirm(play, "mara") if moment == "submit" else press(play, "mara", "roll_back"))

        await modal_says(play, "mara", "did not start a rollback", "running deployments")
        assert not await has_submit(play, "mara")
        state = play.stage.gitlab.state
        assert (state.effects["cancel"], state.retries) == (0, [])


async def test_a_cancel_that_gitlab_refuses_starts_nothing(tmp_path: Path) -> None:
    """The suspect's deployment would go live after the rollback: so the card says that it failed instead."""
    async with scene("rolling", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/cancel", "403", times=9))
        await alert_card(play)
        await roll_back(play, "mara")

        await is_failed(play, "without success")
        assert play.stage.gitlab.state.retries == []


def fails_once(save: Callable[..., Awaitable[None]], name: str) -> Callable[..., Awaitable[None]]:
    """The store's ``save``, which finds its file locked the first time that it is to keep ``name``."""
    left = [OperationalError("UPDATE rollbacks", {}, Exception("database is locked"))]

    async def saving(rollback_id: str, **values: Any) -> None:
        if values.get(name) is not None and left:
            raise left.pop()
        await save(rollback_id, **values)

    return saving


@pytest.mark.parametrize(
    ("world", "name", "effect"), [("login", "job_id", "retry"), ("gitops", "pipeline_id", "pipeline")]
)
async def test_a_file_that_is_locked_after_the_start_loses_nothing(
    world: str, name: str, effect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitLab has begun it, and its number could not be kept: it is looked for, followed, and started once."""
    async with scene(world, tmp_path) as play:
        rollbacks = play.bot.house.store.rollbacks
        await alert_card(play)
        await ready_to_submit(play, "mara")
        monkeypatch.setattr(rollbacks, "save", fails_once(rollbacks.save, name))
        await confirm(play, "mara")

        await card_says(play, "Rolled back.")
        assert play.stage.gitlab.state.effects[effect] == 1


async def test_a_retry_that_fails_after_a_cancel_tells_of_the_cancel(tmp_path: Path) -> None:
    """Production is now without what was being deployed: the card must not look as if nothing had been done."""
    async with scene("rolling", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", RETRY, "403"))
        await alert_card(play)
        await roll_back(play, "mara")

        await is_failed(play, "GitLab refused to retry the job", "the deployment that still ran there was cancelled")


async def test_not_enough_evidence_offers_the_last_deployment_and_says_what_that_is_worth(tmp_path: Path) -> None:
    """From the menu only, with the words "not shown to be the cause" there and in the modal."""
    async with scene("login", tmp_path) as play:
        mara = play.stage.slack_id("mara")
        await play.stage.slack.command(mara, play.stage.alerts, "login errors")

        async def look() -> str:
            messages = await play.stage.slack.messages(play.stage.alerts)
            return next((str(one["ts"]) for one in messages if "metadata" in one), "")

        ts = await eventually("a card", look, 10)
        drawn = await card_says(play, "Not enough evidence yet", ts=ts)
        assert "Roll back the last deployment (not shown to be the cause)" in drawn
        assert "[Roll back]" not in drawn
        await play.stage.slack.press(mara, play.stage.alerts, ts, "backtrace:more", "roll_back_last")
        await modal_says(play, "mara", "Not shown to be the cause.", "deployment 49519")
        await confirm(play, "mara")

        await card_says(play, "Rolled back.", ts=ts)
        assert len(play.stage.gitlab.state.retries) == 1
