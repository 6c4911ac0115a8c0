"""Pipelines that people start by the API: what they deploy, who sees their variables, and what refuses them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.gitlab import GitLabOptions
from sandbox.worlds.model import ToldPipeline, World
from tests.sandbox.gitlab.asking import PROJECT, Clock, asking

CREATE = f"{PROJECT}/pipeline"


def told(world: World) -> World:
    """The small world with a pipeline that is told a version and an environment."""
    return replace(world, pipeline=ToldPipeline(sha="VERSION", environment="WHERE"))


def body(world: World, **more: object) -> dict[str, object]:
    variables = [{"key": "VERSION", "value": world.deployments[0].sha}, {"key": "WHERE", "value": "production"}]
    return {"ref": "main", "variables": variables, **more}


async def test_a_pipeline_runs_and_its_tool_deploys(world: World, clock: Clock) -> None:
    """Created, running, success; the deployment has the version and no job."""
    async with asking(told(world), clock) as gitlab:
        made = await gitlab.post(CREATE, body(world))
        seen = []
        for wait in (0, 1, 3):
            clock.on(wait)
            seen.append((await gitlab.get(f"{PROJECT}/pipelines/{made.body['id']}")).body["status"])
        row = max((await gitlab.get(f"{PROJECT}/deployments")).body, key=lambda one: one["id"])

        assert (made.status, made.body["source"], made.body["status"]) == (201, "api", "created")
        assert seen == ["created", "running", "success"]
        assert (row["sha"], row["status"], row["deployable"]) == (world.deployments[0].sha, "success", None)
        assert gitlab.state.effects["pipeline"] == 1


async def test_inputs_tell_as_well(world: World, clock: Clock) -> None:
    """A JSON object beside the ref."""
    async with asking(told(world), clock) as gitlab:
        inputs = {"VERSION": world.deployments[0].sha, "WHERE": "production"}
        made = await gitlab.post(CREATE, {"ref": "main", "inputs": inputs})

        assert made.status == 201
        assert gitlab.state.pipelines[made.body["id"]].deploys == ("production", world.deployments[0].sha)


@pytest.mark.parametrize(
    ("more", "options", "words"),
    [
        ({"ref": "nowhere"}, GitLabOptions(), "Reference not found"),
        ({"variables": []}, GitLabOptions(), "pipeline would have been empty"),
        ({}, GitLabOptions(variables_role="no_one_allowed"), "Insufficient permissions to set pipeline variables"),
    ],
)
async def test_what_gitlab_refuses(
    more: dict[str, object], options: GitLabOptions, words: str, world: World, clock: Clock
) -> None:
    """400 in the form of a model's error; nothing is started."""
    async with asking(told(world), clock, options) as gitlab:
        refused = await gitlab.post(CREATE, body(world, **more))

        assert refused.status == 400
        assert words in refused.body["message"]["base"][0]
        assert gitlab.state.effects["pipeline"] == 0


async def test_without_a_ref_it_is_invalid(world: World, clock: Clock) -> None:
    """Grape's own words."""
    async with asking(told(world), clock) as gitlab:
        assert (await gitlab.post(CREATE, {})).body == {"error": "ref is missing"}


async def test_pipelines_are_listed_by_who_started_them(world: World, clock: Clock) -> None:
    """Ref, source and username narrow; the newest comes first; only who started one, and Maintainers, see what it was
    told."""
    async with asking(told(world), clock) as gitlab:
        made = (await gitlab.post(CREATE, body(world))).body["id"]
        name = gitlab.state.bot.username
        mine = await gitlab.get(f"{PROJECT}/pipelines?ref=main&source=api&username={name}&order_by=id&sort=desc")
        others = await gitlab.get(f"{PROJECT}/pipelines?source=api&username=nobody")
        shown = await gitlab.get(f"{PROJECT}/pipelines/{made}/variables")
        gitlab.state.pipelines[made].user = "somebody"
        gitlab.state.levels[name] = 30
        hidden = await gitlab.get(f"{PROJECT}/pipelines/{made}/variables")

        assert [row["id"] for row in mine.body] == [made]
        assert others.body == []
        assert {row["key"] for row in shown.body} == {"VERSION", "WHERE"}
        assert hidden.status == 403


async def test_a_pipeline_is_cancelled_with_what_it_deploys(world: World, clock: Clock) -> None:
    """Once; a second time changes nothing."""
    async with asking(told(world), clock) as gitlab:
        made = (await gitlab.post(CREATE, body(world))).body["id"]
        clock.on(1)
        await gitlab.get(f"{PROJECT}/pipelines/{made}")
        for _ in range(2):
            done = await gitlab.post(f"{PROJECT}/pipelines/{made}/cancel")
        row = max((await gitlab.get(f"{PROJECT}/deployments")).body, key=lambda one: one["id"])

        assert (done.body["status"], row["status"]) == ("canceled", "canceled")
        assert gitlab.state.effects["cancel_pipeline"] == 1
