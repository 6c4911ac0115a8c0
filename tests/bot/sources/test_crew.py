"""The people of a change beside its author, as far as GitLab tells."""

from time import monotonic
from typing import Any

import pytest

from backtrace_core.model import Gap
from bot.gitlab.client import GitLabClient
from bot.gitlab.shapes import change_of_merge_request
from bot.sources import crew
from bot.sources.gitlab import GitLabSource
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.sources.rows import SCOPE, T0, P, commit, harvest, merge_request, plan_change, plan_project, sha


def user(number: int, name: str, **more: Any) -> dict[str, Any]:
    page = f"https://gitlab.example.com/{name}"
    return {
        "id": f"gid://gitlab/User/{number}",
        "username": name,
        "name": name.title(),
        "state": "active",
        "webUrl": page,
        "bot": False,
        **more,
    }


def answer(approved_by: object) -> dict[str, Any]:
    return {"data": {"project": {"mergeRequests": {"nodes": [{"iid": "45", "approvedBy": approved_by}]}}}}


async def test_approvers_come_by_graphql(fake: FakeGitLab, client: GitLabClient):
    """All of them, with what tells whether they can be asked; in one question for all that is read in full."""
    plan_project(fake)
    two = {"nodes": [user(7, "ana"), user(8, "bo", state="blocked"), None]}
    fake.on("POST", "/api/graphql", answer(two))
    found = await harvest(client)

    approvers = found.changes[0].approvers
    assert [(one.id, one.username, one.state) for one in approvers] == [(7, "ana", "active"), (8, "bo", "blocked")]
    assert len(fake.sent("POST", "/api/graphql")) == 1


NO_FIELD = {"errors": [{"message": "Field 'approvedBy' doesn't exist on type 'MergeRequest'"}]}
ODD = "GitLab's answer has an unexpected form"


@pytest.mark.parametrize("body", [answer(None), answer({"nodes": None}), answer({"nodes": [None]}), NO_FIELD])
async def test_a_gitlab_that_tells_of_no_approvers_is_no_gap(fake: FakeGitLab, client: GitLabClient, body: object):
    """Null is what nobody may see, and older GitLabs have no such field: nothing failed."""
    plan_project(fake)
    fake.on("POST", "/api/graphql", body)
    found = await harvest(client)

    assert found.changes[0].approvers == ()
    assert found.changes[0].files
    assert found.gaps == ()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"data": {"project": None}}, "not found, or the token may not see it"),
        ({"data": None, "errors": [{"message": "Timeout on validation"}]}, "Timeout on validation"),
        ({"data": {"project": {"mergeRequests": None}}}, ODD),
        ({"data": {"project": {"mergeRequests": {"nodes": [None]}}}}, ODD),
        (answer([]), ODD),
        (answer({"nodes": ["ana"]}), ODD),
        (answer({"nodes": [{"id": "gid://gitlab/User/x"}]}), ODD),
        ([7], ODD),
        (Reply({"message": "403 Forbidden"}, 403), "the token may not read it"),
        (Reply({"message": "404 Not found"}, 404), "not found, or the token may not see it"),
        (Reply({"message": "odd"}, 500), "500: odd"),
    ],
)
async def test_approvers_that_cannot_be_read_are_a_gap(fake: FakeGitLab, client: GitLabClient, body: object, why: str):
    """The card says so, since whom to ask may hang on it; the rest stands. What is odd is not kept."""
    plan_project(fake)
    fake.on("POST", "/api/graphql", body)
    source = GitLabSource(client, lambda: T0)
    found = await source.harvest(SCOPE)

    assert found.changes[0].approvers == ()
    assert found.changes[0].files
    assert found.gaps == (Gap("GitLab", "approvers", why),)
    fake.on("POST", "/api/graphql", answer({"nodes": [user(7, "ana")]}))
    again = await source.harvest(SCOPE)
    assert ([one.username for one in again.changes[0].approvers], again.gaps) == (["ana"], ())


async def test_nobody_waits_longer_for_approvers_than_for_the_trace(fake: FakeGitLab, client: GitLabClient):
    """A GraphQL that does not answer costs the budget at most, and only itself."""
    plan_project(fake)
    fake.on("POST", "/api/graphql", Reply({}, delay_s=1.5))
    began = monotonic()
    found = await harvest(client, budget_s=0.3)

    assert monotonic() - began < 1
    assert found.changes[0].files
    assert found.gaps == (Gap("GitLab", "approvers", "not read within 0.3 s"),)


async def test_of_many_changes_one_batch_that_fails_costs_no_other(
    fake: FakeGitLab, client: GitLabClient, monkeypatch: pytest.MonkeyPatch
):
    """Merge requests are asked about some at a time."""
    monkeypatch.setattr(crew, "AT_ONCE", 1)
    plan_project(fake)
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, sha("b")), merge_request(46, sha("c"), sha=sha("d"))])
    fake.on("GET", f"{P}/repository/compare", {"commits": [commit("c", "a"), commit("b", "c")]})
    plan_change(fake, 46)
    ana = {"nodes": [user(7, "ana")]}
    both = [{"iid": "45", "approvedBy": ana}, {"iid": "46", "approvedBy": ana}]
    fake.on("POST", "/api/graphql", Reply({}, 403), {"data": {"project": {"mergeRequests": {"nodes": both}}}})
    found = await harvest(client)

    assert sorted(len(one.approvers) for one in found.changes) == [0, 1]
    assert found.gaps == (Gap("GitLab", "approvers", "the token may not read it"),)
    assert len(fake.sent("POST", "/api/graphql")) == 2


async def test_co_authors_come_from_the_commits_of_the_window(fake: FakeGitLab, client: GitLabClient):
    """From the branch's commits as from the merge; the author is none."""
    plan_project(fake)
    inside = commit(
        "e", "a", message="Work\n\nCo-authored-by: Ana Li <ana@x.test>\nCo-authored-by: Vani Rao <v@x.test>"
    )
    merged = commit("b", "a", "e", message="Merge\n\nCo-authored-by: Bo Larsen <bo@x.test>")
    fake.on("GET", f"{P}/repository/compare", {"commits": [inside, merged]})
    found = await harvest(client)

    assert sorted(found.changes[0].co_authors) == ["Ana Li", "Bo Larsen"]


async def test_a_pushed_commit_has_co_authors_too(fake: FakeGitLab, client: GitLabClient):
    """Without a merge request there is the commit's own message."""
    plan_project(fake)
    pushed = commit("b", "a", message="Hotfix\n\nCo-authored-by: Ana Li <ana@x.test>")
    fake.on("GET", f"{P}/repository/compare", {"commits": [pushed]})
    fake.on("GET", f"{P}/deployments/502/merge_requests", [])
    fake.on("GET", f"{P}/merge_requests", [])
    fake.on("GET", f"{P}/repository/commits/{sha('b')}/diff", [])
    found = await harvest(client)

    assert [change.co_authors for change in found.changes] == [("Ana Li",)]


@pytest.mark.parametrize(
    ("ids", "from_fork"),
    [
        ({"source_project_id": 21, "target_project_id": 21}, False),
        ({"source_project_id": 77, "target_project_id": 21}, True),
        ({"source_project_id": None, "target_project_id": 21}, True),
        ({}, False),
    ],
)
def test_a_fork_is_told_by_the_source_project(ids: dict[str, Any], from_fork: bool):  # noqa: FBT001 - a table's column
    """A deleted fork leaves no id; old rows that say nothing are of no fork."""
    assert change_of_merge_request(merge_request(45, sha("b"), **ids), "shop/web").from_fork is from_fork
