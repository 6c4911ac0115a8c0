"""The people of a change beside its author, as far as GitLab tells."""

from typing import Any

import pytest

from bot.gitlab.client import GitLabClient
from bot.gitlab.shapes import change_of_merge_request
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.sources.rows import P, commit, harvest, merge_request, plan_project, sha


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


@pytest.mark.parametrize(
    "body",
    [
        answer(None),
        answer({"nodes": None}),
        {"data": {"project": None}},
        {"data": None, "errors": [{"message": "Field 'approvedBy' doesn't exist"}]},
        [7],
        Reply({}, 403),
        Reply({}, 500),
    ],
)
async def test_without_approvers_the_rest_stands(fake: FakeGitLab, client: GitLabClient, body: object):
    """A GitLab that does not tell, a token that may not see: nothing is missing from the answer for it."""
    plan_project(fake)
    fake.on("POST", "/api/graphql", body)
    found = await harvest(client)

    assert found.changes[0].approvers == ()
    assert found.changes[0].files
    assert found.gaps == ()


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
