"""Environments, deployments, jobs, pipelines."""

from __future__ import annotations

import re
from typing import Any

from sandbox.gitlab import deploying, holding
from sandbox.gitlab.records import Approval, ApprovalRule, Deployment, Job, Pipeline
from sandbox.gitlab.shapes.commits import commit_basic
from sandbox.gitlab.shapes.people import user_basic, user_full
from sandbox.gitlab.shapes.projects import approval_rule, project_basic
from sandbox.gitlab.shapes.times import iso
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import Environment

ARCHIVE = {"file_type": "archive", "size": 2_048, "filename": "artifacts.zip", "file_format": "zip"}


def slug(name: str) -> str:
    """GitLab's slug of an environment: lower case, dashes, at most 24 characters."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24]


def environment_basic(state: GitLabState, name: str) -> dict[str, Any]:
    place = state.environments[name]
    deployed = [row.updated_at for row in state.deployments.values() if row.environment == name]
    return {
        "id": place.id,
        "name": place.name,
        "slug": slug(place.name),
        "external_url": place.external_url,
        "created_at": iso(place.created_at),
        "updated_at": iso(max(deployed, default=place.created_at)),
    }


def environment_row(state: GitLabState, place: Environment) -> dict[str, Any]:
    return {
        **environment_basic(state, place.name),
        "tier": place.tier,
        "state": "stopped" if place.name in state.stopped else "available",
        "auto_stop_at": None,
        "cluster_agent": None,
        "kubernetes_namespace": None,
        "flux_resource_path": None,
        "description": None,
        "auto_stop_setting": "always",
    }


def environment_single(state: GitLabState, place: Environment) -> dict[str, Any]:
    """Only the single call has ``last_deployment``."""
    live = deploying.live(state, place.name)
    return {
        **environment_row(state, place),
        "project": project_basic(state),
        "last_deployment": deployment_row(state, live) if live else None,
    }


def deployment_row(state: GitLabState, deployment: Deployment) -> dict[str, Any]:
    """The row has neither ``finished_at`` nor ``tag``."""
    job = state.jobs.get(deployment.job_id) if deployment.job_id is not None else None
    return {
        "id": deployment.id,
        "iid": deployment.iid,
        "ref": deployment.ref,
        "sha": deployment.sha,
        "created_at": iso(deployment.created_at),
        "updated_at": iso(deployment.updated_at),
        "user": user_basic(state, deployment.user),
        "environment": environment_basic(state, deployment.environment),
        "deployable": job_entity(state, job) if job else None,
        "status": deployment.status,
    }


def deployment_single(state: GitLabState, deployment: Deployment) -> dict[str, Any]:
    rules = state.approval_rules.get(deployment.environment, ())
    given = [approval_entity(state, one) for one in state.approvals.get(deployment.id, ())]
    return {
        **deployment_row(state, deployment),
        "pending_approval_count": holding.pending_approvals(state, deployment),
        "approvals": given,
        "approval_summary": {"rules": [_summary(state, deployment, n, rule) for n, rule in enumerate(rules, start=1)]},
    }


def approval_entity(state: GitLabState, approval: Approval) -> dict[str, Any]:
    return {
        "user": user_basic(state, approval.username),
        "status": approval.status,
        "created_at": iso(approval.at),
        "comment": approval.comment,
    }


def _summary(state: GitLabState, deployment: Deployment, place: int, rule: ApprovalRule) -> dict[str, Any]:
    given = [approval_entity(state, one) for one in holding.approvals_of(state, deployment, rule)]
    shown = approval_rule(state, rule, place)
    names = ("user_id", "group_id", "access_level", "access_level_description", "required_approvals")
    return {**{name: shown[name] for name in names}, "deployment_approvals": given}


def job_entity(state: GitLabState, job: Job) -> dict[str, Any]:
    ended, began = job.finished_at, job.started_at
    return {
        "id": job.id,
        "status": job.status,
        "stage": job.stage,
        "name": job.name,
        "ref": job.ref,
        "tag": False,
        "coverage": None,
        "allow_failure": False,
        "created_at": iso(job.created_at),
        "started_at": iso(began),
        "finished_at": iso(ended),
        "erased_at": iso(job.erased_at),
        "duration": (ended - began).total_seconds() if ended and began else None,
        "queued_duration": ((began or state.now()) - job.created_at).total_seconds(),
        "user": user_full(state, job.user),
        "commit": commit_basic(state, state.repository.commit(job.sha)),
        "pipeline": pipeline_basic(state, state.pipelines[job.pipeline_id]),
        **({"failure_reason": job.failure_reason} if job.status == "failed" else {}),
        "web_url": f"{state.url}/{state.project.path}/-/jobs/{job.id}",
        "project": {"ci_job_token_scope_enabled": False},
        "artifacts": [ARCHIVE] if holding.has_artifacts(state, job) else [],
        "runner": None,
        "runner_manager": None,
        "artifacts_expire_at": iso(job.artifacts_until),
        "archived": job.archived,
        "tag_list": [],
    }


def pipeline_basic(state: GitLabState, pipeline: Pipeline) -> dict[str, Any]:
    jobs = [job for job in state.jobs.values() if job.pipeline_id == pipeline.id]
    moved = [when for job in jobs for when in (job.created_at, job.started_at, job.finished_at) if when]
    return {
        "id": pipeline.id,
        "iid": pipeline.iid,
        "project_id": state.project.id,
        "sha": pipeline.sha,
        "ref": pipeline.ref,
        "status": pipeline.status or pipeline_status(jobs),
        "source": pipeline.source,
        "created_at": iso(pipeline.created_at),
        "updated_at": iso(max(moved, default=pipeline.created_at)),
        "web_url": f"{state.url}/{state.project.path}/-/pipelines/{pipeline.id}",
    }


def pipeline_single(state: GitLabState, pipeline: Pipeline) -> dict[str, Any]:
    """What one pipeline has beside its row in lists; of its times only that of its creation is told here."""
    basic = pipeline_basic(state, pipeline)
    return {
        **basic,
        "name": None,
        "before_sha": "0" * 40,
        "tag": pipeline.ref in state.repository.tags(),
        "yaml_errors": None,
        "user": user_basic(state, pipeline.user) if pipeline.user else None,
        "started_at": None,
        "finished_at": None,
        "committed_at": None,
        "duration": None,
        "queued_duration": None,
        "coverage": None,
        "detailed_status": {"icon": f"status_{basic['status']}", "text": basic["status"], "label": basic["status"]},
    }


def pipeline_status(jobs: list[Job]) -> str:
    """Of the newest attempts: what still moves comes first, then what went wrong."""
    statuses = {job.status for job in jobs if not job.retried}
    for status in ("running", "pending", "created", "failed", "canceled", "manual"):
        if status in statuses:
            return "running" if status == "pending" else status
    return "success"
