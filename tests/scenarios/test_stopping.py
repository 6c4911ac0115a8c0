""" "Stop": the job that runs is cancelled as the presser, what has not begun does not begin, and the card says who."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.workflows.confirming import GOING
from bot.workflows.halting import SENDING
from bot.workflows.stopping import ask_to_stop
from bot.workflows.turns import turn
from sandbox.gitlab import Fault
from sandbox.player import eventually, facts_of
from sandbox.slack import Fault as SlackFault
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    confirm,
    modal_says,
    press,
    press_on,
    ready_to_submit,
    roll_back,
    shown_only_to,
)
from tests.scenarios.stage import QUICK, Scene, scene
from tests.scenarios.test_legs import EU, UNMOVED, US, both_retried

LONG = replace(QUICK, gitlab=replace(QUICK.gitlab, success_after=3600.0))


def posted(play: Scene, what: str) -> int:
    """How many such writes reached GitLab."""
    asked = [exchange.request for exchange in play.stage.gitlab.recorded]
    return sum(1 for one in asked if one.method == "POST" and one.path.endswith(f"/{what}"))


async def asked_to_cancel(play: Scene) -> bool:
    return posted(play, "cancel") > 0


async def test_a_rollback_that_runs_is_stopped(tmp_path: Path) -> None:
    """Its job is cancelled, once; the card says who stopped it and what is live, and offers the rollback again."""
    async with scene("login", tmp_path, LONG) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")
        stop = buttons_of(await play.player.card())["stop"]
        await press(play, "kim", "stop")

        said = await card_says(play, "The rollback was stopped.", "mara started a rollback of production, which kim")
        assert stop["confirm"]["title"]["text"] == "Stop the rollback?"
        assert "kim stopped. Live: deployment 49558 (" in said
        assert "What its job had changed by then stays" in said
        assert play.stage.gitlab.state.effects["cancel"] == 1
        card = await play.player.card()
        assert facts_of(card)["state"] == "rollback_stopped"
        assert "stop" not in buttons_of(card)
        await play.stage.slack.close(play.stage.slack_id("mara"))
        await press(play, "mara", "roll_back")
        await modal_says(play, "mara", "This deploys deployment 49519")


async def test_what_has_not_begun_is_not_begun(tmp_path: Path) -> None:
    """The suspect's deployment is still being cancelled when somebody presses "Stop": nothing is retried."""
    async with scene("rolling", tmp_path) as play:
        await alert_card(play)
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/cancel", "latency", seconds=2))
        await roll_back(play, "mara")
        await card_says(play, "Rolling back…", "[Stop]")
        await press(play, "kim", "stop")

        said = await card_says(play, "The rollback was stopped.", "which kim stopped before it began")
        assert "Before that the deployment that still ran there was cancelled (job" in said
        assert play.stage.gitlab.state.retries == []
        assert play.stage.gitlab.state.effects["cancel"] == 1


async def test_a_stop_before_the_first_cancel_cancels_nothing(tmp_path: Path) -> None:
    """The word is there before the leg's own run has begun: the deployment that runs goes on, and the card is true."""
    async with scene("rolling", tmp_path) as play:
        card = await alert_card(play)
        await ready_to_submit(play, "mara")
        play.stage.slack.faults.add(SlackFault("chat.update", "latency", seconds=3))
        await confirm(play, "mara")
        rollbacks = play.bot.house.store.rollbacks

        async def begun() -> str:
            legs = await rollbacks.of(card["metadata"]["event_payload"]["incident"])
            return legs[0].press_id if legs and legs[0].status == GOING else ""

        await rollbacks.ask_to_stop(await eventually("a leg that is begun", begun, 10), play.stage.slack_id("kim"))

        said = await card_says(play, "The rollback was stopped.", "which kim stopped before it began")
        assert "was cancelled" not in said
        assert posted(play, "cancel") == 0


async def test_a_stop_during_the_last_look_before_the_retry_is_seen(tmp_path: Path) -> None:
    """GitLab is slow to show the job's newest attempt, and somebody presses "Stop" by then: nothing is retried."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        slow = Fault("GET", "/projects/*/pipelines/*/jobs", "latency", times=9, seconds=3)
        play.stage.gitlab.faults.add(slow)
        await confirm(play, "mara")
        await card_says(play, "Rolling back…", "[Stop]")
        await press(play, "kim", "stop")

        await card_says(play, "The rollback was stopped.", "which kim stopped before it began")
        assert posted(play, "retry") == 0


@pytest.mark.parametrize("had_sent", [False, True], ids=["in its turn", "after a death"])
async def test_a_pipeline_that_was_stopped_before_its_turn_is_not_started(tmp_path: Path, had_sent: bool) -> None:  # noqa: FBT001
    """Its leg waits until another one is through, or goes on after the bot died while sending: it looks, and sends
    nothing."""
    async with scene("gitops", tmp_path) as play:
        card = await alert_card(play)
        rollbacks = play.bot.house.store.rollbacks
        async with turn(f"pipeline-{play.world.project.path}"):
            await roll_back(play, "mara")
            await card_says(play, "Rolling back…", "[Stop]")
            (leg,) = await rollbacks.of(card["metadata"]["event_payload"]["incident"])
            if had_sent:
                sent = {"before_pipeline_id": max(play.stage.gitlab.state.pipelines), "before_deployment_id": 0}
                long_ago = play.clock() - timedelta(minutes=2)
                await rollbacks.save(leg.id, status=SENDING, sent_at=long_ago, **sent)
            await press(play, "kim", "stop")

            async def is_asked() -> bool:
                return bool((await rollbacks.get(leg.id)).stopped_by)

            await eventually("the word to stop", is_asked, 10)

        shown = ", as far as GitLab shows. Live" if had_sent else ". Live"
        await card_says(play, "The rollback was stopped.", f"which kim stopped before it began{shown}")
        assert posted(play, "pipeline") == 0


async def test_all_legs_are_stopped(tmp_path: Path) -> None:
    """One runs, one waits for a runner: both are cancelled, and each says so."""
    async with scene("regions", tmp_path, UNMOVED) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        rows = await both_retried(play)
        rows[EU].starts_at = play.clock()
        await card_says(play, "It runs.")
        await press(play, "kim", "stop")

        await card_says(play, "The rollback was stopped.", f"{EU}, which kim stopped", f"{US}, which kim stopped")
        assert play.stage.gitlab.state.effects["cancel"] == 2


async def test_a_stop_that_comes_for_one_leg_too_late_stops_the_other(tmp_path: Path) -> None:
    """eu is back already and stays so."""
    async with scene("regions", tmp_path, UNMOVED) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        rows = await both_retried(play)
        rows[EU].starts_at = rows[EU].ends_at = play.clock()
        await card_says(play, f"Rolled {EU} back")
        await press(play, "kim", "stop")

        await card_says(play, "Partly rolled back.", f"Rolled {EU} back", f"{US}, which kim stopped")
        assert play.stage.gitlab.state.effects["cancel"] == 1


async def test_a_stop_that_gitlab_refuses_is_told_and_the_rollback_goes_on(tmp_path: Path) -> None:
    """The card says who could not, and why; then it ends as it would have."""
    async with scene("login", tmp_path, LONG) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/cancel", "403", times=9))
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")
        await press(play, "kim", "stop")

        await card_says(play, "Rolling back…", "kim could not stop it: 403", "[Stop]")
        for deployment in play.stage.gitlab.state.deployments.values():
            deployment.ends_at = play.clock() if deployment.status == "running" else deployment.ends_at
        await card_says(play, "Rolled back.")


async def test_what_gitlab_begins_anew_after_a_stop_is_cancelled(tmp_path: Path) -> None:
    """The job fails as it is to be cancelled, and its definition says ``retry:``: the next attempt deploys nothing."""
    async with scene("login", tmp_path, LONG) as play:
        state = play.stage.gitlab.state
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/cancel", "500", times=999))
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")
        state.auto_retries = 1
        row = max(state.deployments.values(), key=lambda one: one.id)
        row.ends_as, state.retries_end = "failed", "success"
        await press(play, "kim", "stop")
        await eventually("a cancel that GitLab does not answer", lambda: asked_to_cancel(play), 10)
        row.ends_at = play.clock()

        async def is_begun_anew() -> bool:
            return max(state.deployments) > row.id

        await eventually("GitLab's own next attempt", is_begun_anew, 10)
        play.stage.gitlab.faults.clear()

        await card_says(play, "The rollback was stopped.", "which kim stopped. Live: deployment 49558")
        assert max(state.deployments.values(), key=lambda one: one.id).status == "canceled"
        assert max(state.deployments) == row.id + 1


async def test_a_lost_answer_to_a_stop_cancels_once(tmp_path: Path) -> None:
    """GitLab did it and the connection broke: the next look finds it cancelled."""
    async with scene("login", tmp_path, LONG) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/cancel", "took_effect_then_reset"))
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")
        await press(play, "kim", "stop")

        await card_says(play, "The rollback was stopped.", "which kim stopped")
        assert (play.stage.gitlab.state.effects["cancel"], posted(play, "cancel")) == (1, 1)


async def test_who_may_not_deploy_there_stops_nothing(tmp_path: Path) -> None:
    """They are told why, alone, and the rollback goes on."""
    async with scene("login", tmp_path, LONG) as play:
        play.stage.gitlab.state.levels["tomas"] = 10
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")
        await press(play, "tomas", "stop")

        await shown_only_to(play, play.stage.slack_id("tomas"), "tomas needs at least the role Developer")
        assert posted(play, "cancel") == 0
        assert "stop" in buttons_of(await play.player.card())


async def test_a_stop_on_an_old_screen_says_that_nothing_runs(tmp_path: Path) -> None:
    """The card showed the button a moment ago."""
    async with scene("login", tmp_path, LONG) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")
        card = await play.player.card()
        for deployment in play.stage.gitlab.state.deployments.values():
            deployment.ends_at = play.clock() if deployment.status == "running" else deployment.ends_at
        await card_says(play, "Rolled back.")
        await press_on(play, card, "kim", "stop")

        await shown_only_to(play, play.stage.slack_id("kim"), "There is no rollback under way here any more")


async def test_a_stop_is_on_record(tmp_path: Path) -> None:
    """Who pressed, and what GitLab was asked for them."""
    async with scene("login", tmp_path, LONG) as play:
        card = await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")
        await press(play, "kim", "stop")
        await card_says(play, "The rollback was stopped.")
        key = card["metadata"]["event_payload"]["incident"]
        (leg,) = await play.bot.house.store.rollbacks.of(key)

        async def look() -> bool:
            actions = await play.bot.house.store.actions.of(key)
            return any((one.kind, one.result) == ("stop", "done") for one in actions)

        await eventually("the press on record", look, 10)
        assert leg.stopped_by == play.stage.slack_id("kim")
        assert (leg.status, leg.finished_at is not None) == ("stopped", True)


async def test_a_stop_that_is_asked_for_again_after_a_death_stops_no_newer_press(tmp_path: Path) -> None:
    """It was done, and the bot died before that was recorded: what runs by now is another rollback."""
    async with scene("login", tmp_path, LONG) as play:
        card = await alert_card(play)
        key = card["metadata"]["event_payload"]["incident"]
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")
        await press(play, "kim", "stop")
        await card_says(play, "The rollback was stopped.")
        stops = [one for one in await play.bot.house.store.actions.of(key) if one.kind == "stop"]
        await play.stage.slack.close(play.stage.slack_id("mara"))
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")

        assert await asyncio.create_task(ask_to_stop(stops[0].id)) == key
        assert (await play.bot.house.store.rollbacks.of(key))[-1].stopped_by == ""
