"""One GitLab with two projects: each has its own members and numbers, people and tokens are those of both."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.gitlab import GitLabOptions, GitLabState
from sandbox.worlds import login
from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import Clock, Gitlab, asking
from tests.sandbox.gitlab.small_world import T0, small_world

OTHER = "/projects/shop%2Fcheckout"


@pytest.fixture
def world(tmp_path: Path) -> World:
    told = tell("checkout", Place(57, "shop/checkout", "checkout", "https://checkout.example"), T0, tmp_path / "other")
    people = told.world("", service="", aliases=(), alert=None, script=(), expect=None).users
    small = small_world(tmp_path)
    return replace(small, users=(*small.users, *people), more=(told.part(),))


@pytest.fixture
async def gitlab(world: World) -> AsyncIterator[Gitlab]:
    async with asking(world, Clock(T0)) as asked:
        yield asked


async def test_a_request_goes_to_the_project_that_it_names(gitlab: Gitlab):
    """By full path and by number; each lists its own merge requests, with pages of the one address."""
    own = await gitlab.get("/projects/acme%2Fcheckout/merge_requests")
    other = await gitlab.get(f"{OTHER}/merge_requests?per_page=100")

    assert {row["iid"] for row in own.body} != {row["iid"] for row in other.body}
    assert {row["web_url"].partition("/-/")[0] for row in other.body} == {f"{gitlab.server.url}/shop/checkout"}
    assert (await gitlab.get("/projects/57")).body["path_with_namespace"] == "shop/checkout"
    assert (await gitlab.get("/projects/58")).status == 404


async def test_one_project_can_be_out_of_sight(gitlab: Gitlab):
    """The bot is a member of the one and not of the other, which is not there for it."""
    bot = gitlab.state.bot.username
    gitlab.server.states["shop/checkout"].levels[bot] = 0

    assert (await gitlab.get(OTHER)).status == 404
    assert (await gitlab.get(f"{OTHER}/repository/compare?from=main&to=main")).status == 404
    assert (await gitlab.get("/projects/acme%2Fcheckout")).status == 200


async def test_people_and_tokens_are_those_of_both(gitlab: Gitlab):
    """Global routes answer alike, whatever the project; a person's token opens both."""
    assert (await gitlab.get("/users?username=mara")).body[0]["username"] == "mara"
    assert (await gitlab.get(OTHER, token="glpat-mara")).status == 200
    assert (await gitlab.get("/projects/acme%2Fcheckout", token="glpat-mara")).status == 200


async def test_graphql_finds_both(gitlab: Gitlab):
    """By full path, side by side in one query; what is out of sight is null."""
    query = '{ a: project(fullPath: "acme/checkout") { mergeRequests { nodes { iid } } }'
    query += ' b: project(fullPath: "shop/checkout") { fullPath mergeRequests { nodes { iid } } } }'
    found = (await gitlab.graphql(query)).body["data"]
    gitlab.server.states["shop/checkout"].levels[gitlab.state.bot.username] = 0
    hidden = (await gitlab.graphql(query)).body["data"]

    assert found["b"]["fullPath"] == "shop/checkout"
    iids = {row["iid"] for row in found["a"]["mergeRequests"]["nodes"]}
    assert "87" in iids
    assert "97" not in iids
    assert "97" in {row["iid"] for row in found["b"]["mergeRequests"]["nodes"]}
    assert hidden["b"] is None
    assert hidden["a"] == found["a"]


async def test_what_is_opened_stays_in_its_project(gitlab: Gitlab):
    """An incident is one of the project that it was opened in."""
    made = await gitlab.post(f"{OTHER}/issues", {"title": "Slow orders", "issue_type": "incident"})

    assert made.status == 201
    assert [issue.title for issue in gitlab.server.states["shop/checkout"].incidents] == ["Slow orders"]
    assert gitlab.state.incidents == []


def test_stories_can_be_told_together(tmp_path: Path):
    """A world of two stories has the second one's project beside its own, and no two deployments of one id."""
    told = tell("login", login.PLACE, T0, tmp_path)
    other = tell("checkout", Place(57, "shop/checkout", "checkout", "https://checkout.example"), T0, tmp_path)
    world = told.world("", (other,), service="web", aliases=(), alert=None, script=(), expect=None)

    assert [part.project.path for part in world.more] == ["shop/checkout"]
    ids = [row.id for row in (*world.deployments, *world.more[0].deployments)]
    assert len(ids) == len(set(ids))


def test_the_options_are_those_of_all(world: World, tmp_path: Path):
    """What the GitLab can do does not depend on the project."""
    state = GitLabState(world, Clock(T0), GitLabOptions(tier="premium"))
    state.stand_at("http://127.0.0.1:1")
    assert {one.options.tier for one in state.states.values()} == {"premium"}
    assert {one.url for one in state.states.values()} == {"http://127.0.0.1:1"}
