"""What keeps a new attempt of a job from starting: approvals, a resource group, artifacts that are gone, no runner.

GITLAB.md 1.2, 1.5 and 2.2; what that has from memory is from memory here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.gitlab.answers import bad_request, forbidden
from sandbox.gitlab.records import Access, Approval, ApprovalRule, Deployment, Job
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import User

ENDED = {"success", "failed", "canceled", "skipped"}


def hold(state: GitLabState, job: Job, deployment: Deployment) -> None:
    """Let a job that was just made wait, or fail, where something is in its way."""
    if state.approval_rules.get(job.environment):
        job.status, deployment.status = "manual", "blocked"
        deployment.starts_at = deployment.ends_at = None
    elif job.resource_group and holder(state, job.resource_group) is not None:
        job.status = "waiting_for_resource"
        deployment.starts_at = deployment.ends_at = None
    elif job.needs_artifacts and any(_gone(state, job)):
        _drop(state, deployment, state.options.run_after, "missing_dependency_failure")
    elif state.options.stuck_after is not None:
        _drop(state, deployment, state.options.stuck_after, "stuck_or_timeout_failure")
    elif job.resource_group:
        state.resource_groups[job.resource_group] = job.id


def _drop(state: GitLabState, deployment: Deployment, after: float, reason: str) -> None:
    deployment.starts_at, deployment.ends_at = None, state.now() + timedelta(seconds=after)
    deployment.ends_as, deployment.fails_with = "failed", reason


def let_go(state: GitLabState) -> None:
    """Start what waits for a resource group that is free by now, the oldest job first."""
    for job in sorted(state.jobs.values(), key=lambda job: job.id):
        if job.status == "waiting_for_resource" and job.resource_group and holder(state, job.resource_group) is None:
            state.resource_groups[job.resource_group] = job.id
            go(state, job)


def go(state: GitLabState, job: Job) -> None:
    """Let a waiting job run."""
    job.status = "pending"
    for deployment in state.deployments.values():
        if deployment.job_id == job.id:
            deployment.starts_at = state.now() + timedelta(seconds=state.options.run_after)
            deployment.ends_at = state.now() + timedelta(seconds=state.options.success_after)


def holder(state: GitLabState, key: str) -> Job | None:
    """The job that has the group now."""
    job = state.jobs.get(state.resource_groups.get(key) or 0)
    return None if job is None or job.status in ENDED else job


def upcoming(state: GitLabState, key: str) -> list[Job]:
    waiting = {"created", "waiting_for_resource", "manual", "scheduled"}
    return [job for job in state.jobs.values() if job.resource_group == key and job.status in waiting]


def has_artifacts(state: GitLabState, job: Job) -> bool:
    return job.artifacts_until is not None and job.artifacts_until > state.now() and job.erased_at is None


def _gone(state: GitLabState, job: Job) -> Iterator[bool]:
    """For each job of an earlier stage that had artifacts whether they are gone; stages run in the order of ids."""
    for other in state.jobs.values():
        if other.pipeline_id == job.pipeline_id and other.stage != job.stage and other.artifacts_until is not None:
            yield not has_artifacts(state, other)


def approvals_of(state: GitLabState, deployment: Deployment, rule: ApprovalRule) -> list[Approval]:
    """Those that count for a rule."""
    given = state.approvals.get(deployment.id, ())
    return [one for one in given if _counts(state, rule.access, one.username)]


def pending_approvals(state: GitLabState, deployment: Deployment) -> int:
    if deployment.status != "blocked":
        return 0
    rules = state.approval_rules.get(deployment.environment, ())
    return sum(max(0, rule.required - len(approvals_of(state, deployment, rule))) for rule in rules)


def is_rejected(state: GitLabState, deployment: Deployment) -> bool:
    return any(one.status == "rejected" for one in state.approvals.get(deployment.id, ()))


def approve(state: GitLabState, deployment: Deployment, user: User, status: str, comment: str = "") -> Approval:
    """Approve or reject a deployment that waits for it.

    :raises RefusalError: 400 where it does not wait, 403 for those whom no rule lets.
    """
    if deployment.status != "blocked":
        bad_request("This deployment is not waiting for approvals.")
    rules = state.approval_rules.get(deployment.environment, ())
    if not any(_counts(state, rule.access, user.username) for rule in rules):
        forbidden()
    with state.effect("approval"):
        given = Approval(user.username, status, state.now(), comment)
        state.approvals.setdefault(deployment.id, []).append(given)
        if status == "rejected":
            deployment.ends_as, deployment.fails_with = "failed", "deployment_rejected"
            deployment.starts_at, deployment.ends_at = None, state.now()
    return given


def _counts(state: GitLabState, access: Access, username: str) -> bool:
    return admits(state, access, state.users[username], state.levels.get(username, 0))


def admits(state: GitLabState, access: Access, user: User, level: int) -> bool:
    """Whether one entry of a protection lets a person of that role through."""
    return (
        access.username == user.username
        or (access.level is not None and access.level <= level)
        or (access.group_id is not None and user.username in state.groups.get(access.group_id, {}))
    )
