"""Offset pagination, with all of GitLab's headers."""

from __future__ import annotations

from sandbox.gitlab import GitLabOptions
from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab, asking


async def test_a_middle_page_has_all_headers(gitlab: Gitlab) -> None:
    """Page 2 of 3 names both neighbours, and its links lead to this server with the filters kept."""
    got = await gitlab.get(f"{PROJECT}/deployments?sort=desc&per_page=1&page=2")
    numbers = {name: got.headers[name] for name in got.headers if name.startswith("x-")}
    links = got.headers["Link"].split(", ")

    assert numbers == {
        "x-page": "2",
        "x-per-page": "1",
        "x-next-page": "3",
        "x-prev-page": "1",
        "x-total": "3",
        "x-total-pages": "3",
    }
    assert [link.rpartition("; ")[2] for link in links] == ['rel="prev"', 'rel="next"', 'rel="first"', 'rel="last"']
    assert links[1].startswith(f"<{gitlab.server.url}/api/v4{PROJECT}/deployments?sort=desc&page=3&per_page=1>")


async def test_the_last_page_has_no_next(gitlab: Gitlab) -> None:
    """At the end there is no next page, neither as a number nor as a link."""
    got = await gitlab.get(f"{PROJECT}/deployments?per_page=2&page=2")

    assert len(got.body) == 1
    assert got.headers["x-next-page"] == ""
    assert 'rel="next"' not in got.headers["Link"]


async def test_very_long_lists_have_no_totals(world: World, clock: Clock) -> None:
    """Above the limit of counted rows (10,000 in GitLab) totals and the last link are missing."""
    async with asking(world, clock, GitLabOptions(counted_rows=2)) as gitlab:
        got = await gitlab.get(f"{PROJECT}/deployments")

    assert "x-total" not in got.headers
    assert 'rel="last"' not in got.headers["Link"]
