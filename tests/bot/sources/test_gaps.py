"""What can't be read is said, and costs nothing but itself."""

from collections.abc import Callable

import pytest

from backtrace_core.model import Gap
from bot.gitlab.client import GitLabClient, GitLabError
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.sources.rows import (
    P,
    commit,
    deployment,
    diff,
    harvest,
    issue,
    merge_request,
    plan_change,
    plan_deployments,
    plan_project,
    sha,
)


def _forbid(path: str) -> Callable[[FakeGitLab], None]:
    return lambda fake: fake.on("GET", f"{P}{path}", Reply({"message": "403 Forbidden"}, 403))


@pytest.mark.parametrize(
    ("spoil", "gap"),
    [
        (_forbid("/merge_requests/45/diffs"), Gap("GitLab", "diff of !45", "the token may not read it")),
        (_forbid("/merge_requests/45/closes_issues"), Gap("GitLab", "work items of !45", "the token may not read it")),
        (_forbid("/environments"), Gap("GitLab", "environment production", "the token may not read it")),
        (_forbid("/repository/compare"), Gap("GitLab", "commits of deployment 502", "the token may not read it")),
        (
            lambda fake: fake.on("GET", f"{P}/merge_requests/45/diffs", Reply({"message": "404 Not found"}, 404)),
            Gap("GitLab", "diff of !45", "not found, or the token may not see it"),
        ),
        (
            lambda fake: fake.on("GET", f"{P}/merge_requests/45/diffs", Reply(b"", 429, {"Retry-After": "60"})),
            Gap("GitLab", "diff of !45", "rate limited by GitLab"),
        ),
        (
            lambda fake: fake.on("GET", f"{P}/merge_requests/45/diffs", Reply([], delay_s=3)),
            Gap("GitLab", "diff of !45", "timed out"),
        ),
        (
            lambda fake: fake.on("GET", f"{P}/merge_requests/45/diffs", [{"diff": "no path"}]),
            Gap("GitLab", "diff of !45", "GitLab's answer has an unexpected form"),
        ),
    ],
)
async def test_what_cannot_be_read_is_a_gap(
    fake: FakeGitLab, client: GitLabClient, spoil: Callable[[FakeGitLab], None], gap: Gap
):
    """One thing that can't be read costs that thing, says why, and nothing else."""
    plan_project(fake)
    spoil(fake)
    found = await harvest(client)

    assert found.gaps == (gap,)
    assert [change.key for change in found.changes] == ["shop/web!45"]


async def test_a_work_item_whose_project_cannot_be_read_is_a_gap(fake: FakeGitLab, client: GitLabClient):
    """Nobody knows then whether it may be shown: it is not, and why is said."""
    plan_project(fake)
    fake.on("GET", f"{P}/merge_requests/45/closes_issues", [issue(1), issue(2, project_id=99)])
    fake.on("GET", "/projects/99", Reply({"message": "403 Forbidden"}, 403))
    found = await harvest(client)

    assert found.gaps == (Gap("GitLab", "a work item's project", "the token may not read it"),)
    assert [item.iid for item in found.changes[0].work_items] == [1]


async def test_commits_inside_a_fast_forward_that_cannot_be_read_are_a_gap(fake: FakeGitLab, client: GitLabClient):
    """The merge request stands; what may have been inside it stands beside it as commits."""
    plan_project(fake)
    row = merge_request(45, None, sha=sha("b"))
    fake.on("GET", f"{P}/deployments/502/merge_requests", [row])
    fake.on("GET", f"{P}/repository/compare", {"commits": [commit("d", "a"), commit("b", "d")]})
    fake.on("GET", f"{P}/merge_requests", [row])
    fake.on("GET", f"{P}/repository/commits/{sha('d')}/diff", [diff("ops/cron.py")])
    fake.on("GET", f"{P}/merge_requests/45/commits", Reply({"message": "403 Forbidden"}, 403))
    found = await harvest(client)

    assert found.gaps == (Gap("GitLab", "commits of !45", "the token may not read it"),)
    assert {change.iid for change in found.changes} == {45, None}


async def test_a_missing_environment_is_a_gap(fake: FakeGitLab, client: GitLabClient):
    """A name that the project does not have is said, not hidden behind an empty answer."""
    plan_project(fake)
    fake.on("GET", f"{P}/environments", [])
    plan_deployments(fake)
    found = await harvest(client)

    assert (found.environment, found.deployments) == (None, ())
    assert found.gaps == (Gap("GitLab", "environment production", "the project has none of that name"),)


@pytest.mark.parametrize(
    "reply", [Reply({"message": "404 Project Not Found"}, 404), Reply(b"", 500), Reply({"id": "x"})]
)
async def test_without_the_project_there_is_no_harvest(fake: FakeGitLab, client: GitLabClient, reply: Reply):
    """Only this raises."""
    fake.on("GET", P, reply)

    with pytest.raises(GitLabError):
        await harvest(client)


async def test_the_budget_bounds_the_whole(fake: FakeGitLab, client: GitLabClient):
    """What a slow GitLab did not tell in time is missing and said; what it told stands."""
    plan_project(fake)
    fake.on("GET", f"{P}/merge_requests/45/diffs", Reply([], delay_s=0.45))
    found = await harvest(client, budget_s=0.3)

    assert found.gaps == (Gap("GitLab", "diff of !45", "not read within 0.3 s"),)
    assert found.changes[0].work_items


ASKED = (
    "/environments",
    "/deployments",
    "/deployments/502/merge_requests",
    "/repository/compare",
    "/merge_requests",
    "/merge_requests/45/diffs",
    "/merge_requests/45/closes_issues",
    "/issues",
    "/feature_flags",
    "/jobs",
)
STRANGE = (
    None,
    "text",
    {},
    {"commits": [{}]},
    {"commits": None},
    [None],
    [[]],
    [{}],
    [{"id": 1, "iid": 1}],
    [{"id": [], "iid": [], "project_id": [], "sha": 3, "status": {}, "labels": 7, "deployable": "x", "web_url": 1}],
    [{"id": 1, "iid": "x", "project_id": 21, "confidential": False, "web_url": "y", "author": "z", "new_path": None}],
)


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("body", STRANGE)
async def test_no_answer_of_a_strange_form_loses_the_rest(
    fake: FakeGitLab, client: GitLabClient, path: str, body: object
):
    """Whatever GitLab, or a proxy before it, answers to one question, the harvest stands."""
    plan_mention(fake)
    fake.forget("GET", f"{P}{path}")
    fake.on("GET", f"{P}{path}", body)
    found = await harvest(client)

    assert fake.sent("GET", f"{P}{path}")
    assert found.environment is not None or path == "/environments"
    assert found.deployments or path == "/deployments"


def plan_mention(fake: FakeGitLab) -> None:
    """!45 names an issue, so that all kinds of lists are asked for."""
    plan_project(fake)
    fake.on("GET", f"{P}/merge_requests", [])
    told = merge_request(45, sha("b"), description="Related to #12")
    fake.on("GET", f"{P}/deployments/502/merge_requests", [told])
    fake.on("GET", f"{P}/issues", [issue(12)])


@pytest.mark.parametrize(
    ("path", "gap"),
    [
        ("/merge_requests/45/diffs", "diff of !45"),
        ("/merge_requests/45/closes_issues", "work items of !45"),
        ("/issues", "mentioned work items"),
        ("/feature_flags", "feature flags"),
        ("/jobs", "jobs"),
    ],
)
@pytest.mark.parametrize("body", [[None], [[]], ["text"], [issue(1), None], {"message": "odd"}, None])
async def test_rows_that_are_no_objects_are_a_gap(
    fake: FakeGitLab, client: GitLabClient, path: str, gap: str, body: object
):
    """Half a list is not taken for a whole one."""
    plan_mention(fake)
    fake.on("GET", f"{P}{path}", body)
    found = await harvest(client)

    assert found.gaps == (Gap("GitLab", gap, "GitLab's answer has an unexpected form"),)


async def test_one_strange_row_costs_one_row(fake: FakeGitLab, client: GitLabClient):
    """A deployment in a status that nobody knows yet does not take the others along."""
    plan_project(fake)
    strange = {**deployment(503, "c", 0.5), "status": "levitating"}
    plan_deployments(fake, strange, deployment(502, "b", 1), deployment(501, "a", 30))
    found = await harvest(client)

    assert [row.id for row in found.deployments] == [502, 501]
    assert found.gaps == (Gap("GitLab", "deployment 503", "GitLab's answer has an unexpected form"),)


async def test_only_the_newest_changes_are_read_in_full(fake: FakeGitLab, client: GitLabClient):
    """Seventy changes: sixty get their diffs, one gap says so for the rest."""
    plan_project(fake)
    rows = [merge_request(iid, sha("b"), sha=f"{iid:040x}") for iid in range(100, 170)]
    fake.on("GET", f"{P}/deployments/502/merge_requests", rows)
    for iid in range(100, 170):
        plan_change(fake, iid)
    found = await harvest(client)

    assert len(found.changes) == 70
    assert sum(bool(change.files) for change in found.changes) == 60
    assert found.gaps == (Gap("GitLab", "diff of !160, !161, !162 and 7 more", "only 60 changes are read in full"),)
