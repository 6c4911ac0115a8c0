"""Which deployment brought which change: GitLab's links are not the whole truth, git is asked as well."""

from backtrace_core.model import ChangeKind
from bot.gitlab.client import GitLabClient
from tests.bot.gitlab.fake import FakeGitLab
from tests.bot.sources.rows import (
    P,
    at,
    commit,
    deployment,
    diff,
    harvest,
    merge_request,
    plan_change,
    plan_deployments,
    plan_project,
    sha,
    shipped_by,
)


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


async def test_a_deployment_that_failed_brought_what_lies_beyond_what_was_live(fake: FakeGitLab, client: GitLabClient):
    """GitLab links nothing to it and gives its own list of them; one that was cancelled before it began ran nothing."""
    plan_project(fake)
    failed = deployment(503, "b", 1, status="failed")
    failed["deployable"]["finished_at"] = at(0.9)
    unstarted = deployment(504, "c", 0.5, status="canceled")
    unstarted["deployable"]["started_at"] = None
    lists = {"success": [deployment(501, "a", 30)], "failed": [failed], "canceled": [unstarted]}
    fake.on_query("GET", f"{P}/deployments", "status", lists, [])
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, sha("b"))])
    found = await harvest(client)

    assert shipped_by(found, 503) == {"shop/web!45"}
    assert [row.id for row in found.deployments] == [503, 501]


async def test_who_merges_by_hand_wrote_nothing_of_it(fake: FakeGitLab, client: GitLabClient):
    """A merge pushed without a merge request stands for the commits that it merged, never for itself; those of a merge
    request that the branch was built upon stay inside that one."""
    plan_project(fake)
    d, f = commit("d", "e", message="By hand"), commit("f", "d", message="More by hand")
    commits = [commit("e", "a"), commit("b", "a", "e"), d, f, commit("c", "b", "f", message="Merge branch 'x'")]
    plan_deployments(fake, deployment(502, "c", 1), deployment(501, "a", 30))
    fake.on("GET", f"{P}/repository/compare", {"commits": commits})
    fake.on("GET", f"{P}/deployments/502/merge_requests", [])
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, sha("b"))])
    for letter in "df":
        fake.on("GET", f"{P}/repository/commits/{sha(letter)}/diff", [diff("ops/cron.py")])
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!45", "shop/web@dddddddd", "shop/web@ffffffff"}


async def test_a_merge_by_hand_of_known_changes_is_a_change_of_its_own(fake: FakeGitLab, client: GitLabClient):
    """Nothing else stands for it, and a conflict that was settled wrongly is in no other commit."""
    plan_project(fake)
    plan_deployments(fake, deployment(502, "c", 1), deployment(501, "a", 30))
    commits = [commit("e", "a"), commit("f", "a"), commit("c", "f", "e", message="Merge branch 'release'")]
    fake.on("GET", f"{P}/repository/compare", {"commits": commits})
    fake.on("GET", f"{P}/deployments/502/merge_requests", [])
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, None, sha=sha("e")), merge_request(46, sha("f"))])
    fake.on("GET", f"{P}/repository/commits/{sha('c')}/diff", [diff("ops/cron.py")])
    fake.on("GET", f"{P}/merge_requests/45/commits", [commit("e", "a")])
    plan_change(fake, 46)
    found = await harvest(client)

    assert "shop/web@cccccccc" in shipped_by(found, 502)
