"""Each way in which GitLab refuses a rollback or lets it wait: its own sentence, before the press where it shows then.

GITLAB.md 2.2. None leaves a button that does nothing, or a card that stays as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.gitlab import deploying, holding
from sandbox.gitlab.records import Access, Approval, ApprovalRule, FreezePeriod, Job, ProtectedBranch
from sandbox.gitlab.state import GitLabState
from sandbox.player import eventually, facts_of
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    confirm,
    has_submit,
    modal_says,
    press,
    press_on,
    ready_to_submit,
)
from tests.scenarios.stage import QUICK, scene

PREMIUM = replace(QUICK, gitlab=replace(QUICK.gitlab, tier="premium"))
TARGET, CULPRIT = 49519, 49558

Arrange = Callable[[GitLabState], None]


def jobs_of(state: GitLabState) -> list[Job]:
    """The deploy jobs that may be gone back to, the target's first."""
    older = [row for row in state.deployments.values() if row.environment == "production" and row.id < CULPRIT]
    ordered = sorted(older, key=lambda row: row.id, reverse=True)
    return [state.jobs[row.job_id] for row in ordered if row.job_id is not None]


def target_job(state: GitLabState) -> Job:
    job_id = state.deployments[TARGET].job_id
    assert job_id is not None
    return state.jobs[job_id]


def archive_all(state: GitLabState) -> None:
    for job in jobs_of(state):
        job.archived = True


def retry_by_tomas(state: GitLabState) -> None:
    state.options = replace(state.options, success_after=3600.0)
    deploying.retry(state, target_job(state), state.users["tomas"])


def forward_only(state: GitLabState) -> None:
    state.options = replace(state.options, rollback_allowed=False)


def protect_environment(state: GitLabState) -> None:
    state.protected_environments["production"] = (Access(username="kim"),)


def protect_branch(state: GitLabState) -> None:
    state.protected_branches["main"] = ProtectedBranch((Access(username="kim"),), (Access(username="kim"),))


def without_jobs(state: GitLabState) -> None:
    for row in state.deployments.values():
        row.job_id = None if row.id < CULPRIT else row.job_id


def reject_all(state: GitLabState) -> None:
    for row in state.deployments.values():
        state.approvals[row.id] = [Approval("kim", "rejected", state.now())]


def wait_for_somebody(state: GitLabState) -> None:
    state.approval_rules["production"] = (ApprovalRule(Access(level=40)),)
    retry_by_tomas(state)


REFUSED: dict[str, tuple[Arrange, tuple[str, ...]]] = {
    "archived": (archive_all, ("its job is archived and can't be retried",)),
    "retried": (retry_by_tomas, ("somebody has started it already",)),
    "waits for somebody": (wait_for_somebody, ("waits in GitLab for an approval or for somebody to start it",)),
    "rejected": (reject_all, ("kim rejected it in GitLab",)),
    "forward only": (forward_only, ("the project lets no older deployment run again", "Settings > CI/CD")),
    "protected environment": (protect_environment, ("production is protected in GitLab, and mara is not among",)),
    "protected branch": (protect_branch, ("main is protected in GitLab, and mara may not push or merge there",)),
    "no job": (without_jobs, ("no CI job made it, so it can't be retried",)),
}


@pytest.mark.parametrize(("arrange", "words"), REFUSED.values(), ids=REFUSED)
async def test_what_shows_before_is_said_before(arrange: Arrange, words: tuple[str, ...], tmp_path: Path) -> None:
    """The press opens a modal with the reason and without a submit; nothing was asked of GitLab, the card stands."""
    async with scene("login", tmp_path, PREMIUM) as play:
        await alert_card(play)
        state = play.stage.gitlab.state
        arrange(state)
        retried = len(state.retries)

        await press(play, "mara", "roll_back")

        await modal_says(play, "mara", "did not start a rollback", *words)
        assert not await has_submit(play, "mara")
        assert len(state.retries) == retried
        assert buttons_of(await play.player.card()).keys() >= {"roll_back"}


@pytest.mark.parametrize("name", ["archived", "rejected", "forward only", "no job"])
async def test_a_card_without_a_target_has_no_button_for_it_and_says_why(name: str, tmp_path: Path) -> None:
    """What was known as the card was made is on the card: nobody presses in vain."""
    arrange, words = REFUSED[name]
    async with scene("login", tmp_path, PREMIUM) as play:
        arrange(play.stage.gitlab.state)
        card = await alert_card(play)

        await card_says(play, "No rollback target.", words[0])
        assert "roll_back" not in buttons_of(card)


# --- said, and not refused


def build_job(state: GitLabState) -> Job:
    """A job before the target's, whose artifacts have expired."""
    ours = target_job(state)
    began = ours.started_at or ours.created_at
    job = replace(
        ours,
        id=ours.id - 1,
        name="build",
        stage="build",
        environment="",
        finished_at=began,
        artifacts_until=state.now(),
    )
    assert job.id not in state.jobs
    state.jobs[job.id] = job
    return job


def expire_all(state: GitLabState) -> None:
    """Older deployments' too: nothing farther back is better."""
    build = build_job(state)
    for n, job in enumerate(jobs_of(state)[1:]):
        began = job.started_at or job.created_at
        state.jobs[7_000_000 + n] = replace(build, id=7_000_000 + n, pipeline_id=job.pipeline_id, finished_at=began)


def erase_all(state: GitLabState) -> None:
    expire_all(state)
    for job in state.jobs.values():
        if job.name == "build":
            job.artifacts_until, job.erased_at = state.now() + timedelta(days=1), state.now()


def need_approvals(state: GitLabState) -> None:
    state.protected_environments["production"] = (Access(level=30),)
    state.approval_rules["production"] = (ApprovalRule(Access(level=40), 2),)


def occupy_group(state: GitLabState) -> None:
    """One job has the group, another one waits for it."""
    ours = target_job(state)
    ours.resource_group = "production"
    state.jobs[7_000_001] = replace(ours, id=7_000_001, name="seed", status="running")
    state.jobs[7_000_002] = replace(ours, id=7_000_002, name="reindex", status="waiting_for_resource", user="tomas")
    state.resource_groups["production"] = 7_000_001


def freeze(state: GitLabState) -> None:
    state.freeze_periods.append(FreezePeriod(1, "0 0 * * *", "0 0 31 2 *"))


def freeze_unreadably(state: GitLabState) -> None:
    state.freeze_periods.append(FreezePeriod(1, "every friday", "0 8 * * 1"))


WARNED: dict[str, tuple[Arrange, str]] = {
    "artifacts expired": (expire_all, "artifacts of build are gone: if deploy-production needs them"),
    "artifacts erased": (erase_all, "artifacts of build are gone: if deploy-production needs them"),
    "approvals": (need_approvals, "production needs 2 approvals in GitLab (2 by Maintainers)"),
    "resource group": (
        occupy_group,
        "The resource group production is held: job reindex of tomas waits for it already",
    ),
    "freeze": (freeze, "A deploy freeze is on, without an end"),
    "unreadable freeze": (freeze_unreadably, "A deploy freeze could not be read (every friday to "),
    "stopped": (lambda state: state.stopped.add("production"), "production is stopped in GitLab"),
}


@pytest.mark.parametrize(("arrange", "words"), WARNED.values(), ids=WARNED)
async def test_what_speaks_against_it_is_said_and_refuses_nothing(arrange: Arrange, words: str, tmp_path: Path) -> None:
    """GitLab would take the retry: whoever knows may go on."""
    async with scene("login", tmp_path, PREMIUM) as play:
        await alert_card(play)
        arrange(play.stage.gitlab.state)

        await ready_to_submit(play, "mara")

        await modal_says(play, "mara", "Before going back", words)


@pytest.mark.parametrize("name", ["approvals", "resource group", "freeze", "stopped"])
async def test_what_begins_to_speak_against_it_before_the_submit_opens_the_modal_again(
    name: str, tmp_path: Path
) -> None:
    """Nobody confirms what they were not told: nothing is started, and the next submit goes through."""
    arrange, words = WARNED[name]
    async with scene("login", tmp_path, PREMIUM) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        arrange(play.stage.gitlab.state)
        await confirm(play, "mara")

        await modal_says(play, "mara", "Before going back", words)
        assert play.stage.gitlab.state.retries == []
        await confirm(play, "mara")
        await card_says(play, "mara started a rollback")


async def test_what_changed_and_changed_back_in_one_modal_can_be_confirmed(tmp_path: Path) -> None:
    """The third submit says the same as the first, which ended: it is one of its own, and begins."""
    async with scene("login", tmp_path, PREMIUM) as play:
        state = play.stage.gitlab.state
        await alert_card(play)
        await ready_to_submit(play, "mara")
        freeze(state)
        await confirm(play, "mara")
        await modal_says(play, "mara", "A deploy freeze is on")
        state.freeze_periods.clear()
        await confirm(play, "mara")

        async def is_lifted() -> bool:
            return await has_submit(play, "mara") and "freeze" not in await modal_says(play, "mara")

        await eventually("the modal without the freeze", is_lifted, 10)
        await confirm(play, "mara")
        await card_says(play, "mara rolled production back")
        assert len(state.retries) == 1


async def test_an_ordinary_rollback_is_spoken_against_by_nothing(tmp_path: Path) -> None:
    """No freeze, no approvals, no group, nothing unknown: the modal does not begin with warnings."""
    async with scene("login", tmp_path, PREMIUM) as play:
        await alert_card(play)

        await ready_to_submit(play, "mara")

        assert "Before going back" not in await modal_says(play, "mara", "This deploys")


# --- what only shows afterwards


def refuse_silently(state: GitLabState) -> None:
    """The project's settings are hidden, and forbid it."""
    state.options = replace(state.options, rollback_allowed=False, shows_forward_deployment=False)


def need_lost_artifacts(state: GitLabState) -> None:
    expire_all(state)
    for job in jobs_of(state):
        job.needs_artifacts = True


def without_runner(state: GitLabState) -> None:
    state.options = replace(state.options, stuck_after=0.2)


FAILED: dict[str, tuple[Arrange, str]] = {
    "hidden settings": (refuse_silently, "GitLab refused to retry the job"),
    "artifacts": (need_lost_artifacts, "the job needs artifacts of earlier jobs, and these are gone"),
    "no runner": (without_runner, "no runner took the job in time"),
}


@pytest.mark.parametrize(("arrange", "words"), FAILED.values(), ids=FAILED)
async def test_what_shows_only_afterwards_is_the_cards_last_sentence(
    arrange: Arrange, words: str, tmp_path: Path
) -> None:
    """The card says why it failed, and the button is there for the next try."""
    async with scene("login", tmp_path, PREMIUM) as play:
        await alert_card(play)
        arrange(play.stage.gitlab.state)
        await ready_to_submit(play, "mara")
        await confirm(play, "mara")

        await card_says(play, "The rollback did not succeed.", words)
        card = await play.player.card()
        assert facts_of(card)["state"] == "rollback_failed"
        assert buttons_of(card).keys() >= {"roll_back"}


def approve_and_play(state: GitLabState) -> None:
    (job,) = (job for job in state.jobs.values() if job.status == "manual" and job.attempt)
    deployment = deploying.deployment_of(state, job)
    assert deployment is not None
    for who in ("mara", "kim"):
        holding.approve(state, deployment, state.users[who], "approved")
    deploying.play(state, job, state.users["mara"])


def reject(state: GitLabState) -> None:
    (job,) = (job for job in state.jobs.values() if job.status == "manual" and job.attempt)
    deployment = deploying.deployment_of(state, job)
    assert deployment is not None
    holding.approve(state, deployment, state.users["kim"], "rejected")


def let_go(state: GitLabState) -> None:
    for number in (7_000_001, 7_000_002):
        state.jobs[number].status = "success"


@dataclass(frozen=True, slots=True)
class Waits:
    """``meanwhile`` stands on the card until ``then`` happens, ``at_last`` afterwards."""

    arrange: Arrange
    meanwhile: str
    then: Arrange
    at_last: tuple[str, ...]


WAITING = {
    "approved": Waits(need_approvals, "It waits for approval or a manual start", approve_and_play, ("Rolled back.",)),
    "rejected": Waits(
        need_approvals,
        "It waits for approval or a manual start",
        reject,
        ("The rollback did not succeed.", "somebody rejected the deployment in GitLab"),
    ),
    "resource group": Waits(occupy_group, "It waits until another job lets go", let_go, ("Rolled back.",)),
}


@pytest.mark.parametrize("waits", WAITING.values(), ids=WAITING)
async def test_what_gitlab_lets_wait_is_followed_to_its_end(waits: Waits, tmp_path: Path) -> None:
    """Accepted and held up: the card says for what, and how it ended."""
    async with scene("login", tmp_path, PREMIUM) as play:
        await alert_card(play)
        state = play.stage.gitlab.state
        waits.arrange(state)
        await ready_to_submit(play, "mara")
        await confirm(play, "mara")
        await card_says(play, "Rolling back…", waits.meanwhile)

        async def is_made() -> bool:
            return len(state.retries) == 1

        await eventually("the retry", is_made, 10)
        waits.then(state)

        await card_says(play, *waits.at_last)
        assert len(state.retries) == 1


async def test_a_press_on_an_old_card_after_the_target_was_lost_is_answered(tmp_path: Path) -> None:
    """On a screen that still shows the button: the modal says why not, instead of nothing."""
    async with scene("login", tmp_path, PREMIUM) as play:
        card = await alert_card(play)
        archive_all(play.stage.gitlab.state)

        await press_on(play, card, "kim", "roll_back")

        await modal_says(play, "kim", "did not start a rollback", "its job is archived")
