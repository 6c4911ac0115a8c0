"""Environments and their deployments in GraphQL."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from sandbox.gitlab import deploying
from sandbox.gitlab.graphql.context import Context, Fields, Info, connection, gid, user
from sandbox.gitlab.records import Deployment
from sandbox.gitlab.repository import moment
from sandbox.gitlab.routing import REPORTER
from sandbox.gitlab.shapes.commits import title
from sandbox.gitlab.shapes.times import iso
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import Environment


def environment(info: Info, name: str | None = None) -> Fields | None:
    context: Context = info.context
    place: Environment | None = context.state.environments.get(name or "")
    if place is None or context.level < REPORTER:
        return None

    def deployments(info: Info, **arguments: Any) -> Fields:
        return _deployments(info.context, place, arguments)

    return {
        "id": gid("Environment", place.id),
        "name": place.name,
        "tier": place.tier.upper(),
        "state": "available",
        "externalUrl": place.external_url,
        "deployments": deployments,
    }


def _deployments(context: Context, place: Environment, arguments: Fields) -> Fields:
    context.calls["deployments"] += 1
    if context.calls["deployments"] > 1:
        raise GraphQLError('"deployments" field can be requested only for 1 Environment(s) at a time.')
    statuses = {str(status).lower() for status in arguments.get("statuses") or ()}
    order = arguments.get("orderBy") or {}
    if "finishedAt" in order and not (statuses and statuses <= {"success", "failed", "canceled"}):
        raise GraphQLError("`finished_at` sort requires a filter with at least one of the finished statuses.")
    rows = [
        row
        for row in context.state.deployments.values()
        if row.environment == place.name and (not statuses or row.status in statuses)
    ]
    by = {"finishedAt": lambda row: (row.finished_at, row.id), "createdAt": lambda row: (row.created_at, row.id)}
    for name, direction in order.items():
        rows.sort(key=by[name], reverse=direction == "DESC")
    return connection((_deployment(context.state, row) for row in rows), arguments.get("first"))


def _deployment(state: GitLabState, row: Deployment) -> Fields:
    job = state.jobs[row.job_id] if row.job_id is not None else None
    return {
        "id": gid("Deployment", row.id),
        "iid": str(row.iid),
        "ref": row.ref,
        "tag": False,
        "sha": row.sha,
        "status": row.status.upper(),
        "createdAt": iso(row.created_at),
        "finishedAt": iso(row.finished_at),
        "triggerer": user(state, job.user if job else row.user),
        "commit": _commit(state, row.sha),
        "job": _job(state, row) if job else None,
    }


def _job(state: GitLabState, row: Deployment) -> Fields:
    job = state.jobs[row.job_id or 0]
    path = f"/{state.project.path}/-/jobs/{job.id}"
    retryable = job.status in deploying.RETRYABLE and not job.retried and not job.archived
    return {
        "id": gid("Ci::Build", job.id),
        "name": job.name,
        "status": job.status.upper(),
        "retryable": retryable,
        "playable": job.status == "manual",
        "retryPath": f"{path}/retry" if retryable else None,
        "webPath": path,
        "pipeline": {
            "id": gid("Ci::Pipeline", job.pipeline_id),
            "iid": str(state.pipelines[job.pipeline_id].iid),
        },
    }


def _commit(state: GitLabState, sha: str) -> Fields:
    commit = state.repository.commit(sha)
    author = next((user for user in state.users.values() if user.email == commit.author.email), None)
    return {
        "sha": sha,
        "title": title(commit),
        "authoredDate": moment(commit.author).isoformat(),
        "authorName": commit.author.name,
        "author": user(state, author.username) if author else None,
    }
