"""Jobs and deployments as time goes by: what settles by itself, retry, cancel (GITLAB.md 2.1 and 2.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.gitlab import holding
from sandbox.gitlab.answers import RefusalError, bad_request, forbidden
from sandbox.gitlab.records import RETRIED, Access, Deployment, Job, Retry
from sandbox.gitlab.state import OWN_GROUP, GitLabState, next_id
from sandbox.worlds.model import User

RETRYABLE = {"success", "failed", "canceled", "canceling"}
CANCELABLE = {"created", "waiting_for_resource", "preparing", "pending", "running", "manual", "scheduled"}


def settle(state: GitLabState) -> None:
    """Move everything to where it stands now. Called on each request, so that no timer is needed."""
    now = state.now()
    holding.let_go(state)
    for deployment in list(state.deployments.values()):
        waits = deployment.status in {"created", "blocked"}
        if waits and deployment.starts_at and deployment.starts_at <= now:
            _start(state, deployment, deployment.starts_at)
        # What no runner takes, and what lacks its artifacts, ends without having run.
        never_runs = waits and deployment.starts_at is None
        if (deployment.status == "running" or never_runs) and deployment.ends_at and deployment.ends_at <= now:
            finish(state, deployment, deployment.ends_at, deployment.ends_as)
    state.links.settle(now)


def _start(state: GitLabState, deployment: Deployment, at: datetime) -> None:
    deployment.status, deployment.started_at = "running", at
    if deployment.job_id is not None:
        job = state.jobs[deployment.job_id]
        job.status, job.started_at = "running", at
    _tell(state, deployment)


def finish(state: GitLabState, deployment: Deployment, at: datetime, status: str) -> None:
    """End a deployment and its job."""
    deployment.status, deployment.finished_at = status, at
    if deployment.job_id is not None:
        job = state.jobs[deployment.job_id]
        job.status, job.finished_at = status, at
        job.failure_reason = deployment.fails_with or state.failure_reason
    _tell(state, deployment)
    if status == "failed" and deployment.job_id is not None and state.auto_retries > 0:
        state.auto_retries -= 1
        _again(state, state.jobs[deployment.job_id])


def _again(state: GitLabState, job: Job) -> None:
    """What ``retry:`` in the job's definition does: as a person's retry, in the name of whoever ran it."""
    job.retried = True
    again = _next_attempt(state, job, state.users[job.user])
    _deployment_for(state, again)
    state.on_change("job", again.id)


def _tell(state: GitLabState, deployment: Deployment) -> None:
    state.on_change("deployment", deployment.id)
    if deployment.job_id is not None:
        state.on_change("job", deployment.job_id)
        state.on_change("pipeline", state.jobs[deployment.job_id].pipeline_id)


def live(state: GitLabState, environment: str) -> Deployment | None:
    """The newest success by finish time: GitLab's ``last_deployment``."""
    finished = [
        (deployment.finished_at, deployment.id)
        for deployment in state.deployments.values()
        if deployment.environment == environment and deployment.status == "success" and deployment.finished_at
    ]
    return state.deployments[max(finished)[1]] if finished else None


def deployment_of(state: GitLabState, job: Job) -> Deployment | None:
    return next((deployment for deployment in state.deployments.values() if deployment.job_id == job.id), None)


def retry(state: GitLabState, job: Job, user: User) -> Job:
    """A new job in the old pipeline and a new deployment of the old sha.

    :raises RefusalError: 403, with a reason only where the job itself can't be retried.
    """
    _check_retryable(state, job)
    if not may_update(state, job, user) or _outdated(state, job):
        forbidden()
    with state.effect("retry"):
        job.retried = True
        again = _next_attempt(state, job, user)
        deployment = _deployment_for(state, again)
        holding.hold(state, again, deployment)
        state.stopped.discard(again.environment)
        state.retries.append(Retry(job.id, again.id, deployment.id, user.username, again.created_at))
        state.on_change("job", again.id)
        state.on_change("pipeline", again.pipeline_id)
    return again


def _check_retryable(state: GitLabState, job: Job) -> None:
    deployment = deployment_of(state, job)
    rejected = deployment is not None and holding.is_rejected(state, deployment)
    if job.retried or job.archived or rejected or job.status not in RETRYABLE:
        forbidden(RETRIED)


def _outdated(state: GitLabState, job: Job) -> bool:
    if not state.options.forward_deployment or (state.options.rollback_allowed and job.status in RETRYABLE):
        return False
    deployment, newest = deployment_of(state, job), live(state, job.environment)
    if deployment is None or newest is None:
        return False
    return deployment.sha != newest.sha and deployment.id < newest.id


def may_update(state: GitLabState, job: Job, user: User) -> bool:
    """Protected environments, the project's and the group's, and protected branches bind retry and play alike."""
    branch = state.protected_branches.get(job.ref)
    level = state.levels.get(user.username, 0)
    if branch is not None and not _admits(state, (*branch.push, *branch.merge), user, level):
        return False
    environment = state.protected_environments.get(job.environment)
    if environment is not None and not _admits(state, environment, user, level):
        return False
    tier = state.protected_tiers.get(state.environments[job.environment].tier)
    return tier is None or _admits(state, tier, user, state.groups[OWN_GROUP].get(user.username, 0))


def may_push(state: GitLabState, branch: str, user: User) -> bool:
    """To a protected branch those whom it lists; to others Developers."""
    level, rule = state.levels.get(user.username, 0), state.protected_branches.get(branch)
    return level >= 30 if rule is None else _admits(state, rule.push, user, level)


def may_push_or_merge(state: GitLabState, ref: str, user: User) -> bool:
    """Who may run a pipeline on a branch: to a protected one whoever may push to it or merge into it."""
    level, rule = state.levels.get(user.username, 0), state.protected_branches.get(ref)
    return level >= 30 if rule is None else _admits(state, (*rule.push, *rule.merge), user, level)


def _admits(state: GitLabState, accesses: tuple[Access, ...], user: User, level: int) -> bool:
    return any(holding.admits(state, access, user, level) for access in accesses)


def _next_attempt(state: GitLabState, job: Job, user: User) -> Job:
    again = Job(
        id=next_id(list(state.jobs)),
        name=job.name,
        pipeline_id=job.pipeline_id,
        environment=job.environment,
        status="pending",
        sha=job.sha,
        ref=job.ref,
        user=user.username,
        created_at=state.now(),
        started_at=None,
        finished_at=None,
        attempt=job.attempt + 1,
        stage=job.stage,
        needs_artifacts=job.needs_artifacts,
        resource_group=job.resource_group,
    )
    state.jobs[again.id] = again
    return again


def _deployment_for(state: GitLabState, job: Job) -> Deployment:
    deployment = Deployment(
        id=next_id(list(state.deployments)),
        iid=next_id([deployment.iid for deployment in state.deployments.values()]),
        environment=job.environment,
        sha=job.sha,
        ref=job.ref,
        status="created",
        user=job.user,
        job_id=job.id,
        created_at=job.created_at,
        started_at=None,
        finished_at=None,
        starts_at=job.created_at + timedelta(seconds=state.options.run_after),
        ends_at=job.created_at + timedelta(seconds=state.options.success_after),
        ends_as=state.retries_end,
    )
    state.deployments[deployment.id] = deployment
    return deployment


def cancel(state: GitLabState, job: Job, user: User) -> Job:
    """Stop a job; its deployment is canceled with it.

    :raises RefusalError: 403 without the right; for a finished job an error whose status GITLAB.md does not name.
    """
    if not may_update(state, job, user):
        forbidden()
    if job.status not in CANCELABLE:
        raise RefusalError(422, {"message": "422 Job is not cancelable"})
    with state.effect("cancel"):
        job.status, job.finished_at = "canceled", state.now()
        deployment = deployment_of(state, job)
        if deployment is not None:
            finish(state, deployment, state.now(), "canceled")
    return job


def play(state: GitLabState, job: Job, user: User) -> Job:
    """Start a job that waits for a person.

    :raises RefusalError: 403 without the right, 400 where it does not wait, or approvals are missing.
    """
    if not may_update(state, job, user):
        forbidden()
    deployment = deployment_of(state, job)
    lacks = deployment is not None and holding.pending_approvals(state, deployment) > 0
    if job.status != "manual" or lacks:
        bad_request("Unplayable Job")
    with state.effect("play"):
        job.user = user.username
        holding.go(state, job)
    return job
