"""The bodies of webhooks (docs.gitlab.com/user/project/integrations/webhook_events)."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab.records import Deployment, Issue, Job, Pipeline
from sandbox.gitlab.shapes.commits import title
from sandbox.gitlab.shapes.deployments import pipeline_status, slug
from sandbox.gitlab.shapes.issues import web_url
from sandbox.gitlab.shapes.times import hook_time, iso
from sandbox.gitlab.state import GitLabState

_VISIBILITY = {"private": 0, "internal": 10, "public": 20}


def deployment_payload(state: GitLabState, row: Deployment) -> dict[str, Any]:
    """No pipeline id, and only a short sha: the full one ends ``commit_url``."""
    place = state.environments[row.environment]
    page = f"{state.url}/{state.project.path}"
    return {
        "object_kind": "deployment",
        "status": row.status,
        # Not ISO: "2021-04-28 21:50:00 +0200".
        "status_changed_at": f"{row.updated_at:%Y-%m-%d %H:%M:%S %z}",
        "deployment_id": row.id,
        "deployable_id": row.job_id,
        "deployable_url": f"{page}/-/jobs/{row.job_id}" if row.job_id is not None else None,
        "environment": place.name,
        "environment_tier": place.tier,
        "environment_slug": slug(place.name),
        "environment_external_url": place.external_url,
        "project": _project(state),
        "short_sha": row.sha[:8],
        "user": _user(state, row.user),
        "user_url": f"{state.url}/{row.user}",
        "commit_url": f"{page}/-/commit/{row.sha}",
        "commit_title": title(state.repository.commit(row.sha)),
        "ref": row.ref,
    }


def build_payload(state: GitLabState, job: Job) -> dict[str, Any]:
    """``retries_count`` 0 is the first run; ``commit.id`` is the pipeline's id."""
    return {
        "object_kind": "build",
        "ref": job.ref,
        "tag": False,
        "before_sha": "0" * 40,
        "sha": job.sha,
        "build_id": job.id,
        "build_name": job.name,
        "build_stage": "deploy",
        "build_status": job.status,
        **_build_times(job),
        "build_allow_failure": False,
        "build_failure_reason": job.failure_reason if job.status == "failed" else "unknown_failure",
        "retries_count": job.attempt,
        "pipeline_id": job.pipeline_id,
        "project_id": state.project.id,
        "project_name": f"{state.project.path.rpartition('/')[0].title()} / {state.project.name}",
        "user": _user(state, job.user),
        "commit": _build_commit(state, job),
        "repository": _repository(state),
        "project": _project(state),
        "runner": None,
        "environment": _environment(state, job),
        "source_pipeline": None,
    }


def _build_times(job: Job) -> dict[str, Any]:
    times = {"created": job.created_at, "started": job.started_at, "finished": job.finished_at}
    duration = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
    return {
        **{f"build_{name}_at": hook_time(when) for name, when in times.items()},
        **{f"build_{name}_at_iso": iso(when) for name, when in times.items()},
        "build_duration": duration,
        "build_queued_duration": 0.0,
    }


def _build_commit(state: GitLabState, job: Job) -> dict[str, Any]:
    commit = state.repository.commit(job.sha)
    return {
        "id": job.pipeline_id,
        "name": None,
        "sha": job.sha,
        "message": commit.message,
        "author_name": commit.author.name,
        "author_email": commit.author.email,
        "status": job.status,
        "duration": None,
        "started_at": hook_time(job.started_at),
        "finished_at": hook_time(job.finished_at),
    }


def pipeline_payload(state: GitLabState, pipeline: Pipeline) -> dict[str, Any]:
    jobs = [job for job in state.jobs.values() if job.pipeline_id == pipeline.id]
    commit = state.repository.commit(pipeline.sha)
    return {
        "object_kind": "pipeline",
        "object_attributes": _pipeline_attributes(state, pipeline, jobs),
        "merge_request": None,
        "user": _user(state, jobs[0].user if jobs else pipeline.user),
        "project": _project(state),
        "commit": {
            "id": pipeline.sha,
            "message": commit.message,
            "url": f"{state.url}/{state.project.path}/-/commit/{pipeline.sha}",
            "author": {"name": commit.author.name, "email": commit.author.email},
        },
        "source_pipeline": None,
        "builds": [_build(state, job) for job in jobs],
    }


def _pipeline_attributes(state: GitLabState, pipeline: Pipeline, jobs: list[Job]) -> dict[str, Any]:
    ended = [job.finished_at for job in jobs if job.finished_at]
    return {
        "id": pipeline.id,
        "iid": pipeline.iid,
        "name": None,
        "ref": pipeline.ref,
        "tag": False,
        "sha": pipeline.sha,
        "before_sha": "0" * 40,
        "source": pipeline.source,
        "status": pipeline.status or pipeline_status(jobs),
        "stages": ["deploy"],
        "created_at": hook_time(pipeline.created_at),
        "finished_at": hook_time(max(ended, default=None)),
        "duration": None,
        "variables": [],
        "url": f"{state.url}/{state.project.path}/-/pipelines/{pipeline.id}",
    }


def _build(state: GitLabState, job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "stage": "deploy",
        "name": job.name,
        "status": job.status,
        "created_at": hook_time(job.created_at),
        "started_at": hook_time(job.started_at),
        "finished_at": hook_time(job.finished_at),
        "duration": None,
        "queued_duration": None,
        "failure_reason": job.failure_reason if job.status == "failed" else None,
        "when": "on_success",
        "manual": False,
        "allow_failure": False,
        "user": _user(state, job.user),
        "runner": None,
        "artifacts_file": {"filename": None, "size": None},
        "environment": _environment(state, job),
    }


def issue_payload(state: GitLabState, issue: Issue, action: str) -> dict[str, Any]:
    """An incident may come as ``issue`` or as ``work_item``: only ``object_attributes.type`` tells for sure."""
    kind = state.options.incident_hook_kind if issue.kind == "incident" else "issue"
    event = f"confidential_{kind}" if issue.confidential else kind
    labels = [{"id": state.label(name).id, "title": name} for name in issue.labels]
    assignees = [_user(state, username) for username in issue.assignees]
    return {
        "object_kind": kind,
        "event_type": event,
        "user": _user(state, issue.updated_by or issue.author),
        "project": _project(state),
        "object_attributes": _issue_attributes(state, issue, action) | {"labels": labels},
        "repository": _repository(state),
        "assignees": assignees,
        **({"assignee": assignees[0]} if assignees else {}),
        "labels": labels,
        "changes": {},
    }


def _issue_attributes(state: GitLabState, issue: Issue, action: str) -> dict[str, Any]:
    people = [state.users[username].id for username in issue.assignees]
    return {
        "id": issue.id,
        "iid": issue.iid,
        "title": issue.title,
        "description": issue.description,
        "assignee_ids": people,
        "assignee_id": people[0] if people else None,
        "author_id": state.users[issue.author].id,
        "project_id": state.project.id,
        "created_at": iso(issue.created_at),
        "updated_at": iso(issue.updated_at),
        "state_id": 1 if issue.state == "opened" else 2,
        "state": issue.state,
        "confidential": issue.confidential,
        "type": issue.kind.capitalize(),
        "url": web_url(state, issue),
        "action": action,
        "severity": issue.severity.lower(),
        "escalation_status": "triggered" if issue.kind == "incident" else None,
    }


def _project(state: GitLabState) -> dict[str, Any]:
    project, page = state.project, f"{state.url}/{state.project.path}"
    return {
        "id": project.id,
        "name": project.name,
        "description": "",
        "web_url": page,
        "avatar_url": None,
        "git_ssh_url": f"git@{state.url.partition('//')[2]}:{project.path}.git",
        "git_http_url": f"{page}.git",
        "namespace": project.path.rpartition("/")[0].title(),
        "visibility_level": _VISIBILITY[project.visibility],
        "path_with_namespace": project.path,
        "default_branch": project.default_branch,
        "ci_config_path": "",
    }


def _repository(state: GitLabState) -> dict[str, Any]:
    page = f"{state.url}/{state.project.path}"
    return {"name": state.project.name, "url": f"{page}.git", "description": "", "homepage": page}


def _environment(state: GitLabState, job: Job) -> dict[str, Any] | None:
    if not job.environment:
        return None
    tier = state.environments[job.environment].tier
    return {"name": job.environment, "action": "start", "deployment_tier": tier}


def _user(state: GitLabState, username: str) -> dict[str, Any]:
    # GitLab writes "[REDACTED]" for e-mail addresses that their owners do not publish.
    user = state.users[username]
    return {"id": user.id, "name": user.name, "username": username, "avatar_url": None, "email": "[REDACTED]"}
