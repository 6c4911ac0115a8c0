"""Several environments, and several projects, of one service: read side by side, and ranked together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backtrace_core.model import WINDOW, Onset, Scope, Service
from backtrace_core.spoken_of import KnownEnvironment
from bot.gitlab.client import GitLabClient, GitLabError
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import BOT_TOKEN, serve_gitlab
from sandbox.worlds import build
from tests.bot.gitlab.fake import FakeGitLab, Reply, client_of
from tests.bot.sources import rows

T0 = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)
SHIPPING = Service("shipping", "shop/shipping", ("production/*",))
W = "/projects/shop%2Fworker"
BOTH = replace(rows.SCOPE, service=Service("shop", "shop/web", projects=("shop/worker",)))


def scope(service: Service = SHIPPING, environment: str = "production/*") -> Scope:
    return Scope(service, environment, Onset(T0 - timedelta(minutes=2), T0), T0 - WINDOW)


async def harvest_of(client: GitLabClient, where: Scope) -> Any:
    return await GitLabSource(client, lambda: T0, budget_s=5).harvest(where)


async def test_a_glob_is_every_environment_that_gitlab_lists(tmp_path: Path) -> None:
    """One listing, then both regions; each change once, with the deployments of both."""
    world = build("regions", T0, tmp_path)
    async with serve_gitlab(world, lambda: T0) as gitlab, client_of(gitlab.url, token=BOT_TOKEN) as client:
        found = await harvest_of(client, scope())

        assert gitlab.unplanned == []
    assert {row.environment for row in found.deployments} == {"production/eu", "production/us"}
    assert len({change.key for change in found.changes}) == len(found.changes)
    assert found.gaps == ()
    assert found.environment.url.endswith("/-/environments")


async def test_names_that_the_settings_have_in_full_are_not_listed(tmp_path: Path) -> None:
    """Literal names of a folder need no question to GitLab."""
    world = build("regions", T0, tmp_path)
    both = replace(SHIPPING, environments=("production/eu", "production/us"))
    async with serve_gitlab(world, lambda: T0) as gitlab, client_of(gitlab.url, token=BOT_TOKEN) as client:
        found = await harvest_of(client, scope(both))
        listings = [one for one in gitlab.recorded if "search=" in one.request.query]

    assert listings == []
    assert {row.environment for row in found.deployments} == {"production/eu", "production/us"}


def plan_worker(fake: FakeGitLab) -> None:
    """Deployment 702 of shop/worker shipped !7; both projects have an environment "production"."""
    fake.on("GET", W, rows.project(id=22, path_with_namespace="shop/worker"))
    fake.on("GET", f"{W}/environments", [{"id": 15, "name": "production", "tier": "production"}])
    done = [rows.deployment(702, "d", 3), rows.deployment(701, "c", 31)]
    fake.on_query("GET", f"{W}/deployments", "status", {"success": done}, [])
    fake.on("GET", f"{W}/deployments/702/merge_requests", [rows.merge_request(7, rows.sha("d"))])
    fake.on("GET", f"{W}/deployments/701/merge_requests", [])
    fake.on("GET", f"{W}/repository/compare", {"commits": [rows.commit("d", "c")]})
    fake.on("GET", f"{W}/merge_requests", [rows.merge_request(7, rows.sha("d"))])
    fake.on("GET", f"{W}/merge_requests/7/diffs", [rows.diff("mail/retry.py")])
    fake.on("GET", f"{W}/merge_requests/7/closes_issues", [])


async def test_two_projects_are_one_harvest(fake: FakeGitLab, client: GitLabClient) -> None:
    """The worker's change is named with its project, and its deployments stay its own."""
    rows.plan_project(fake)
    fake.on("GET", f"{rows.P}/merge_requests", [rows.merge_request(45, rows.sha("b"))])
    plan_worker(fake)
    found = await harvest_of(client, BOTH)

    assert {change.label for change in found.changes} == {"!45", "shop/worker!7"}
    assert {(row.project, row.id) for row in found.deployments} == {
        ("shop/web", 502),
        ("shop/web", 501),
        ("shop/worker", 702),
        ("shop/worker", 701),
    }
    assert found.gaps == ()


async def test_a_project_that_fails_is_a_gap_that_hides_but_does_not_stop(
    fake: FakeGitLab, client: GitLabClient
) -> None:
    """What was read is there; what was not is named with its reason. Only where nothing is left the error rises."""
    rows.plan_project(fake)
    fake.on("GET", f"{rows.P}/merge_requests", [rows.merge_request(45, rows.sha("b"))])
    plan_worker(fake)
    fake.on("GET", W, Reply({"message": "404 Project Not Found"}, 404))
    found = await harvest_of(client, BOTH)

    assert {change.label for change in found.changes} == {"!45"}
    assert [(gap.what, gap.why) for gap in found.gaps] == [
        ("all of environment shop/worker production", "not found, or the token may not see it")
    ]
    fake.on("GET", rows.P, Reply({"message": "404 Project Not Found"}, 404))
    with pytest.raises(GitLabError):
        await harvest_of(client, BOTH)


async def test_stopped_environments_of_a_glob_are_left_out_and_said(fake: FakeGitLab, client: GitLabClient) -> None:
    """Nothing is live in a stopped environment; that it was left out is told, as nothing that hides a culprit."""
    rows.plan_project(fake)
    fake.on("GET", f"{rows.P}/merge_requests", [rows.merge_request(45, rows.sha("b"))])
    listed = [
        {"id": 12, "name": "production/eu", "tier": "production", "state": "available"},
        {"id": 13, "name": "production/old", "tier": "production", "state": "stopped"},
    ]
    fake.on("GET", f"{rows.P}/environments", listed)
    found = await harvest_of(
        client, replace(rows.SCOPE, service=Service("shop", "shop/web", ("production/*",)), environment="production/*")
    )

    asked = {seen.query["environment"] for seen in fake.sent("GET", f"{rows.P}/deployments")}
    assert asked == {"production/eu"}
    assert [(gap.what, gap.why) for gap in found.gaps] == [
        ("production/old", "stopped in GitLab: nothing is live there")
    ]


async def test_a_stopped_environment_that_is_meant_is_said(fake: FakeGitLab, client: GitLabClient) -> None:
    """By its own name it is read all the same, and the card says that nothing is live there."""
    rows.plan_project(fake)
    fake.on(
        "GET", f"{rows.P}/environments", [{"id": 12, "name": "production", "tier": "production", "state": "stopped"}]
    )
    found = await rows.harvest(client)

    assert ("production", "stopped in GitLab: nothing is live there") in [(gap.what, gap.why) for gap in found.gaps]
    assert {change.label for change in found.changes} == {"!45"}


async def test_a_glob_that_matches_nothing_is_said(fake: FakeGitLab, client: GitLabClient) -> None:
    """No environment, no deployments, and the reason."""
    fake.on("GET", f"{rows.P}/environments", [])
    found = await harvest_of(
        client, replace(rows.SCOPE, service=Service("shop", "shop/web", ("production/*",)), environment="production/*")
    )

    assert found.deployments == ()
    assert [gap.what for gap in found.gaps] == ["environment production/*"]


async def test_an_environment_that_one_project_lacks_hides_nothing(fake: FakeGitLab, client: GitLabClient) -> None:
    """Not each project of a service has each environment; that is said, and no list of deployments is missing."""
    rows.plan_project(fake)
    fake.on("GET", f"{rows.P}/merge_requests", [rows.merge_request(45, rows.sha("b"))])
    plan_worker(fake)
    fake.on("GET", f"{W}/environments", [])
    fake.on_query("GET", f"{W}/deployments", "status", {}, [])
    found = await harvest_of(client, BOTH)

    assert [(gap.what, gap.why) for gap in found.gaps] == [
        ("shop/worker production", "the project has none of that name")
    ]


async def test_another_service_is_skimmed_without_details(fake: FakeGitLab, client: GitLabClient) -> None:
    """Deployments and what they brought, in a handful of requests; neither diffs nor work items nor the project."""
    plan_worker(fake)
    where = replace(rows.SCOPE, service=Service("worker", "shop/worker"))
    found = await GitLabSource(client, lambda: T0, budget_s=5).skim(where)

    assert [change.key for change in found.changes] == ["shop/worker!7"]
    assert [row.id for row in found.deployments] == [702, 701]
    assert found.gaps == ()
    asked = [seen.path for seen in fake.seen]
    assert not [path for path in asked if path == W or path.endswith(("/diffs", "/closes_issues", "/environments"))]
    assert len(asked) <= 6


async def test_environments_are_learned_once_in_a_while(fake: FakeGitLab, client: GitLabClient) -> None:
    """Name, tier and address, without stopped ones; asked again only after some minutes; what fails is missing."""
    listed = [
        {"id": 1, "name": "prod", "tier": "production", "state": "available", "external_url": "https://a.test"},
        {"id": 2, "name": "old", "tier": "production", "state": "stopped", "external_url": None},
    ]
    fake.on("GET", f"{rows.P}/environments", listed)
    fake.on("GET", f"{W}/environments", Reply({"message": "403 Forbidden"}, 403))
    now = [T0]
    source = GitLabSource(client, lambda: now[0], budget_s=5)
    first = await source.environments(("shop/web", "shop/worker"))
    again = await source.environments(("shop/web",))
    now[0] += timedelta(minutes=11)
    await source.environments(("shop/web",))

    assert first == again == (KnownEnvironment("shop/web", "prod", "production", "https://a.test"),)
    assert len(fake.sent("GET", f"{rows.P}/environments")) == 2


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_beyond_all_calendars_costs_only_its_row(
    fake: FakeGitLab, client: GitLabClient, created: str
) -> None:
    """A moment that UTC has no date for is an odd answer like any other."""
    plan_worker(fake)
    odd = {**rows.deployment(703, "e", 2), "created_at": created}
    done = [odd, rows.deployment(702, "d", 3), rows.deployment(701, "c", 31)]
    fake.on_query("GET", f"{W}/deployments", "status", {"success": done}, [])
    found = await GitLabSource(client, lambda: T0, budget_s=5).skim(
        replace(rows.SCOPE, service=Service("worker", "shop/worker"))
    )

    assert [row.id for row in found.deployments] == [702, 701]
    assert [gap.what for gap in found.gaps] == ["deployment 703"]
