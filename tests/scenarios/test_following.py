"""Following a rollback: the card says each stage as it comes, why it failed where it fails, and what is live after."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.gitlab.records import Deployment, Job
from sandbox.player import eventually, facts_of
from tests.scenarios.looking import alert_card, buttons_of, card_says, confirm, modal_says, ready_to_submit, roll_back
from tests.scenarios.stage import QUICK, Scene, scene

UNMOVED = replace(QUICK, gitlab=replace(QUICK.gitlab, run_after=3600.0, success_after=3600.0))
"""Retried jobs stay where they are until a test moves them."""


async def retried(play: Scene) -> tuple[Job, Deployment]:
    """The job that the rollback's retry made, and its deployment."""
    state = play.stage.gitlab.state

    async def look() -> bool:
        return state.retries != []

    await eventually("a retry", look, 10)
    return state.jobs[state.retries[0].new_job_id], state.deployments[state.retries[0].deployment_id]


def held_by_another(play: Scene, job: Job) -> None:
    """Another job has the resource group of this one, which waits for it."""
    state = play.stage.gitlab.state
    other = replace(job, id=max(state.jobs) + 1, name="reindex", status="running", resource_group=job.environment)
    state.jobs[other.id] = other
    state.resource_groups[job.environment] = other.id
    job.resource_group, job.status = job.environment, "waiting_for_resource"


async def leads_to(play: Scene, job: Job | None) -> bool:
    """Whether the card links this job."""
    return job is not None and f"/-/jobs/{job.id}|" in json.dumps((await play.player.card())["blocks"])


async def test_the_card_says_each_stage_in_words(tmp_path: Path) -> None:
    """Waiting for a runner, for the environment, for a person, running: each told apart, with a link to the job."""
    async with scene("login", tmp_path, UNMOVED) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        job, deployment = await retried(play)

        await card_says(play, "Rolling back… It waits for a runner.")
        assert await leads_to(play, job)
        held_by_another(play, job)
        await card_says(play, "Rolling back… It waits until another job lets go of the environment.")
        job.status, deployment.status = "manual", "blocked"
        await card_says(play, "Rolling back… It waits for approval or a manual start in GitLab.")
        assert await leads_to(play, job)
        deployment.status, deployment.starts_at = "created", play.clock()
        await card_says(play, "Rolling back… It runs.")
        deployment.ends_at = play.clock()
        assert "It runs" not in await card_says(play, "Rolled back.")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("failed_outdated_deployment_job", "for GitLab it is outdated"),
        ("forward_deployment_failure", "for GitLab it is outdated"),
        ("missing_dependency_failure", "artifacts of earlier jobs, and these are gone"),
        ("protected_environment_failure", "may not deploy there"),
        ("some_new_reason", "some new reason"),
    ],
)
async def test_a_job_that_fails_says_why(reason: str, words: str, tmp_path: Path) -> None:
    """GitLab takes the retry and fails the job: its reason stands on the card, with a link to the job."""
    async with scene("login", tmp_path) as play:
        state = play.stage.gitlab.state
        state.retries_end, state.failure_reason = "failed", reason
        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "The rollback did not succeed.", "its deployment ended as failed", words)
        assert await leads_to(play, (await retried(play))[0])


async def test_a_job_that_gitlab_itself_retries_is_followed(tmp_path: Path) -> None:
    """``retry: 2`` in the job: the first attempt fails, the second one goes live, and the card tells that."""
    async with scene("login", tmp_path, UNMOVED) as play:
        state = play.stage.gitlab.state
        state.auto_retries, state.retries_end = 2, "failed"
        await alert_card(play)
        await roll_back(play, "mara")
        _, first = await retried(play)
        await card_says(play, "It waits for a runner.")
        state.retries_end = "success"
        first.starts_at = first.ends_at = play.clock()

        async def next_one() -> list[Deployment]:
            return [one for one in state.deployments.values() if one.id > first.id]

        (second,) = await eventually("the second attempt", next_one, 10)
        await eventually("a link to it", lambda: leads_to(play, state.jobs[second.job_id or 0]), 10)
        await card_says(play, "Rolling back… It waits for a runner.")
        second.starts_at = second.ends_at = play.clock()

        await card_says(play, "Rolled back.", f"deployment {second.id} is live")
        assert len(state.retries) == 1


async def test_another_deployment_that_went_live_meanwhile_is_told(tmp_path: Path) -> None:
    """The rollback ended well, and a later one is live all the same: the card does not say that it is back."""
    async with scene("login", tmp_path, UNMOVED) as play:
        state = play.stage.gitlab.state
        await alert_card(play)
        await roll_back(play, "mara")
        _, ours = await retried(play)
        ours.starts_at = ours.ends_at = play.clock()
        later = play.clock() + timedelta(seconds=1)
        state.deployments[49700] = replace(state.deployments[49558], id=49700, iid=99, job_id=None, finished_at=later)

        said = await card_says(play, "The rollback did not succeed.", "but deployment 49700", "went live meanwhile")
        assert f"deployment {ours.id} is live" not in said
        card = await play.player.card()
        assert facts_of(card)["state"] == "rollback_failed"
        assert "roll_back" in buttons_of(card)


async def test_the_record_names_the_target_that_was_confirmed(tmp_path: Path) -> None:
    """The card's target was archived since: the row holds the one that the modal then showed."""
    async with scene("login", tmp_path) as play:
        state = play.stage.gitlab.state
        await alert_card(play)
        state.jobs[state.deployments[49519].job_id or 0].archived = True
        await ready_to_submit(play, "mara")
        await modal_says(play, "mara", "This deploys deployment 49451")
        await confirm(play, "mara")
        card = await play.player.settled("rolled_back")

        (row,) = await play.bot.house.store.rollbacks.of(card["metadata"]["event_payload"]["incident"])
        assert row.target_id == 49451
