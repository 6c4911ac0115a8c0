"""What keeps a retried job from running: approvals, a resource group, artifacts that are gone, no runner."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sandbox.gitlab import GitLabOptions
from sandbox.gitlab.records import Access, ApprovalRule, FreezePeriod, Job
from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab, asking

RETRY = f"{PROJECT}/jobs/8001/retry"


def build_job(gitlab: Gitlab) -> Job:
    """A job of an earlier stage in the pipeline of job 8001, whose artifacts are still there."""
    ours = gitlab.state.jobs[8001]
    job = replace(ours, id=7001, name="build", stage="build", environment="", artifacts_until=gitlab.state.now())
    job.artifacts_until = gitlab.state.now() + timedelta(days=1)
    gitlab.state.jobs[job.id] = job
    return job


async def test_a_retry_waits_for_approvals_and_then_for_somebody_to_start_it(gitlab: Gitlab, clock: Clock) -> None:
    """The job is manual and its deployment blocked; approved it can be played, and runs to its end."""
    gitlab.state.approval_rules["production"] = (ApprovalRule(Access(level=40)),)
    made = (await gitlab.post(RETRY)).body
    play = f"{PROJECT}/jobs/{made['id']}/play"
    blocked = (await gitlab.get(f"{PROJECT}/deployments/503")).body
    too_early = await gitlab.post(play)
    approval = f"{PROJECT}/deployments/503/approval"
    denied = await gitlab.post(approval, {"status": "approved"}, token="glpat-ana")
    approved = await gitlab.post(approval, {"status": "approved"})
    started = await gitlab.post(play)
    clock.on(60)
    done = (await gitlab.get(f"{PROJECT}/deployments/503")).body

    assert (made["status"], blocked["status"], blocked["pending_approval_count"]) == ("manual", "blocked", 1)
    assert (too_early.status, too_early.body) == (400, {"message": "400 Bad request - Unplayable Job"})
    assert (denied.status, approved.status, started.status) == (403, 201, 200)
    assert done["status"] == "success"


async def test_what_was_rejected_is_not_retryable(gitlab: Gitlab) -> None:
    """The rejected deployment fails, and its job can't be retried any more."""
    gitlab.state.approval_rules["production"] = (ApprovalRule(Access(level=40)),)
    made = (await gitlab.post(RETRY)).body
    await gitlab.post(f"{PROJECT}/deployments/503/approval", {"status": "rejected", "comment": "not now"})
    row = (await gitlab.get(f"{PROJECT}/deployments/503")).body
    again = await gitlab.post(f"{PROJECT}/jobs/{made['id']}/retry")

    assert row["status"] == "failed"
    assert [one["status"] for one in row["approvals"]] == ["rejected"]
    assert again.body == {"message": "403 Forbidden - Job is not retryable"}


async def test_a_retry_waits_for_its_resource_group(gitlab: Gitlab, clock: Clock) -> None:
    """While another job has the group it waits, is listed as upcoming, and runs once the group is free."""
    state = gitlab.state
    state.jobs[8001].resource_group = "production"
    state.jobs[7002] = replace(state.jobs[8001], id=7002, name="seed", status="running")
    state.resource_groups["production"] = 7002
    made = (await gitlab.post(RETRY)).body
    upcoming = (await gitlab.get(f"{PROJECT}/resource_groups/production/upcoming_jobs")).body
    clock.on(60)
    still = (await gitlab.get(f"{PROJECT}/deployments/503")).body["status"]
    state.jobs[7002].status = "success"
    await gitlab.get("/version")
    clock.on(60)
    done = (await gitlab.get(f"{PROJECT}/deployments/503")).body["status"]

    assert made["status"] == "waiting_for_resource"
    assert [job["id"] for job in upcoming] == [made["id"]]
    assert [group["key"] for group in (await gitlab.get(f"{PROJECT}/resource_groups")).body] == ["production"]
    assert (still, done) == ("created", "success")


async def test_a_job_without_its_artifacts_fails_without_having_run(gitlab: Gitlab, clock: Clock) -> None:
    """The retry is accepted; what an earlier job made is gone, and the list of jobs shows it beforehand."""
    build = build_job(gitlab)
    gitlab.state.jobs[8001].needs_artifacts = True
    before = (await gitlab.get(f"{PROJECT}/jobs/7001")).body
    build.artifacts_until = gitlab.state.now()
    after = (await gitlab.get(f"{PROJECT}/jobs/7001")).body
    made = await gitlab.post(RETRY)
    clock.on(60)
    row = (await gitlab.get(f"{PROJECT}/deployments/503")).body

    assert ([one["file_type"] for one in before["artifacts"]], after["artifacts"]) == (["archive"], [])
    assert made.status == 201
    assert (row["status"], row["deployable"]["failure_reason"]) == ("failed", "missing_dependency_failure")
    assert row["deployable"]["started_at"] is None


async def test_without_a_runner_a_job_is_dropped_as_stuck(world: World, clock: Clock) -> None:
    """It stays pending until GitLab gives it up."""
    async with asking(world, clock, GitLabOptions(stuck_after=3600)) as gitlab:
        made = (await gitlab.post(RETRY)).body
        clock.on(600)
        waiting = (await gitlab.get(f"{PROJECT}/jobs/{made['id']}")).body["status"]
        clock.on(3600)
        dropped = (await gitlab.get(f"{PROJECT}/jobs/{made['id']}")).body

    assert waiting == "pending"
    assert (dropped["status"], dropped["failure_reason"]) == ("failed", "stuck_or_timeout_failure")


async def test_a_stopped_environment_says_so_until_something_is_deployed(gitlab: Gitlab) -> None:
    """A retry starts it again."""
    gitlab.state.stopped.add("production")
    stopped = (await gitlab.get(f"{PROJECT}/environments/12")).body["state"]
    await gitlab.post(RETRY)

    assert stopped == "stopped"
    assert (await gitlab.get(f"{PROJECT}/environments/12")).body["state"] == "available"


async def test_freeze_periods_are_listed(gitlab: Gitlab) -> None:
    """Their crons and their time zone; nothing is evaluated."""
    gitlab.state.freeze_periods.append(FreezePeriod(1, "0 23 * * 5", "0 8 * * 1", "Europe/Berlin"))
    (row,) = (await gitlab.get(f"{PROJECT}/freeze_periods")).body

    assert (row["freeze_start"], row["freeze_end"], row["cron_timezone"]) == (
        "0 23 * * 5",
        "0 8 * * 1",
        "Europe/Berlin",
    )
