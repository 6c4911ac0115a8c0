"""Retry and cancel: what a rollback does in GitLab, and what refuses it."""

from __future__ import annotations

from sandbox.gitlab import GitLabOptions
from sandbox.gitlab.records import Access, ProtectedBranch
from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab, asking

RETRY = f"{PROJECT}/jobs/8001/retry"


async def test_a_retry_runs_then_succeeds(gitlab: Gitlab, clock: Clock) -> None:
    """A retry is a new job in the old pipeline; its deployment is created, runs, succeeds as time goes by."""
    made = (await gitlab.post(RETRY)).body
    seen = []
    for wait in (0, 1, 3):
        clock.on(wait)
        seen.append((await gitlab.get(f"{PROJECT}/deployments/503")).body["status"])
    job = (await gitlab.get(f"{PROJECT}/jobs/{made['id']}")).body

    assert made["status"] == "pending"
    assert made["pipeline"]["id"] == 900
    assert seen == ["created", "running", "success"]
    assert job["status"] == "success"


async def test_the_retried_job_cannot_be_retried_again(gitlab: Gitlab) -> None:
    """The second click is a 403 with GitLab's reason, and only one retry took effect."""
    await gitlab.post(RETRY)
    again = await gitlab.post(RETRY)

    assert again.status == 403
    assert again.body == {"message": "403 Forbidden - Job is not retryable"}
    assert [retry.job_id for retry in gitlab.state.retries] == [8001]


async def test_retried_jobs_are_hidden_in_the_pipeline(gitlab: Gitlab) -> None:
    """The pipeline's list shows the newest attempt of a name, and all of them on demand."""
    made = (await gitlab.post(RETRY)).body
    newest = (await gitlab.get(f"{PROJECT}/pipelines/900/jobs")).body
    every = (await gitlab.get(f"{PROJECT}/pipelines/900/jobs?include_retried=true")).body

    assert [job["id"] for job in newest] == [made["id"]]
    assert [job["id"] for job in every] == [made["id"], 8001]


async def test_an_archived_job_is_not_retryable(gitlab: Gitlab) -> None:
    """Archived jobs show it beforehand and refuse with a reason."""
    gitlab.state.jobs[8001].archived = True
    shown = (await gitlab.get(f"{PROJECT}/jobs/8001")).body
    got = await gitlab.post(RETRY)

    assert shown["archived"] is True
    assert got.body == {"message": "403 Forbidden - Job is not retryable"}


async def test_outdated_jobs_are_refused_without_a_reason(world: World, clock: Clock) -> None:
    """Where the project forbids going back, an older deployment's job is refused plainly."""
    async with asking(world, clock, GitLabOptions(rollback_allowed=False)) as gitlab:
        got = await gitlab.post(RETRY)

    assert got.status == 403
    assert got.body == {"message": "403 Forbidden"}


async def test_protections_bind_the_caller(gitlab: Gitlab) -> None:
    """A developer may retry on the default branch, but not where only maintainers may deploy or merge."""
    gitlab.state.protected_environments["production"] = (Access(level=40),)
    by_environment = await gitlab.post(RETRY, token="glpat-ana")
    gitlab.state.protected_environments.clear()
    gitlab.state.protected_branches["main"] = ProtectedBranch((Access(level=40),), (Access(level=40),))
    by_branch = await gitlab.post(RETRY, token="glpat-ana")
    gitlab.state.protected_branches.clear()
    free = await gitlab.post(RETRY, token="glpat-ana")

    assert (by_environment.status, by_branch.status, free.status) == (403, 403, 201)


async def test_a_retry_can_end_in_failure(gitlab: Gitlab, clock: Clock) -> None:
    """A failed rollback is a failed deployment; what was live stays live."""
    gitlab.state.retries_end = "failed"
    await gitlab.post(RETRY)
    clock.on(60)
    row = (await gitlab.get(f"{PROJECT}/deployments/503")).body
    place = (await gitlab.get(f"{PROJECT}/environments/12")).body

    assert row["status"] == row["deployable"]["status"] == "failed"
    assert row["deployable"]["failure_reason"] == "script_failure"
    assert place["last_deployment"]["id"] == 502


async def test_canceling_a_job_cancels_its_deployment(gitlab: Gitlab, clock: Clock) -> None:
    """A running job can be canceled once; its deployment ends with it and never succeeds."""
    made = (await gitlab.post(RETRY)).body
    clock.on(1)
    canceled = await gitlab.post(f"{PROJECT}/jobs/{made['id']}/cancel")
    clock.on(60)
    row = (await gitlab.get(f"{PROJECT}/deployments/503")).body
    again = await gitlab.post(f"{PROJECT}/jobs/{made['id']}/cancel")

    assert canceled.status == 201
    assert row["status"] == "canceled"
    assert again.status == 422


async def test_effects_are_told_before_and_after(gitlab: Gitlab) -> None:
    """The hook for kill tests hears of a write on both sides of its effect, and the count follows."""
    heard = []
    gitlab.state.on_effect = lambda moment, name: heard.append((moment, name, len(gitlab.state.retries)))
    await gitlab.post(RETRY)

    assert heard == [("before", "retry", 0), ("after", "retry", 1)]
    assert gitlab.state.effects == {"retry": 1}
