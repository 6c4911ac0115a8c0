"""Few questions for many deployments: one compare, one list of merge requests, links only where these are silent."""

from bot.gitlab.client import GitLabClient
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.sources.rows import (
    P,
    commit,
    deployment,
    harvest,
    merge_request,
    plan_change,
    plan_deployments,
    plan_project,
    sha,
    shipped_by,
)

COMPARE = f"{P}/repository/compare"
ROWS = (deployment(504, "d", 0.5), deployment(503, "c", 1), deployment(502, "b", 2), deployment(501, "a", 90))
LINE = [commit("b", "a"), commit("c", "b"), commit("d", "c")]


def plan(fake: FakeGitLab, commits: object) -> None:
    """Three deployments after the one before the window, each with one merge request."""
    plan_project(fake)
    plan_deployments(fake, *ROWS)
    fake.on("GET", f"{P}/deployments/501/merge_requests", [])
    fake.on("GET", COMPARE, commits if isinstance(commits, Reply) else {"commits": commits})
    changes = [merge_request(iid, sha(letter), sha=sha(letter)) for iid, letter in ((45, "b"), (46, "c"), (47, "d"))]
    fake.on("GET", f"{P}/merge_requests", changes)
    for iid in (45, 46, 47):
        plan_change(fake, iid)


def asked(fake: FakeGitLab) -> list[tuple[str, str]]:
    return [(seen.query["from"], seen.query["to"]) for seen in fake.sent("GET", COMPARE)]


async def test_one_compare_tells_what_each_deployment_brought(fake: FakeGitLab, client: GitLabClient):
    """From what was live before the window to what is live: the ranges in between follow, and no links are needed."""
    plan(fake, LINE)
    found = await harvest(client)

    assert asked(fake) == [(sha("a"), sha("d"))]
    assert [shipped_by(found, number) for number in (502, 503, 504)] == [
        {"shop/web!45"},
        {"shop/web!46"},
        {"shop/web!47"},
    ]
    links = [seen.path for seen in fake.seen if seen.path.endswith("/merge_requests") and "/deployments/" in seen.path]
    assert links == [f"{P}/deployments/501/merge_requests"]


async def test_what_the_graph_lacks_is_compared_by_itself(fake: FakeGitLab, client: GitLabClient):
    """A deployment of a branch that is not on the way to what is live: its own range is asked for."""
    plan(fake, LINE)
    hotfix = deployment(503, "f", 1)
    plan_deployments(fake, ROWS[0], hotfix, *ROWS[2:])
    answers = {sha("d"): {"commits": LINE}, sha("f"): {"commits": [commit("f", "b")]}}
    fake.on_query("GET", COMPARE, "to", answers, {"commits": []})
    fake.on("GET", f"{P}/deployments/503/merge_requests", [])
    found = await harvest(client)

    assert set(asked(fake)) == {(sha("a"), sha("d")), (sha("b"), sha("f")), (sha("f"), sha("d"))}
    assert shipped_by(found, 503) == {"shop/web@ffffffff"}


async def test_a_list_that_was_cut_is_not_believed(fake: FakeGitLab, client: GitLabClient):
    """The oldest commit is missing, so that the main line does not end where it must: each range is asked for."""
    plan(fake, LINE[1:])
    await harvest(client)

    assert set(asked(fake)) == {(sha("a"), sha("d")), (sha("a"), sha("b")), (sha("b"), sha("c")), (sha("c"), sha("d"))}


async def test_after_going_back_the_bad_version_is_still_known(fake: FakeGitLab, client: GitLabClient):
    """What is live is older than what was deployed last: both ways are asked for, at once."""
    plan(fake, LINE)
    back = deployment(505, "b", 0.2)
    back["deployable"]["pipeline"] = ROWS[2]["deployable"]["pipeline"]
    plan_deployments(fake, back, *ROWS)
    answers = {sha("d"): {"commits": LINE}, sha("b"): {"commits": LINE[:1]}}
    fake.on_query("GET", COMPARE, "to", answers, Reply({"message": "404 Not found"}, 404))
    found = await harvest(client)

    assert shipped_by(found, 504) == {"shop/web!47"}
    assert shipped_by(found, 505) == set()
    assert found.gaps == ()


async def test_links_are_asked_where_commits_stay_unexplained(fake: FakeGitLab, client: GitLabClient):
    """A commit that no merge request names, in one deployment: GitLab's links of that one are asked, of no other."""
    plan(fake, LINE)
    changes = [merge_request(iid, sha(letter), sha=sha(letter)) for iid, letter in ((45, "b"), (47, "d"))]
    fake.on("GET", f"{P}/merge_requests", changes)
    fake.on("GET", f"{P}/deployments/503/merge_requests", [merge_request(44, sha("9"), sha=sha("8"))])
    fake.on("GET", f"{P}/repository/commits/{sha('c')}/diff", [])
    plan_change(fake, 44)
    found = await harvest(client)

    assert shipped_by(found, 503) == {"shop/web!44", "shop/web@cccccccc"}
    assert fake.sent("GET", f"{P}/deployments/502/merge_requests") == []


async def test_only_fast_forwards_that_may_hide_commits_are_opened(fake: FakeGitLab, client: GitLabClient):
    """Three heads in a row on the main line: none has anything before it that is not another's head."""
    plan(fake, LINE)
    changes = [merge_request(iid, None, sha=sha(letter)) for iid, letter in ((45, "b"), (46, "c"), (47, "d"))]
    fake.on("GET", f"{P}/merge_requests", changes)
    found = await harvest(client)

    assert [seen.path for seen in fake.seen if seen.path.endswith("/commits")] == []
    assert found.gaps == ()


async def test_deployments_beyond_the_first_page_are_read_where_the_window_is_longer(
    fake: FakeGitLab, client: GitLabClient
):
    """A hundred rows of the window: the next two pages as well. With older ones among them: no more."""
    plan_project(fake)
    fake.on("GET", COMPARE, {"commits": []})
    fake.on("GET", f"{P}/merge_requests", [])
    rows = [deployment(1000 - n, "b", 1 + n / 10) for n in range(100)]
    plan_deployments(fake, *rows)
    fake.on("GET", f"{P}/deployments/901/merge_requests", [])
    await harvest(client)
    pages = [seen.query["page"] for seen in fake.sent("GET", f"{P}/deployments") if seen.query["status"] == "success"]
    assert sorted(pages) == ["1", "2", "3"]

    fake.seen.clear()
    plan_deployments(fake, *rows[:99], deployment(901, "b", 100))
    await harvest(client)
    pages = [seen.query["page"] for seen in fake.sent("GET", f"{P}/deployments") if seen.query["status"] == "success"]
    assert pages == ["1"]
