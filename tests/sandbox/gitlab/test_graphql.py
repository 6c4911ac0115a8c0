"""GraphQL: real queries, GitLab's limits, null for what is not there."""

from __future__ import annotations

import pytest

from sandbox.gitlab import UnplannedRequestsError
from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import Clock, Gitlab, asking

TRACE = """
query($path: ID!, $env: String!, $n: Int = 20) {
  project(fullPath: $path) {
    environment(name: $env) {
      id name tier
      deployments(statuses: [SUCCESS, FAILED], orderBy: {finishedAt: DESC}, first: $n) {
        pageInfo { hasNextPage endCursor }
        nodes { id iid sha status finishedAt triggerer { username } commit { title author { username } }
                job { id retryable webPath pipeline { id } } }
      }
    }
  }
  queryComplexity { score limit }
}
"""


async def test_the_trace_query(gitlab: Gitlab) -> None:
    """Environment and finished deployments, newest finish first, with commit, job and person."""
    got = (await gitlab.graphql(TRACE, path="acme/checkout", env="production", n=1)).body["data"]
    shown = got["project"]["environment"]["deployments"]
    row = shown["nodes"][0]

    assert shown["pageInfo"] == {"hasNextPage": True, "endCursor": "1"}
    assert (row["id"], row["triggerer"]["username"]) == ("gid://gitlab/Deployment/502", "ana")
    assert row["commit"]["author"] == {"username": "ana"}
    assert row["job"]["retryable"] is True
    assert 0 < got["queryComplexity"]["score"] <= got["queryComplexity"]["limit"] == 250


async def test_deployments_once_per_request(gitlab: Gitlab) -> None:
    """A second environment's deployments in one request are refused."""
    query = """{project(fullPath: "acme/checkout") {
        a: environment(name: "production") { deployments { nodes { id } } }
        b: environment(name: "production") { deployments { nodes { id } } } } }"""
    got = (await gitlab.graphql(query)).body

    assert "only for 1 Environment" in got["errors"][0]["message"]


async def test_too_complex_is_refused(gitlab: Gitlab) -> None:
    """A query above 250 is not run."""
    many = " ".join(f"m{n}: mergeRequests(first: 100) {{ nodes {{ iid mergedAt title }} }}" for n in range(20))
    got = (await gitlab.graphql(f'{{project(fullPath: "acme/checkout") {{ {many} }} }}')).body

    assert "exceeds max complexity of 250" in got["errors"][0]["message"]


async def test_merge_requests_by_iid(gitlab: Gitlab) -> None:
    """Several merge requests at once, with the numbers of their real diffs."""
    query = """query($iids: [String!]) { project(fullPath: "acme/checkout") { mergeRequests(iids: $iids) {
        nodes { iid mergedAt author { username } labels { nodes { title } } diffStats { path additions } } } } }"""
    got = (await gitlab.graphql(query, iids=["88"])).body["data"]["project"]["mergeRequests"]["nodes"]

    assert [row["iid"] for row in got] == ["88"]
    assert {"path": "checkout/pool.py", "additions": 1} in got[0]["diffStats"]


async def test_severity_is_set_on_incidents(gitlab: Gitlab) -> None:
    """The mutation reports in its own errors; a plain issue has no severity."""
    iid = (await gitlab.post("/projects/4711/issues", {"title": "x", "issue_type": "incident"})).body["iid"]
    mutation = """mutation($iid: String!) { issueSetSeverity(
        input: {projectPath: "acme/checkout", iid: $iid, severity: HIGH}) { errors issue { severity } } }"""
    done = (await gitlab.graphql(mutation, iid=str(iid))).body["data"]["issueSetSeverity"]
    plain = (await gitlab.graphql(mutation, iid="40")).body["data"]["issueSetSeverity"]

    assert done == {"errors": [], "issue": {"severity": "HIGH"}}
    assert plain["errors"] != []


async def test_bad_tokens_and_bad_queries(gitlab: Gitlab) -> None:
    """A wrong token is a 401 of GraphQL's own shape; broken syntax is a 200 with errors."""
    token = await gitlab.graphql("{project", token="glpat-x")
    syntax = await gitlab.graphql("{project")

    assert (token.status, token.body) == (401, {"errors": [{"message": "Invalid token"}]})
    assert (syntax.status, "errors" in syntax.body) == (200, True)


async def test_fields_outside_the_schema_are_unplanned(world: World, clock: Clock) -> None:
    """GitLab may know the field; this does not, and says so loudly."""
    seen = []

    async def ask() -> None:
        async with asking(world, clock) as gitlab:
            seen.append((await gitlab.graphql('{project(fullPath:"acme/checkout"){visibility}}')).status)

    with pytest.raises(UnplannedRequestsError, match="visibility"):
        await ask()
    assert seen == [501]
