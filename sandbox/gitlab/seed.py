"""A world's frozen description turned into records that can change."""

from __future__ import annotations

from sandbox.gitlab.options import GitLabOptions, Token
from sandbox.gitlab.records import Access, Deployment, Issue, Job, Label, Pipeline, ProtectedBranch
from sandbox.worlds.model import Deployment as Told
from sandbox.worlds.model import User, World

_JOB_STATUS = {"blocked": "manual"}


def bot_of(world: World) -> User:
    """The project's bot user, as a project access token makes one (``project_<id>_bot_<hex>``)."""
    free = max((user.id for user in world.users), default=0) + 1
    username = f"project_{world.project.id}_bot_5f3a9c"
    return User(free, username, "Backtrace", f"{username}@noreply.example.com", 40, "", bot=True)


def levels_of(world: World, bot: User, options: GitLabOptions) -> dict[str, int]:
    return {user.username: user.access_level for user in world.users} | {bot.username: options.bot_level}


def protected_branches_of(world: World) -> dict[str, ProtectedBranch]:
    """The default branch: maintainers push, developers merge."""
    return {world.project.default_branch: ProtectedBranch(push=(Access(level=40),), merge=(Access(level=30),))}


def tokens_of(world: World, options: GitLabOptions) -> dict[str, Token]:
    return {f"glpat-{user.username}": Token(user.username) for user in world.users} | dict(options.tokens)


def pipelines_of(world: World) -> dict[int, Pipeline]:
    first: dict[int, Told] = {}
    for told in sorted(world.deployments, key=lambda told: told.created_at):
        first.setdefault(told.pipeline_id, told)
    return {
        pipeline_id: Pipeline(pipeline_id, iid, first[pipeline_id].sha, first[pipeline_id].ref, told.created_at)
        for iid, (pipeline_id, told) in enumerate(sorted(first.items()), start=1)
    }


def jobs_of(world: World) -> dict[int, Job]:
    jobs = {told.job_id: _job(told) for told in world.deployments if told.has_job}
    newest: dict[tuple[int, str], Job] = {}
    for job in sorted(jobs.values(), key=lambda job: job.id):
        older = newest.get((job.pipeline_id, job.name))
        if older is not None:
            older.retried = True
            job.attempt = older.attempt + 1
        newest[job.pipeline_id, job.name] = job
    return jobs


def _job(told: Told) -> Job:
    return Job(
        id=told.job_id,
        name=f"deploy-{told.environment}",
        pipeline_id=told.pipeline_id,
        environment=told.environment,
        status=_JOB_STATUS.get(told.status, told.status),
        sha=told.sha,
        ref=told.ref,
        user=told.played_by or told.user,
        created_at=told.created_at,
        started_at=told.started_at,
        finished_at=told.finished_at,
    )


def deployments_of(world: World) -> dict[int, Deployment]:
    return {told.id: _deployment(told) for told in sorted(world.deployments, key=lambda told: told.id)}


def _deployment(told: Told) -> Deployment:
    running = told.status == "running"
    return Deployment(
        id=told.id,
        iid=told.iid,
        environment=told.environment,
        sha=told.sha,
        ref=told.ref,
        status=told.status,
        user=told.user,
        job_id=told.job_id if told.has_job else None,
        created_at=told.created_at,
        started_at=told.started_at,
        finished_at=None if running else told.finished_at,
        ends_at=told.finished_at if running else None,
    )


def issues_of(world: World) -> dict[int, Issue]:
    return {
        told.iid: Issue(
            id=told.id,
            iid=told.iid,
            title=told.title,
            description=told.description,
            author=told.author,
            created_at=told.created_at,
            updated_at=told.closed_at or told.created_at,
            kind=told.kind,
            labels=list(told.labels),
            confidential=told.confidential,
            closed_at=told.closed_at,
            closed_by=told.author if told.closed_at else None,
        )
        for told in world.issues
    }


def labels_of(world: World) -> dict[str, Label]:
    used = {name for issue in world.issues for name in issue.labels}
    used |= {name for change in world.merge_requests for name in change.labels}
    return {name: Label(label_id, name) for label_id, name in enumerate(sorted(used), start=1)}
