"""Rollback operations: look first, act once, find what became of it. Against the embedded GitLab, and a strange one."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from backtrace_core.model import Deployment, DeploymentStatus
from bot.gitlab import rollback
from bot.gitlab.client import GitLabClient, GitLabRefused, GitLabUnavailable, OutcomeUnknown
from sandbox.gitlab import BOT_TOKEN, Fault, GitLab, serve_gitlab
from sandbox.gitlab.faults import FaultKind
from tests.bot.gitlab.fake import FakeGitLab, Reply, client_of
from tests.sandbox.gitlab.small_world import T0, small_world

PROJECT, GOOD_JOB, BAD_JOB = "acme/checkout", 8001, 8100
NAME = "deploy-production"


class Clock:
    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def gitlab(tmp_path: Path, clock: Clock) -> AsyncIterator[GitLab]:
    async with serve_gitlab(small_world(tmp_path), clock) as running:
        yield running


@pytest.fixture
async def there(gitlab: GitLab) -> AsyncIterator[GitLabClient]:
    """A client of the embedded GitLab."""
    async with client_of(gitlab.url, token=BOT_TOKEN) as made:
        yield made


async def target_of(client: GitLabClient) -> Deployment:
    found = await rollback.deployment_of_job(client, PROJECT, "production", GOOD_JOB)
    assert found is not None
    return found


async def test_a_rollback_is_a_retry_that_goes_live(gitlab: GitLab, there: GitLabClient, clock: Clock):
    """One retry of the good job makes a new job and a new deployment of the old sha, and that becomes live."""
    target = await target_of(there)
    newest = await rollback.newest_job(there, PROJECT, 900, NAME)
    assert (newest.id, newest.why_not) == (GOOD_JOB, "")

    job = await rollback.retry_job(there, PROJECT, GOOD_JOB)
    made = await rollback.deployment_of_job(there, PROJECT, "production", job)
    assert made is not None
    assert made.sha == target.sha
    clock.now += timedelta(seconds=60)

    progress = await rollback.progress_of(there, PROJECT, made.id)
    assert progress.deployment.status is DeploymentStatus.SUCCESS
    assert len(gitlab.state.retries) == 1


async def test_after_a_retry_the_newest_job_is_another(there: GitLabClient):
    """The retried job vanishes from the list; the new one is found, and says that somebody has started it."""
    job = await rollback.retry_job(there, PROJECT, GOOD_JOB)
    newest = await rollback.newest_job(there, PROJECT, 900, (await target_of_job(there, job)).name)

    assert newest.id == job != GOOD_JOB
    assert "started" in newest.why_not


async def target_of_job(client: GitLabClient, job: int) -> rollback.Job:
    found = await rollback.deployment_of_job(client, PROJECT, "production", job)
    assert found is not None
    assert found.job is not None
    return found.job


async def test_a_second_retry_is_refused(gitlab: GitLab, there: GitLabClient):
    """GitLab retries a job once; the second press hears that."""
    await rollback.retry_job(there, PROJECT, GOOD_JOB)

    with pytest.raises(GitLabRefused, match="not retryable"):
        await rollback.retry_job(there, PROJECT, GOOD_JOB)
    assert len(gitlab.state.retries) == 1


@pytest.mark.parametrize("kind", ["took_effect_then_reset", "reset", "500", "502"])
async def test_a_retry_is_sent_once(gitlab: GitLab, there: GitLabClient, kind: FaultKind):
    """Whatever the network does, one POST leaves; whether it took effect must be looked for."""
    gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/retry", kind))

    with pytest.raises(OutcomeUnknown):
        await rollback.retry_job(there, PROJECT, GOOD_JOB)
    sent = [exchange for exchange in gitlab.recorded if exchange.request.method == "POST"]
    assert len(sent) == 1
    assert len(gitlab.state.retries) == (kind == "took_effect_then_reset")


async def test_an_archived_job_is_refused_beforehand(gitlab: GitLab, there: GitLabClient):
    """GitLab does not retry archived jobs: the checks say so before anybody presses."""
    gitlab.state.jobs[GOOD_JOB].archived = True
    newest = await rollback.newest_job(there, PROJECT, 900, NAME)

    assert newest.why_not == "The job is archived; GitLab does not retry such jobs."


async def test_without_a_job_there_is_nothing_to_retry(there: GitLabClient):
    """Deployments of outside tools have no job, and so no pipeline."""
    newest = await rollback.newest_job(there, PROJECT, 0, "")

    assert "no job to retry" in newest.why_not


async def test_a_job_that_vanished_is_said(there: GitLabClient):
    """No job of that name in the pipeline: no id, and a reason."""
    newest = await rollback.newest_job(there, PROJECT, 900, "gone")

    assert newest.id is None
    assert newest.why_not == "The pipeline has no job gone any more."


async def test_cancelling_leaves_ended_jobs_alone(gitlab: GitLab, there: GitLabClient):
    """A job that has ended is looked at and not cancelled; a started one is cancelled once."""
    await rollback.cancel_job(there, PROJECT, BAD_JOB)
    assert not [exchange for exchange in gitlab.recorded if exchange.request.method == "POST"]

    job = await rollback.retry_job(there, PROJECT, GOOD_JOB)
    await rollback.cancel_job(there, PROJECT, job)
    await rollback.cancel_job(there, PROJECT, job)
    cancels = [exchange for exchange in gitlab.recorded if exchange.request.path.endswith("/cancel")]
    assert len(cancels) == 1


async def test_a_retry_without_an_id_is_unknown(fake: FakeGitLab, client: GitLabClient):
    """An answer that does not name the new job is no success and no refusal."""
    fake.on("POST", "/projects/acme%2Fcheckout/jobs/8001/retry", Reply({"status": "pending"}, 201))

    with pytest.raises(OutcomeUnknown):
        await rollback.retry_job(client, PROJECT, GOOD_JOB)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("skipped", "skipped"),
        ("manual", "waits in GitLab for an approval or for somebody to start it"),
        ("pending", "pending"),
        ("waiting_for_resource", "waiting for resource: somebody has started it already"),
        ("waiting_for_callback", "waiting for callback: somebody has started it already"),
    ],
)
async def test_only_ended_jobs_can_be_retried(fake: FakeGitLab, client: GitLabClient, status: str, says: str):
    """GitLab retries success, failed and canceled; everything else is a refusal in words."""
    path = "/projects/acme%2Fcheckout/pipelines/900/jobs"
    fake.on("GET", path, [{"id": 1, "name": "deploy", "status": status, "pipeline": {"id": 900}}])

    newest = await rollback.newest_job(client, PROJECT, 900, "deploy")
    assert says in newest.why_not


async def test_a_status_that_nobody_knows_is_no_end(fake: FakeGitLab, client: GitLabClient):
    """A deployment in an unknown status is neither a success nor a failure."""
    fake.on("GET", "/projects/acme%2Fcheckout/deployments/502", {"status": "levitating"})

    with pytest.raises(GitLabUnavailable):
        await rollback.progress_of(client, PROJECT, 502)
