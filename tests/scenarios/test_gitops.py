"""A service that no deploy job deploys: it goes back by a pipeline that is told the version, or by people."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.gitlab.pipelines import Wanted
from bot.workflows.halting import SENDING
from bot.workflows.sent import kept
from bot.workflows.turns import turn
from sandbox.gitlab import Fault
from sandbox.gitlab.records import Deployment, Pipeline
from sandbox.player import eventually, facts_of
from sandbox.worlds.model import World
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
from tests.scenarios.stage import PROMPT, QUICK, Scene, scene

CREATE = "/projects/*/pipeline"
UNMOVED = replace(QUICK, gitlab=replace(QUICK.gitlab, run_after=3600.0, success_after=3600.0))
BY_VARIABLES = 'rollback = "pipeline"\nrollback_variables = { version = "{sha}", environment = "{environment}" }'

WITH_REASON = BY_VARIABLES.replace(" }", ', why = "{reason}" }')


def told_by(settings: str) -> Callable[[World], World]:
    return lambda world: replace(world, settings=settings)


def started(play: Scene) -> list[Pipeline]:
    return [one for one in play.stage.gitlab.state.pipelines.values() if one.source == "api"]


def target_of(play: Scene) -> Deployment:
    assert play.world.expect is not None
    return play.stage.gitlab.state.deployments[play.world.expect.target or 0]


def bot_of(play: Scene) -> str:
    """As whom the bot asks GitLab for."""
    return play.stage.gitlab.state.bot.username


def deployed(play: Scene, sha: str, user: str) -> Deployment:
    """Somebody has the tool deploy a version: it tells GitLab that this is live."""
    state, now = play.stage.gitlab.state, play.clock()
    row = replace(target_of(play), id=max(state.deployments) + 1, iid=99, sha=sha, user=user, created_at=now)
    state.deployments[row.id] = replace(row, started_at=now, finished_at=now)
    return row


async def unanswered(play: Scene) -> None:
    """Returns once GitLab has not answered the start of a pipeline."""

    async def look() -> bool:
        return any(one.fault and one.request.path.endswith("/pipeline") for one in play.stage.gitlab.recorded)

    await eventually("a start that is not answered", look, 10)


async def lost(play: Scene) -> Pipeline:
    """mara's pipeline is started, its answer gets lost, and it can't be seen: the card says that it failed."""
    unseen = Fault("GET", "/projects/*/pipelines", "403", times=99, holds="source=api")
    play.stage.gitlab.faults.add(Fault("POST", CREATE, "took_effect_then_reset"))
    await alert_card(play)
    await ready_to_submit(play, "mara")
    play.stage.gitlab.faults.add(unseen)
    await confirm(play, "mara")
    await card_says(play, "The rollback did not succeed.", "GitLab did not say whether the pipeline was started")
    play.stage.gitlab.faults.clear()
    (pipeline,) = started(play)
    return pipeline


async def test_a_pipeline_is_told_the_older_version_and_followed_until_it_is_live(tmp_path: Path) -> None:
    """One pipeline on the default branch with what the settings say; done once the environment has the sha."""
    async with scene("gitops", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        await modal_says(play, "mara", "again, by a pipeline that is told its version")
        await confirm(play, "mara")

        await card_says(play, "Rolled back.", "mara rolled production back: deployment")
        (pipeline,) = started(play)
        live = max(play.stage.gitlab.state.deployments.values(), key=lambda row: row.id)
        assert pipeline.ref == "main"
        assert pipeline.deploys == ("production", target_of(play).sha)
        assert (live.sha, live.job_id) == (target_of(play).sha, None)
        assert play.stage.gitlab.state.effects["pipeline"] == 1
        assert play.stage.gitlab.unplanned == []


async def test_the_card_follows_the_pipeline_stage_by_stage(tmp_path: Path) -> None:
    """Created, running, through without a deployment yet, then live."""
    async with scene("gitops", tmp_path, UNMOVED) as play:
        state = play.stage.gitlab.state
        state.tool_deploys = False
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It waits for its turn in the pipeline.")
        (pipeline,) = started(play)
        pipeline.starts_at = play.clock()
        await card_says(play, "Rolling back… It runs.")
        pipeline.ends_at = play.clock()
        await card_says(play, "Rolling back… Its pipeline is through, and its deployment is awaited.")
        row = deployed(play, target_of(play).sha, "mara")
        await card_says(play, "Rolled back.", f"deployment {row.id} is live")


async def test_a_pipeline_that_fails_is_told(tmp_path: Path) -> None:
    """With its number; another try starts a second one."""
    async with scene("gitops", tmp_path) as play:
        state = play.stage.gitlab.state
        state.pipelines_end, state.tool_deploys = "failed", False
        await alert_card(play)
        await roll_back(play, "mara")

        said = await card_says(play, "The rollback did not succeed.")
        (pipeline,) = started(play)
        assert f"its pipeline {pipeline.id} ended as failed" in said
        state.pipelines_end, state.tool_deploys = "success", True
        await play.stage.slack.close(play.stage.slack_id("mara"))
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.")
        assert len(started(play)) == 2


async def test_a_lost_answer_starts_no_second_pipeline(tmp_path: Path) -> None:
    """GitLab started it and the connection broke: it is found and followed."""
    async with scene("gitops", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", CREATE, "took_effect_then_reset"))
        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "Rolled back.")
        assert len(started(play)) == 1


async def test_somebody_elses_pipeline_is_not_taken_for_ours(tmp_path: Path) -> None:
    """Started on the same branch at that moment, by another user, or told another version: ours is told as lost."""
    async with scene("gitops", tmp_path, change=told_by(BY_VARIABLES)) as play:
        state = play.stage.gitlab.state
        await alert_card(play)
        await ready_to_submit(play, "mara")
        play.stage.gitlab.faults.add(Fault("POST", CREATE, "500"))
        await confirm(play, "mara")
        sample = Pipeline(190_001, 1, target_of(play).sha, "main", play.clock(), "api", status="success")
        state.pipelines[190_001] = replace(sample, user="tomas", variables={"version": target_of(play).sha})
        state.pipelines[190_002] = replace(sample, id=190_002, user=bot_of(play), variables={"version": "0" * 40})
        await unanswered(play)
        play.clock.forward(timedelta(seconds=60))

        await card_says(play, "The rollback did not succeed.", "GitLab did not say whether the pipeline was started")
        assert state.effects["pipeline"] == 0


@pytest.mark.parametrize("who", ["mara", "kim"])
async def test_a_pipeline_that_came_after_all_is_found_by_the_next_press(who: str, tmp_path: Path) -> None:
    """Its answer was lost, it could not be seen, and the card said so: a second press, whoever does it, follows it, and
    starts none."""
    async with scene("gitops", tmp_path, UNMOVED, change=told_by(WITH_REASON)) as play:
        pipeline = await lost(play)
        await play.stage.slack.close(play.stage.slack_id("mara"))
        await roll_back(play, who)
        await card_says(play, "Rolling back… It waits for its turn")
        pipeline.starts_at = pipeline.ends_at = play.clock()

        await card_says(play, "Rolled back.")
        assert len(started(play)) == 1


async def test_a_pipeline_that_leads_elsewhere_and_has_not_ended_is_in_the_way(tmp_path: Path) -> None:
    """An earlier press started it for another deployment: a second one beside it could end in either."""
    async with scene("gitops", tmp_path, UNMOVED, change=told_by(BY_VARIABLES)) as play:
        pipeline = await lost(play)
        card = await play.player.card()
        rollbacks = play.bot.house.store.rollbacks
        (leg,) = await rollbacks.of(card["metadata"]["event_payload"]["incident"])
        await rollbacks.save(leg.id, pipeline_id=pipeline.id, target_id=1)
        await roll_back(play, "kim")

        words = f"pipeline {pipeline.id}, which mara started to roll production back to deployment 1, has not ended"
        await card_says(play, "The rollback did not succeed.", words, "kim tried")
        assert len(started(play)) == 1


async def test_a_pipeline_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    """GitLab works on a request for up to a minute after its answer was given up."""
    async with scene("gitops", tmp_path, change=told_by(BY_VARIABLES)) as play:
        state = play.stage.gitlab.state
        await alert_card(play)
        play.stage.gitlab.faults.add(Fault("POST", CREATE, "500"))
        await roll_back(play, "mara")
        await unanswered(play)
        await asyncio.sleep(1)
        sha = target_of(play).sha
        told = {"version": sha, "environment": "production"}
        late = Pipeline(
            190_001, 1, sha, "main", play.clock(), "api", status="running", user=bot_of(play), variables=told
        )
        state.pipelines[late.id] = late
        await card_says(play, "Rolling back… It runs.")
        late.status = "success"
        deployed(play, sha, "mara")

        await card_says(play, "Rolled back.")
        assert state.effects["pipeline"] == 0


async def test_of_several_pipelines_that_may_be_ours_none_is_taken(tmp_path: Path) -> None:
    """GitLab shows no inputs: two of the same user at that moment look alike, and one from before is not ours."""
    async with scene("gitops", tmp_path) as play:
        state = play.stage.gitlab.state
        await alert_card(play)
        await ready_to_submit(play, "mara")
        play.stage.gitlab.faults.add(Fault("GET", "/projects/*/pipelines", "latency", times=9, holds="source=api"))
        play.stage.gitlab.faults.add(Fault("POST", CREATE, "500"))
        await confirm(play, "mara")
        await unanswered(play)
        sample = Pipeline(190_001, 1, target_of(play).sha, "main", play.clock(), "api", user=bot_of(play))
        old = replace(sample, id=190_003, created_at=play.clock() - timedelta(hours=1))
        state.pipelines |= {190_001: sample, 190_002: replace(sample, id=190_002), 190_003: old}

        words = "each of the pipelines 190001, 190002 may be the one that was started"
        await card_says(play, "The rollback did not succeed.", words)
        assert state.effects["pipeline"] == 0


async def test_after_a_death_the_pipeline_is_found_though_the_settings_have_changed(tmp_path: Path) -> None:
    """The settings told it other variables when it was sent: what stands in the row is looked for."""
    async with scene("gitops", tmp_path, UNMOVED, change=told_by(BY_VARIABLES)) as play:
        card = await alert_card(play)
        rollbacks, state, sha = play.bot.house.store.rollbacks, play.stage.gitlab.state, target_of(play).sha
        before = max(state.pipelines)
        async with turn(f"pipeline-{play.world.project.path}"):
            await roll_back(play, "mara")
            await card_says(play, "Rolling back…", "[Stop]")
            (leg,) = await rollbacks.of(card["metadata"]["event_payload"]["incident"])
            body = kept(Wanted("main", {"formerly": sha}, {}), "mara")
            more = {"before_pipeline_id": before, "before_deployment_id": 0}
            await rollbacks.save(leg.id, status=SENDING, sent_at=play.clock(), sent=body, **more)
            ours = Pipeline(190_001, 1, sha, "main", play.clock(), "api", status="running", user="mara")
            state.pipelines[190_001] = replace(ours, variables={"formerly": sha})

        await card_says(play, "Rolling back… It runs.")
        assert (await rollbacks.get(leg.id)).pipeline_id == 190_001
        assert state.effects["pipeline"] == 0


async def test_variables_that_nobody_may_set_refuse_before_the_press(tmp_path: Path) -> None:
    """The project's setting is known: the modal says what to use instead."""
    nobody = replace(QUICK, gitlab=replace(QUICK.gitlab, variables_role="no_one_allowed"))
    async with scene("gitops", tmp_path, nobody, change=told_by(BY_VARIABLES)) as play:
        await alert_card(play)
        await press(play, "mara", "roll_back")

        await modal_says(play, "mara", "did not start a rollback", "lets nobody set a pipeline's variables")
        assert not await has_submit(play, "mara")


async def test_what_gitlab_refuses_is_told(tmp_path: Path) -> None:
    """The presser's role may set no variables here: GitLab's own words stand on the card."""
    owners = replace(QUICK, gitlab=replace(QUICK.gitlab, variables_role="owner"))
    async with scene("gitops", tmp_path, owners, change=told_by(BY_VARIABLES)) as play:
        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "The rollback did not succeed.", "GitLab refused to start the pipeline")
        assert started(play) == []
        assert buttons_of(await play.player.card()).keys() >= {"roll_back"}


async def test_a_tag_that_there_is_none_of_refuses_before_the_press(tmp_path: Path) -> None:
    """The settings tell the pipeline a tag, and the target has none."""
    by_tag = 'rollback = "pipeline"\nrollback_inputs = { version = "{tag}", environment = "{environment}" }'
    async with scene("gitops", tmp_path, change=told_by(by_tag)) as play:
        await alert_card(play)
        await press(play, "mara", "roll_back")

        await modal_says(play, "mara", "did not start a rollback", "has no tag")


async def test_a_pipeline_that_runs_is_stopped(tmp_path: Path) -> None:
    """It is cancelled, once, and the card says what is live."""
    async with scene("gitops", tmp_path, UNMOVED) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It waits for its turn in the pipeline.")
        await press(play, "kim", "stop")

        await card_says(play, "The rollback was stopped.", "which kim stopped. Live: deployment")
        assert play.stage.gitlab.state.effects["cancel_pipeline"] == 1


async def test_another_version_that_went_live_meanwhile_is_told(tmp_path: Path) -> None:
    """The pipeline got its version live, and a newer deployment replaced it: that is no rollback."""
    async with scene("gitops", tmp_path, UNMOVED) as play:
        state = play.stage.gitlab.state
        state.tool_deploys = False
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It waits")
        (pipeline,) = started(play)
        bad = max(state.deployments.values(), key=lambda row: row.id)
        back = deployed(play, target_of(play).sha, "mara")
        state.deployments[back.id + 1] = replace(
            state.deployments[back.id],
            id=back.id + 1,
            iid=100,
            sha=bad.sha,
            finished_at=play.clock() + timedelta(seconds=1),
        )
        pipeline.starts_at = pipeline.ends_at = play.clock()

        await card_says(play, "The rollback did not succeed.", f"but deployment {back.id + 1}", "went live meanwhile")


async def test_where_people_go_back_themselves_the_card_follows_them(tmp_path: Path) -> None:
    """Card and modal say where; nothing is started; done once the version is live, and by whom."""
    async with scene("gitops", tmp_path, change=told_by('rollback = "link"')) as play:
        before = await alert_card(play)
        assert "the environment's page in GitLab" in await card_says(play, "Backtrace starts nothing here")
        await ready_to_submit(play, "mara")
        await modal_says(play, "mara", "Backtrace starts nothing here", "What to go back to: deployment")
        await confirm(play, "mara")
        await card_says(play, "Rolling back… Backtrace waits for it to be done in GitLab.", "mara went to GitLab")
        row = deployed(play, target_of(play).sha, "tomas")

        await card_says(play, "Rolled back.", f"waited for production, which tomas rolled back: deployment {row.id}")
        assert (await play.player.card())["ts"] == before["ts"]
        assert started(play) == []


async def test_where_people_go_back_themselves_nothing_that_runs_is_cancelled(tmp_path: Path) -> None:
    """Production is being deployed: card and modal say what to cancel in GitLab, and confirming cancels nothing."""
    async with scene("rolling", tmp_path, change=told_by('rollback = "link"')) as play:
        card = await alert_card(play)
        assert "Cancel" not in buttons_of(card)["roll_back"]["text"]["text"]
        await card_says(play, "Before going back cancel")
        await ready_to_submit(play, "mara")
        said = await modal_says(play, "mara", "Backtrace starts nothing here", "Cancel it there, and deploy")
        assert "This cancels" not in said
        await confirm(play, "mara")
        await card_says(play, "Rolling back… Backtrace waits for it to be done in GitLab.", "in GitLab, if it still")

        assert play.stage.gitlab.state.effects["cancel"] == 0


async def back_by_pipeline(play: Scene) -> None:
    await alert_card(play)
    await roll_back(play, "mara")
    await card_says(play, "Rolled back.", "Roll forward again")


async def forward_modal(play: Scene, who: str) -> str:
    await press(play, who, "roll_forward")
    return await modal_says(play, who, "This deploys again what the rollback replaced", "In GitLab you are")


def left(play: Scene) -> Deployment:
    """What was live as the alert came."""
    state = play.stage.gitlab.state
    rows = [state.deployments[one.id] for one in play.world.deployments if one.status == "success"]
    return max(rows, key=lambda row: row.finished_at or row.created_at)


async def test_what_went_back_by_a_pipeline_goes_forward_by_one(tmp_path: Path) -> None:
    """It is told the version that was left, on the same ref; the card follows until that is live, and then it can go
    back once more."""
    async with scene("gitops", tmp_path, change=told_by(WITH_REASON)) as play:
        await back_by_pipeline(play)
        said = await forward_modal(play, "kim")
        assert "by a pipeline that is told its version" in said
        assert "!34 is in it, and is not reverted there" in said
        assert f"to deployment {left(play).id}" in said
        assert len(started(play)) == 1
        await confirm(play, "kim")

        await card_says(play, "Rolled forward again.", "kim rolled production forward: deployment")
        back, forward = started(play)
        assert forward.ref == back.ref == "main"
        assert forward.deploys == ("production", left(play).sha)
        assert forward.variables["version"] == left(play).sha
        why = f"Backtrace rolls production forward to deployment {left(play).id}, asked by kim"
        assert forward.variables["why"] == why
        assert facts_of(await play.player.card())["state"] == "rolled_forward"
        record = await play.stage.slack.command(play.stage.slack_id("kim"), play.stage.alerts, "audit")
        assert "kim confirmed a roll-forward by a pipeline of production" in record.text
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.", "Roll forward again")
        assert [one.deploys[1] for one in started(play)] == [back.deploys[1], forward.deploys[1], back.deploys[1]]


async def test_a_lost_answer_to_going_forward_starts_no_second_pipeline(tmp_path: Path) -> None:
    """It is found by what it was told; the rollback's own, which was told otherwise, is not taken for it."""
    async with scene("gitops", tmp_path, change=told_by(BY_VARIABLES)) as play:
        await back_by_pipeline(play)
        await forward_modal(play, "kim")
        play.stage.gitlab.faults.add(Fault("POST", CREATE, "took_effect_then_reset"))
        await confirm(play, "kim")

        await card_says(play, "Rolled forward again.", "kim rolled production forward")
        assert len(started(play)) == 2


async def test_a_forward_pipeline_that_fails_leaves_it_rolled_back(tmp_path: Path) -> None:
    """Which is said, with the pipeline's number, and the button stays."""
    async with scene("gitops", tmp_path, change=told_by(BY_VARIABLES)) as play:
        await back_by_pipeline(play)
        state = play.stage.gitlab.state
        state.pipelines_end, state.tool_deploys = "failed", False
        await forward_modal(play, "kim")
        await confirm(play, "kim")

        await card_says(
            play, "Rolled back.", "kim tried a roll-forward of production; its pipeline", "Roll forward again"
        )


async def test_going_forward_by_a_pipeline_can_be_stopped(tmp_path: Path) -> None:
    """Its pipeline is cancelled, and the rolled-back version stays live."""
    async with scene("gitops", tmp_path, change=told_by(BY_VARIABLES)) as play:
        await back_by_pipeline(play)
        play.stage.gitlab.state.options = replace(play.stage.gitlab.state.options, run_after=3600, success_after=3600)
        await forward_modal(play, "kim")
        await confirm(play, "kim")
        await card_says(play, "It waits for its turn in the pipeline.", "[Stop]")
        await press(play, "mara", "stop")

        await card_says(play, "kim started a roll-forward of production, which mara stopped", "Roll forward again")
        assert started(play)[-1].status == "canceled"


async def test_who_may_not_deploy_starts_no_pipeline_forward(tmp_path: Path) -> None:
    """The same right as for going back."""
    async with scene("gitops", tmp_path, change=told_by(BY_VARIABLES)) as play:
        await back_by_pipeline(play)
        play.stage.gitlab.state.levels["tomas"] = 10
        await press(play, "tomas", "roll_forward")

        await modal_says(play, "tomas", "tomas needs at least the role Developer")
        assert not await has_submit(play, "tomas")


@pytest.mark.parametrize("pressed", ["roll_back", "roll_forward"])
async def test_settings_that_tell_the_pipeline_nothing_by_now_start_none(pressed: str, tmp_path: Path) -> None:
    """An untold pipeline would deploy what is newest."""
    async with scene("gitops", tmp_path, change=told_by(BY_VARIABLES)) as play:
        await (alert_card(play) if pressed == "roll_back" else back_by_pipeline(play))
        before = len(started(play))
        pipelines = play.bot.house.settings.pipelines
        assert isinstance(pipelines, dict)
        pipelines.clear()
        await press(play, "kim", pressed)

        await modal_says(play, "kim", "The settings do not say any more what the pipeline of")
        assert not await has_submit(play, "kim")
        assert len(started(play)) == before


async def test_a_fix_that_the_tool_deployed_since_leaves_nothing_to_do(tmp_path: Path) -> None:
    """The dialog says which deployment that is, and can't be confirmed."""
    async with scene("gitops", tmp_path, change=told_by(BY_VARIABLES)) as play:
        await back_by_pipeline(play)
        row = deployed(play, play.world.deployments[0].sha, "tomas")
        await press(play, "kim", "roll_forward")

        await modal_says(play, "kim", f"Deployment {row.id}", "went live since the rollback")
        assert not await has_submit(play, "kim")


async def test_what_went_back_by_hand_goes_forward_by_hand(tmp_path: Path) -> None:
    """The dialog says which version to deploy, with the way to the environment's page."""
    async with scene("gitops", tmp_path, change=told_by('rollback = "link"')) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Backtrace waits for it to be done in GitLab.")
        deployed(play, target_of(play).sha, "tomas")
        await card_says(play, "Rolled back.", "Roll forward again")
        await press(play, "kim", "roll_forward")

        says = f"It went back by hand: deploy {left(play).sha[:8]} (deployment {left(play).id}) again in the same way"
        await modal_says(play, "kim", says, "This is the environment in GitLab")
        view = await play.stage.slack.view_of(play.stage.slack_id("kim"))
        assert "/-/environments/" in str(view)
        assert not await has_submit(play, "kim")


async def test_somebody_who_goes_back_without_the_card_stands_on_it(tmp_path: Path) -> None:
    """Nobody pressed; the poll tells of the deployment, and the card says that it is back."""
    async with scene(
        "gitops", tmp_path, bot_options=replace(PROMPT, gitlab="poll_s = 0.5"), change=told_by('rollback = "link"')
    ) as play:
        await alert_card(play)
        row = deployed(play, target_of(play).sha, "tomas")

        await card_says(play, "production is already back", f"deployment {row.id}")
        assert facts_of(await play.player.card())["culprit"] == "!34"


async def test_a_wait_for_people_that_takes_too_long_ends(tmp_path: Path) -> None:
    """The row frees the environment, and the card says that nothing came."""
    async with scene("gitops", tmp_path, change=told_by('rollback = "link"')) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Backtrace waits for it to be done in GitLab.")
        play.clock.forward(timedelta(hours=2))

        await card_says(play, "The rollback did not succeed.", "stopped waiting for production")

        async def is_free() -> bool:
            return await play.bot.house.store.rollbacks.unfinished() == ()

        await eventually("a free environment", is_free, 10)
