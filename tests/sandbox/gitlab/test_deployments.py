"""Deployments: what is live, what was shipped, which questions GitLab refuses."""

from __future__ import annotations

import pytest

from sandbox.gitlab import GitLabOptions
from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab, asking

NEWEST = f"{PROJECT}/deployments?environment=production&status=success&order_by=finished_at&sort=desc"


async def test_the_default_order_is_the_oldest_first(gitlab: Gitlab) -> None:
    """Page 1 of an unsorted list is the oldest history: ids ascend."""
    got = await gitlab.get(f"{PROJECT}/deployments")

    assert [row["id"] for row in got.body] == [500, 501, 502]


async def test_live_is_the_newest_success_by_finish(gitlab: Gitlab) -> None:
    """The first row of the list sorted by finish time is the environment's last deployment."""
    rows = (await gitlab.get(NEWEST)).body
    place = (await gitlab.get(f"{PROJECT}/environments/12")).body

    assert [row["id"] for row in rows] == [502, 501]
    assert place["last_deployment"]["id"] == 502


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("order_by=finished_at", "`finished_at` sort requires `finished_at` filter"),
        ("finished_after=2026-11-20T00:00:00Z&status=success", "`finished_at` filter requires `finished_at` sort."),
        ("finished_after=2026-11-20T00:00:00Z&order_by=finished_at", "must be combined with `success` status filter."),
        ("updated_after=2026-11-20T00:00:00Z", "`updated_at` filter requires `updated_at` sort"),
        ("updated_after=2026-11-20T00:00:00Z&finished_after=2026-11-20T00:00:00Z", "can not be specified"),
    ],
)
async def test_unpaired_filters_are_refused(gitlab: Gitlab, query: str, says: str) -> None:
    """Each pairing rule of the deployments list is a 400 with GitLab's sentence."""
    got = await gitlab.get(f"{PROJECT}/deployments?{query}")

    assert got.status == 400
    assert says in got.body["message"]


async def test_finished_after_keeps_the_later_ones(gitlab: Gitlab) -> None:
    """A finish time filter, asked as GitLab wants it, keeps what finished since."""
    got = await gitlab.get(f"{NEWEST}&finished_after=2026-11-21T00:00:00Z")

    assert [row["id"] for row in got.body] == [502]


async def test_a_deployment_lists_what_it_shipped(gitlab: Gitlab) -> None:
    """The range from the previous success, newest merge request first."""
    got = await gitlab.get(f"{PROJECT}/deployments/502/merge_requests")

    assert {row["iid"] for row in got.body} == {87, 88}


async def test_the_first_deployment_lists_the_whole_branch(gitlab: Gitlab) -> None:
    """Without a previous deployment every merged request of the branch counts."""
    got = await gitlab.get(f"{PROJECT}/deployments/501/merge_requests")

    assert [row["iid"] for row in got.body] == [86]


async def test_foldered_environments_link_nothing(gitlab: Gitlab) -> None:
    """review/… is not trackable: its deployments list no merge requests although they shipped some."""
    got = await gitlab.get(f"{PROJECT}/deployments/500/merge_requests")

    assert got.body == []


async def test_a_rollback_lists_nothing(gitlab: Gitlab, clock: Clock) -> None:
    """After a retry of the good job the new deployment is live, has the old sha and no merge requests."""
    await gitlab.post(f"{PROJECT}/jobs/8001/retry")
    clock.on(60)
    place = (await gitlab.get(f"{PROJECT}/environments/12")).body
    linked = (await gitlab.get(f"{PROJECT}/deployments/503/merge_requests")).body

    assert place["last_deployment"]["id"] == 503
    assert linked == []


async def test_a_redeploy_after_a_rollback_lists_nothing(gitlab: Gitlab, clock: Clock) -> None:
    """The bad version deployed again lists nothing: its merge requests stand with its first deployment."""
    for job in (8001, 8100):
        await gitlab.post(f"{PROJECT}/jobs/{job}/retry")
        clock.on(60)
    again = (await gitlab.get(f"{PROJECT}/deployments/504")).body
    linked = (await gitlab.get(f"{PROJECT}/deployments/504/merge_requests")).body

    assert again["status"] == "success"
    assert linked == []


async def test_links_appear_when_the_worker_ran(world: World, clock: Clock) -> None:
    """Right after success the list is empty; it fills once the worker ran."""
    async with asking(world, clock, GitLabOptions(link_after=None)) as gitlab:
        before = (await gitlab.get(f"{PROJECT}/deployments/502/merge_requests")).body
        gitlab.state.link_now()
        after = (await gitlab.get(f"{PROJECT}/deployments/502/merge_requests")).body

    assert before == []
    assert {row["iid"] for row in after} == {87, 88}


async def test_deployed_after_finds_by_environment(gitlab: Gitlab) -> None:
    """The project's list can be asked for what reached an environment since a moment."""
    got = await gitlab.get(f"{PROJECT}/merge_requests?environment=production&deployed_after=2026-11-21T00:00:00Z")

    assert {row["iid"] for row in got.body} == {87, 88}
