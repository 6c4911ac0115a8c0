"""The harvest of whole worlds, over HTTP, from a real git repository."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backtrace_core.model import WINDOW, Change, Harvest, Onset, Relation, Scope, Service
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import BOT_TOKEN, serve_gitlab
from sandbox.worlds import build, names
from sandbox.worlds.model import World
from tests.bot.gitlab.fake import client_of

T0 = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)
WITH_CULPRIT = [name for name in names() if name not in ("outage", "thin", "flag")]


@asynccontextmanager
async def source_of(world: World) -> AsyncIterator[GitLabSource]:
    async with serve_gitlab(world, lambda: T0) as gitlab, client_of(gitlab.url, token=BOT_TOKEN) as client:
        yield GitLabSource(client, lambda: T0)


def scope_of(world: World) -> Scope:
    service = Service(world.service, world.project.path)
    return Scope(service, world.environments[0].name, Onset(T0 - timedelta(minutes=2), T0), T0 - WINDOW)


def culprit_of(harvest: Harvest, world: World) -> Change:
    shipped = world.expect.via or world.expect.culprit
    return next(change for change in harvest.changes if change.iid == shipped)


async def test_the_login_world_is_harvested_whole(tmp_path: Path):
    """The culprit's change is there with files, hunks, author, work item and the deployment that shipped it."""
    world = build("login", T0, tmp_path)
    async with source_of(world) as source:
        harvest = await source.harvest(scope_of(world))

    change = culprit_of(harvest, world)
    touched = {file.path: file for file in change.files}
    assert touched["auth/session.py"].hunks
    assert change.author is not None
    assert change.author.username == world.expect.author
    assert [item.iid for item in change.work_items] == [world.expect.work_item]
    shipped = [f for f in harvest.facts if f.subject.key == change.key and f.relation is Relation.DEPLOYED_TO]
    assert [fact.object.key for fact in shipped] == [str(world.expect.deployment)]
    assert all(fact.url.startswith("http://127.0.0.1") for fact in harvest.facts)
    assert harvest.gaps == ()


@pytest.mark.parametrize("name", WITH_CULPRIT)
async def test_every_world_ships_its_culprit_with_the_deployment_it_says(name: str, tmp_path: Path):
    """Linked by GitLab, found by compare, or still running: the culprit arrives with the expected deployment."""
    world = build(name, T0, tmp_path)
    async with source_of(world) as source:
        harvest = await source.harvest(scope_of(world))

    change = culprit_of(harvest, world)
    arrivals = {
        f.object.key for f in harvest.facts if f.subject.key == change.key and f.relation is Relation.DEPLOYED_TO
    }
    assert str(world.expect.deployment) in arrivals


@pytest.mark.parametrize("name", WITH_CULPRIT)
async def test_git_names_the_target(name: str, tmp_path: Path):
    """The newest successful deployment that does not contain the culprit is the one that the world expects."""
    world = build(name, T0, tmp_path)
    async with source_of(world) as source:
        harvest = await source.harvest(scope_of(world))
        targets = tuple(row for row in harvest.deployments if row.finished_at is not None)[:8]
        change = culprit_of(harvest, world)
        lineage = await source.lineage(harvest, (change,), targets)

    free = [row.id for row in targets if (row.id, change.key) not in lineage.contains | lineage.unknown]
    assert free[0] == world.expect.target
    assert lineage.unknown == frozenset()


async def test_the_login_world_told_otherwise(tmp_path: Path):
    """From a fork, with two approvers, with a mention, an incident and an epic in its text: from a real repository."""
    world = build("login", T0, tmp_path)
    others = [one.iid for one in world.issues if one.iid != world.expect.work_item and not one.confidential]
    mentioned, incident = others[:2]
    text = f"Related to #{mentioned}, found in #{incident}, part of &7, like !44."
    merged = tuple(
        replace(one, fork=9_999, approved_by=("kim", "aiko"), description=text) if one.iid == 45 else one
        for one in world.merge_requests
    )
    issues = tuple(replace(one, kind="incident") if one.iid == incident else one for one in world.issues)
    async with source_of(replace(world, merge_requests=merged, issues=issues)) as source:
        harvest = await source.harvest(scope_of(world))

    change = culprit_of(harvest, world)
    assert change.from_fork
    assert [one.username for one in change.approvers] == ["kim", "aiko"]
    assert [(item.iid, item.closes) for item in change.work_items] == [
        (world.expect.work_item, True),
        (mentioned, False),
    ]
    assert harvest.gaps == ()
