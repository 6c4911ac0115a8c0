"""Pipelines that people start by the API, and the small rule by which they deploy here (GITLAB.md 1.5).

The real ``.gitlab-ci.yml`` is not run. A world may say by which variables or inputs its pipeline is told what to
deploy where; it then has an outside tool deploy that, so that the deployment has no job.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn

from sandbox.gitlab import deploying
from sandbox.gitlab.answers import RefusalError, forbidden
from sandbox.gitlab.records import Deployment, Pipeline
from sandbox.gitlab.repository import UnknownRevisionError
from sandbox.gitlab.state import GitLabState, next_id
from sandbox.worlds.model import User

CANCELABLE = ("created", "pending", "running")
_ROLES = {"developer": 30, "maintainer": 40, "owner": 50, "no_one_allowed": 1_000}


def start(state: GitLabState, user: User, ref: str, told: tuple[Mapping[str, str], Mapping[str, Any]]) -> Pipeline:
    """A pipeline of ``user`` on ``ref``; ``told`` are its variables and its inputs.

    :raises RefusalError: 400 in the shape of a model's error. The sentences are from memory.
    """
    variables, inputs = told
    _check(state, user, ref, variables)
    keys = state.world.pipeline
    if keys is None or not {keys.sha, keys.environment} <= {*variables, *inputs}:
        _refuse("The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.")
    known = {**inputs, **variables}
    with state.effect("pipeline"):
        now = state.now()
        pipeline = Pipeline(
            id=next_id(list(state.pipelines)),
            iid=next_id([one.iid for one in state.pipelines.values()]),
            sha=str(state.repository.commit(ref).id),
            ref=ref,
            created_at=now,
            source="api",
            user=user.username,
            variables=dict(variables),
            status="created",
            starts_at=now + timedelta(seconds=state.options.run_after),
            ends_at=now + timedelta(seconds=state.options.success_after),
            deploys=(str(known[keys.environment]), str(known[keys.sha])),
        )
        state.pipelines[pipeline.id] = pipeline
        state.on_change("pipeline", pipeline.id)
    return pipeline


def _check(state: GitLabState, user: User, ref: str, variables: Mapping[str, str]) -> None:
    level = state.levels.get(user.username, 0)
    if ref not in (*state.repository.branches(), *state.repository.tags()):
        _refuse("Reference not found")
    if not deploying.may_push_or_merge(state, ref, user):
        _refuse(f"You do not have sufficient permission to run a pipeline on '{ref}'.")
    if variables and level < _ROLES[state.options.variables_role]:
        _refuse("Insufficient permissions to set pipeline variables")


def _refuse(sentence: str) -> NoReturn:
    raise RefusalError(400, {"message": {"base": [sentence]}})


def settle(state: GitLabState) -> None:
    """Start and end what is due. The tool tells GitLab of its deployment as it begins."""
    now = state.now()
    for pipeline in list(state.pipelines.values()):
        if pipeline.status == "created" and pipeline.starts_at and pipeline.starts_at <= now:
            pipeline.status = "running"
            _deploy(state, pipeline)
            state.on_change("pipeline", pipeline.id)
        if pipeline.status == "running" and pipeline.ends_at and pipeline.ends_at <= now:
            pipeline.status = state.pipelines_end
            state.on_change("pipeline", pipeline.id)


def _deploy(state: GitLabState, pipeline: Pipeline) -> None:
    environment, sha = pipeline.deploys
    try:
        commit = str(state.repository.commit(sha).id)
    except UnknownRevisionError:
        return
    if environment not in state.environments or not state.tool_deploys:
        return
    row = Deployment(
        id=next_id(list(state.deployments)),
        iid=next_id([one.iid for one in state.deployments.values()]),
        environment=environment,
        sha=commit,
        ref=pipeline.ref,
        status="running",
        user=pipeline.user,
        job_id=None,
        created_at=state.now(),
        started_at=state.now(),
        finished_at=None,
        ends_at=pipeline.ends_at,
        ends_as=state.pipelines_end,
    )
    state.deployments[row.id] = row
    pipeline.deployment_id = row.id
    state.on_change("deployment", row.id)


def cancel(state: GitLabState, pipeline: Pipeline, user: User) -> Pipeline:
    """Stop it, and with it what the tool does for it."""
    if not deploying.may_push_or_merge(state, pipeline.ref, user):
        forbidden()
    if pipeline.status in CANCELABLE:
        with state.effect("cancel_pipeline"):
            pipeline.status = "canceled"
            row = state.deployments.get(pipeline.deployment_id or 0)
            if row is not None and row.status == "running":
                deploying.finish(state, row, state.now(), "canceled")
    return pipeline
