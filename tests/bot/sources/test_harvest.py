"""The harvest: what GitLab says becomes facts with a page each; what it does not say becomes gaps."""

from collections.abc import Callable
from typing import Any

import pytest

from backtrace_core.model import ChangeKind, Gap, Harvest, Relation
from bot.gitlab.client import GitLabClient, GitLabError
from bot.sources.gitlab import GitLabSource
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.sources.rows import (
    SCOPE,
    T0,
    P,
    commit,
    deployment,
    diff,
    issue,
    merge_request,
    plan_change,
    plan_deployments,
    plan_project,
    project,
    sha,
)


async def harvest(client: GitLabClient, budget_s: float = 20) -> Harvest:
    return await GitLabSource(client, lambda: T0, budget_s).harvest(SCOPE)


def shipped_by(found: Harvest, number: int) -> set[str]:
    return {
        fact.subject.key
        for fact in found.facts
        if fact.relation is Relation.DEPLOYED_TO and fact.object.key == str(number)
    }


async def test_every_hop_is_a_fact_with_its_page(fake: FakeGitLab, client: GitLabClient):
    """From the environment to author and work item: each hop in Orbit's direction, each with a link."""
    plan_project(fake)
    found = await harvest(client)

    hops = {(f.subject.key, f.relation.value, f.object.key) for f in found.facts}
    assert {
        ("502", "IN_ENVIRONMENT", "shop/web/production"),
        ("vani", "DEPLOYED_BY", "502"),
        ("shop/web!45", "DEPLOYED_TO", "502"),
        ("vani", "AUTHORED", "shop/web!45"),
        ("bo", "MERGED", "shop/web!45"),
        ("shop/web!45", "HAS_FILE", "shop/web:auth/session.py"),
        ("shop/web!45", "CLOSES", "shop/web#1"),
    } <= hops
    assert all(fact.url.startswith("https://gitlab.example.com/") for fact in found.facts)
    assert found.gaps == ()


async def test_what_is_live_follows_finish_times(fake: FakeGitLab, client: GitLabClient):
    """Unfinished deployments come first, then the successful ones by finish, whatever their ids."""
    plan_project(fake)
    plan_deployments(
        fake,
        deployment(501, "b", 1),
        deployment(502, "a", 30),
        running=(deployment(503, "c", 0.2, status="running"),),
    )
    fake.on("GET", f"{P}/deployments/501/merge_requests", [])
    fake.on("GET", f"{P}/deployments/502/merge_requests", [])
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, sha("b"))])
    found = await harvest(client)

    assert [row.id for row in found.deployments] == [503, 501, 502]


async def test_deployments_are_asked_newest_finish_first(fake: FakeGitLab, client: GitLabClient):
    """GitLab's default order is the oldest id first; the query must say otherwise, in the pairing GitLab allows."""
    plan_project(fake)
    await harvest(client)

    asked = {seen.query["status"]: seen.query for seen in fake.sent("GET", f"{P}/deployments")}
    assert set(asked) == {"success", "running", "blocked", "created"}
    assert (asked["success"]["order_by"], asked["success"]["sort"]) == ("finished_at", "desc")
    assert asked["running"]["order_by"] == "id"


async def test_an_empty_link_list_is_not_proof_of_no_changes(fake: FakeGitLab, client: GitLabClient):
    """Where GitLab links no merge request, the commits since what was live before tell which were merged."""
    plan_project(fake)
    fake.on("GET", f"{P}/deployments/502/merge_requests", [])
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, sha("b")), merge_request(44, sha("9"), sha=sha("8"))])
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!45"}
    assert fake.sent("GET", f"{P}/repository/compare")[0].query == {"from": sha("a"), "to": sha("b")}


async def test_a_pushed_commit_is_a_change(fake: FakeGitLab, client: GitLabClient):
    """A commit pushed beside a merge request is a candidate too; the merge and the branch's commits are not."""
    plan_project(fake)
    pushed = commit("c", "a", message="Hotfix\n\nby hand")
    commits = [commit("e", "a"), pushed, commit("b", "c", "e")]
    fake.on("GET", f"{P}/repository/compare", {"commits": commits})
    fake.on("GET", f"{P}/merge_requests", [])
    fake.on("GET", f"{P}/repository/commits/{sha('c')}/diff", [diff("ops/cron.py")])
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!45", "shop/web@cccccccc"}
    change = next(change for change in found.changes if change.kind is ChangeKind.COMMIT)
    assert (change.title, change.description, change.author, change.author_name) == (
        "Hotfix",
        "by hand",
        None,
        "Vani Rao",
    )
    assert [file.path for file in change.files] == ["ops/cron.py"]


async def test_commits_of_a_fast_forward_are_inside_it(fake: FakeGitLab, client: GitLabClient):
    """Merged by fast-forward, a branch's commits lie on the main line; they are still that merge request."""
    plan_project(fake)
    row = merge_request(45, None, sha=sha("b"))
    fake.on("GET", f"{P}/deployments/502/merge_requests", [row])
    fake.on("GET", f"{P}/repository/compare", {"commits": [commit("d", "a"), commit("b", "d")]})
    fake.on("GET", f"{P}/merge_requests", [row])
    fake.on("GET", f"{P}/merge_requests/45/commits", [commit("b", "d"), commit("d", "a")])
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!45"}


async def test_a_cherry_pick_belongs_to_its_merge_request(fake: FakeGitLab, client: GitLabClient):
    """A commit that says where it was picked from counts as that merge request, under its own sha as well."""
    plan_project(fake)
    fake.on("GET", f"{P}/deployments/502/merge_requests", [])
    picked = commit("b", "a", message=f"Work\n\n(cherry picked from commit {sha('7')})")
    fake.on("GET", f"{P}/repository/compare", {"commits": [picked]})
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, sha("7"))])
    found = await harvest(client)

    assert [change.key for change in found.changes] == ["shop/web!45"]
    assert found.changes[0].shas == {sha("7"), sha("e"), sha("b")}


async def test_a_running_deployment_is_compared_with_what_is_live(fake: FakeGitLab, client: GitLabClient):
    """GitLab links nothing to a deployment that has not ended."""
    plan_project(fake)
    plan_deployments(fake, deployment(501, "a", 30), running=(deployment(502, "b", 0.2, status="running"),))
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, sha("b"))])
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!45"}
    assert found.deployments[0].finished_at is None


async def test_what_comes_back_after_a_rollback_is_seen(fake: FakeGitLab, client: GitLabClient):
    """Back to a, then b again with more: GitLab links !45 to the first deployment only, git tells of the second."""
    plan_project(fake)
    plan_deployments(
        fake, deployment(504, "c", 0.5), deployment(503, "a", 1), deployment(502, "b", 2), deployment(501, "a", 90)
    )
    for number in (501, 503):
        fake.on("GET", f"{P}/deployments/{number}/merge_requests", [])
    fake.on("GET", f"{P}/deployments/504/merge_requests", [merge_request(46, sha("c"), sha=sha("f"))])
    b, c = commit("b", "a", "e"), commit("c", "b", "f")
    both = {"commits": [commit("e", "a"), b, commit("f", "b"), c]}
    answers = {sha("c"): both, sha("b"): {"commits": [commit("e", "a"), b]}}
    fake.on_query("GET", f"{P}/repository/compare", "to", answers, {"commits": []})
    plan_change(fake, 46)
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!45"}
    assert shipped_by(found, 503) == set()
    assert shipped_by(found, 504) == {"shop/web!45", "shop/web!46"}


async def test_a_repeated_deployment_brings_nothing(fake: FakeGitLab, client: GitLabClient):
    """The same sha again is not even compared."""
    plan_project(fake)
    plan_deployments(fake, deployment(502, "a", 1), deployment(501, "a", 90))
    fake.on("GET", f"{P}/deployments/502/merge_requests", [])
    found = await harvest(client)

    assert found.changes == ()
    assert fake.sent("GET", f"{P}/repository/compare") == []


@pytest.mark.parametrize(
    ("spoil", "kept"),
    [
        ({}, True),
        ({"confidential": True}, False),
        ({"confidential": None}, False),
        ({"web_url": None}, False),
        ({"project_id": 99}, False),
    ],
)
async def test_confidential_issues_never_leave(
    fake: FakeGitLab,
    client: GitLabClient,
    spoil: dict[str, Any],
    kept: bool,  # noqa: FBT001 - a column of the table
):
    """Confidential ones are dropped, also when the answer does not say; so are stubs, and unreadable projects'."""
    plan_project(fake)
    fake.on("GET", "/projects/99", Reply({"message": "404 Project Not Found"}, 404))
    fake.on("GET", f"{P}/merge_requests/45/closes_issues", [issue(1, title="the secret", **spoil)])
    found = await harvest(client)

    assert bool(found.changes[0].work_items) is kept
    assert ("the secret" in repr(found)) is kept


@pytest.mark.parametrize(
    ("own", "other", "kept"),
    [
        ("public", {"visibility": "private"}, False),
        ("internal", {"visibility": "private"}, False),
        ("public", {"visibility": "internal"}, False),
        ("private", {"visibility": "private"}, True),
        ("private", {"visibility": "public"}, True),
        ("public", {"visibility": "public", "issues_access_level": "private"}, False),
        ("public", {}, False),
    ],
)
async def test_more_private_projects_stay_private(
    fake: FakeGitLab,
    client: GitLabClient,
    own: str,
    other: dict[str, str],
    kept: bool,  # noqa: FBT001 - a column of the table
):
    """An issue of a project that is more private than the service's own never leaves the source."""
    plan_project(fake)
    fake.on("GET", P, project(own))
    fake.on(
        "GET", "/projects/99", {"id": 99, "path_with_namespace": "shop/plans", "web_url": "https://x.test", **other}
    )
    fake.on("GET", f"{P}/merge_requests/45/closes_issues", [issue(7, project_id=99, title="the secret")])
    found = await harvest(client)

    assert [item.project for item in found.changes[0].work_items] == (["shop/plans"] if kept else [])
    assert ("the secret" in repr(found)) is kept


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
    plan_project(fake)
    fake.on("GET", f"{P}/merge_requests", [])
    fake.forget("GET", f"{P}{path}")
    fake.on("GET", f"{P}{path}", body)
    found = await harvest(client)

    assert found.environment is not None or path == "/environments"
    assert found.deployments or path == "/deployments"


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


async def test_a_deployment_without_a_job_links_its_environment(fake: FakeGitLab, client: GitLabClient):
    """Made by an outside tool: no job, no start, its last change is its end, the row's user its deployer."""
    plan_project(fake)
    plan_deployments(fake, deployment(502, "b", 1, deployable=None), deployment(501, "a", 30))
    found = await harvest(client)

    row = found.deployments[0]
    assert (row.job, row.started_at) == (None, None)
    assert row.finished_at is not None
    assert row.deployer is not None
    assert (row.deployer.username, row.url) == ("bo", "https://gitlab.example.com/shop/web/-/environments/12")
