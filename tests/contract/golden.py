"""The worked scenario of the reference (good, bad, rollback), played on the embedded GitLab and compared in shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.gitlab import GitLabOptions
from tests.contract.reference import GOLDEN, read
from tests.contract.shapes import differences
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab, asking
from tests.sandbox.gitlab.small_world import T0, small_world

TRACE = """
query($path: ID!, $env: String!) {
  project(fullPath: $path) {
    id fullPath
    environment(name: $env) {
      id name tier state
      deployments(statuses: [SUCCESS], orderBy: {finishedAt: DESC}, first: 1) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id iid ref tag sha status createdAt finishedAt
          triggerer { id username name }
          commit { sha title authoredDate }
          job { id name status retryable playable retryPath webPath }
        }
      }
    }
  }
  queryComplexity { score limit }
}
"""


async def golden_mismatches(folder: Path) -> list[str]:
    """Where an answer has another shape than the file of the reference, and which files nothing was compared with."""
    told = small_world(folder)
    world, clock = replace(told, environments=told.environments[:1], deployments=told.deployments[:2]), Clock(T0)
    compared, wrong = set(), []
    async with asking(world, clock, GitLabOptions(run_after=0, success_after=60)) as gitlab:
        async for name, ours in _scenario(gitlab, clock):
            compared.add(f"{name}.json")
            wrong += [f"golden {name}: {what}" for what in differences(read(GOLDEN / f"{name}.json"), ours)]
    missed = {path.name for path in GOLDEN.glob("*.json")} - compared
    return [*wrong, *(f"golden {name}: not compared" for name in sorted(missed))]


Step = tuple[str, Any]


async def _scenario(gitlab: Gitlab, clock: Clock) -> AsyncIterator[Step]:
    async for step in _before(gitlab):
        yield step
    yield "incident.create.response.201", await _incident(gitlab)
    yield "note.commands_only.response.202", await _note(gitlab, "/assign @ana\n/label ~backend")
    yield "note.with_text_and_command.response.201", await _note(gitlab, "Rolling back.\n\n/assign @ana")
    yield "job.8001.retry.response.201", (await gitlab.post(f"{PROJECT}/jobs/8001/retry")).body
    yield "job.retry.refused.403", (await gitlab.post(f"{PROJECT}/jobs/8001/retry")).body
    clock.on(120)
    async for step in _after(gitlab):
        yield step


async def _before(gitlab: Gitlab) -> AsyncIterator[Step]:
    good, bad = (row["sha"] for row in (await gitlab.get(f"{PROJECT}/deployments")).body)
    for name, path in (
        ("environments.list", "environments"),
        ("deployment.501.good", "deployments/501"),
        ("deployment.502.bad", "deployments/502"),
        ("deployment.502.merge_requests", "deployments/502/merge_requests"),
        ("merge_request.88", "merge_requests/88"),
        ("merge_request.88.diffs", "merge_requests/88/diffs"),
        ("compare.501.502", f"repository/compare?from={good}&to={bad}"),
        ("blame.pool", f"repository/files/checkout%2Fpool.py/blame?ref={bad}"),
    ):
        yield name, (await gitlab.get(f"{PROJECT}/{path}")).body
    asked = await gitlab.graphql(TRACE, path="acme/checkout", env="production")
    yield "graphql.trace.response", asked.body


async def _incident(gitlab: Gitlab) -> Any:
    body = {
        "title": "Checkout error rate above 5%",
        "description": "Opened by Backtrace",
        "issue_type": "incident",
        "labels": "incident",
        "assignee_ids": [7],
    }
    return (await gitlab.post(f"{PROJECT}/issues", body)).body


async def _note(gitlab: Gitlab, text: str) -> Any:
    iid = gitlab.state.incidents[0].iid
    return (await gitlab.post(f"{PROJECT}/issues/{iid}/notes", {"body": text})).body


async def _after(gitlab: Gitlab) -> AsyncIterator[Step]:
    for name, path in (
        ("deployments.list.desc", "deployments?sort=desc"),
        ("deployment.503.rollback", "deployments/503"),
        ("deployment.503.merge_requests", "deployments/503/merge_requests"),
        ("environment.12", "environments/12"),
        ("job.8001.after_rollback", "jobs/8001"),
        ("job.archived", "jobs/8001"),
    ):
        yield name, (await gitlab.get(f"{PROJECT}/{path}")).body
