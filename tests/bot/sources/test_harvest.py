"""The harvest: what GitLab says becomes facts with a page each."""

from bot.gitlab.client import GitLabClient
from tests.bot.gitlab.fake import FakeGitLab
from tests.bot.sources.rows import P, deployment, harvest, merge_request, plan_deployments, plan_project, sha


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
    assert set(asked) == {"success", "running", "blocked", "created", "failed", "canceled"}
    assert (asked["success"]["order_by"], asked["success"]["sort"]) == ("finished_at", "desc")
    assert asked["running"]["order_by"] == "id"


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
