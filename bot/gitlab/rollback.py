"""Going back: the facts before a retry, the retry itself, and what became of it.

GitLab has no rollback of its own: its button retries the job of the old deployment, which makes a new job in the old
pipeline and a new deployment (docs.gitlab.com/ci/environments: retry or roll back a deployment).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backtrace_core.model import Deployment, DeploymentStatus, Job
from backtrace_core.retrying import RETRYABLE, UNDER_WAY, WAITS_FOR_A_PERSON
from bot.gitlab.client import GitLabClient, GitLabUnavailable, OutcomeUnknown
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import MALFORMED, deployment_of, job_of

MOST_JOBS = 1000
RECENT_ROWS = 20

ENDED = frozenset({"success", "failed", "canceled", "skipped"})
CANCELLED = frozenset({"canceled", "canceling"})


@dataclass(frozen=True, slots=True)
class JobState:
    """The newest job of a name in a pipeline. ``id``: None when there is none; ``why_not``: why it can't be retried."""

    id: int | None
    name: str
    status: str = ""
    archived: bool = False
    url: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """A deployment as it is now; ``failure`` is GitLab's reason why its job failed, in GitLab's words, or empty."""

    deployment: Deployment
    failure: str

    @property
    def stage(self) -> str:
        """Where it stands: its status, while it is created that of its job, and ``blocked`` where a person must act."""
        status, job = self.deployment.status, self.deployment.job
        if status is DeploymentStatus.CREATED and job is not None:
            return DeploymentStatus.BLOCKED.value if job.status == "manual" else job.status
        return status.value


async def newest_job(client: GitLabClient, project: str, pipeline_id: int, name: str) -> JobState:
    """The newest attempt of a job; GitLab's list hides those that were retried.

    :raises GitLabError: when the pipeline can't be read.
    """
    if not pipeline_id:
        return JobState(None, name, why_not="The deployment was made by an outside tool: there is no job to retry.")
    rows = await client.list_all(in_project(project, "pipelines", pipeline_id, "jobs"), limit=MOST_JOBS)
    attempts = [row for row in rows if row.get("name") == name]
    if not attempts:
        return JobState(None, name, why_not=f"The pipeline has no job {name} any more.")
    return _state_of(max(attempts, key=lambda row: int(row["id"])))


def _state_of(row: Mapping[str, Any]) -> JobState:
    job = job_of(row)
    if job is None:
        raise GitLabUnavailable("a job without an id")
    return JobState(job.id, job.name, job.status, job.archived, job.url, _why_not(job))


def _why_not(job: Job) -> str:
    if job.archived:
        return "The job is archived; GitLab does not retry such jobs."
    if job.status in RETRYABLE:
        return ""
    if job.status == WAITS_FOR_A_PERSON:
        return "A retry of the job waits in GitLab for an approval or for somebody to start it. Look at it there."
    if job.status in UNDER_WAY:
        return f"The job is {job.status.replace('_', ' ')}: somebody has started it already."
    return f"The job is {job.status}; GitLab retries only jobs that have ended."


async def retry_job(client: GitLabClient, project: str, job_id: int) -> int:
    """Retry a job, once. Returns the id of the new job.

    :raises GitLabRefused: nothing was started; 403 also when somebody has retried the job before.
    :raises OutcomeUnknown: it may have been started: look for a newer job before you try again.
    """
    row = await client.post(in_project(project, "jobs", job_id, "retry"))
    if not isinstance(row.get("id"), int):
        raise OutcomeUnknown("GitLab answered without the id of the new job")
    return int(row["id"])


async def cancel_job(client: GitLabClient, project: str, job_id: int) -> bool:
    """Cancel a job that has not ended; one that has is left as it is. Whether it is cancelled now.

    :raises GitLabError: as for ``retry_job``.
    """
    job = await client.get(in_project(project, "jobs", job_id))
    if job.get("status") in ENDED:
        return bool(job["status"] == "canceled")
    await client.post(in_project(project, "jobs", job_id, "cancel"))
    return True


async def is_cancelled(client: GitLabClient, project: str, job_id: int) -> bool:
    """:raises GitLabError: when the job can't be read."""
    job = await client.get(in_project(project, "jobs", job_id))
    return job.get("status") in CANCELLED


async def deployment_of_job(client: GitLabClient, project: str, environment: str, job_id: int) -> Deployment | None:
    """The deployment that a job makes; None until GitLab has its row. The job itself does not tell it."""
    where = {"environment": environment, "order_by": "id", "sort": "desc"}
    rows = await _rows(client, project, RECENT_ROWS, where)
    return next((row for row in rows if row.job is not None and row.job.id == job_id), None)


async def progress_of(client: GitLabClient, project: str, deployment_id: int) -> Progress:
    """How far a deployment is.

    :raises GitLabError: when it can't be read, or is in a status that nobody knows.
    """
    row = await client.get(in_project(project, "deployments", deployment_id))
    try:
        return Progress(deployment_of(row, project, _page(client, project)), _failure(row.get("deployable") or {}))
    except MALFORMED as error:
        raise GitLabUnavailable(f"deployment {deployment_id} has an unexpected form or status") from error


def _failure(job: Mapping[str, Any]) -> str:
    return str(job.get("failure_reason") or "")


async def live_deployment(client: GitLabClient, project: str, environment: str, job: str = "") -> Deployment | None:
    """What is live: the success that finished last; where ``job`` is given, the last one of that deploy job."""
    where = {"environment": environment, "status": "success", "order_by": "finished_at", "sort": "desc"}
    rows = await _rows(client, project, RECENT_ROWS if job else 1, where)
    return next((row for row in rows if not job or row.job is None or row.job.name == job), None)


async def _rows(client: GitLabClient, project: str, limit: int, where: Mapping[str, str]) -> tuple[Deployment, ...]:
    rows = await client.list_all(in_project(project, "deployments"), limit=limit, **where)
    try:
        return tuple(deployment_of(row, project, _page(client, project)) for row in rows)
    except MALFORMED as error:
        raise GitLabUnavailable("a deployment has an unexpected form") from error


def _page(client: GitLabClient, project: str) -> str:
    """The project's address: a deployment row does not carry it."""
    return f"{client.url.rstrip('/')}/{project}"


@dataclass(frozen=True, slots=True)
class PlaceState:
    """What is ``live`` in an environment, and the rows that were made since, newest first."""

    live: Deployment | None
    since: tuple[Deployment, ...]


async def newest_deployment(client: GitLabClient, project: str, environment: str) -> int:
    """The id of the environment's newest row, 0 where there is none."""
    where = {"environment": environment, "order_by": "id", "sort": "desc"}
    return max((row.id for row in await _rows(client, project, 1, where)), default=0)


async def place_state(client: GitLabClient, project: str, environment: str, newest_before: int) -> PlaceState:
    """How an environment stands, with what was deployed since ``newest_before`` was its newest row."""
    where = {"environment": environment, "order_by": "id", "sort": "desc"}
    rows = await _rows(client, project, RECENT_ROWS, where)
    live = await live_deployment(client, project, environment)
    return PlaceState(live, tuple(row for row in rows if row.id > newest_before))


async def deployment_of_id(client: GitLabClient, project: str, deployment_id: int) -> Deployment:
    """One deployment. Raises as ``progress_of``."""
    return (await progress_of(client, project, deployment_id)).deployment
