"""From a stack frame to the line: git's blame at the deployed sha, over HTTP, from a real repository."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pygit2
import pytest

from backtrace_core.model import Alert, AlertStatus, Frame, Harvest, Onset, Relation, Scope, Service
from bot.gitlab.client import GitLabClient
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import BOT_TOKEN, GitLab, serve_gitlab
from sandbox.worlds.model import World
from tests.bot.gitlab.fake import FakeGitLab, Reply, client_of
from tests.bot.sources.rows import (
    SCOPE,
    P,
    commit,
    deployment,
    diff,
    merge_request,
    plan_deployments,
    plan_project,
    sha,
)
from tests.bot.sources.rows import T0 as FAKE_T0
from tests.sandbox.gitlab.small_world import T0, small_world

POOL = Frame("/srv/app/checkout/pool.py", 3, "acquire")
ONSET = Onset(T0 - timedelta(minutes=10), T0)


def asked(*frames: Frame, onset: Onset = ONSET) -> Alert:
    return Alert("test", AlertStatus.FIRING, "Errors", "Errors", onset.latest, onset, "f", frames=frames)


def scope_of(world: World) -> Scope:
    return Scope(Service("checkout", world.project.path), "production", ONSET, T0 - timedelta(hours=20))


@asynccontextmanager
async def small(folder: Path) -> AsyncIterator[tuple[World, GitLab, GitLabSource]]:
    world = small_world(folder)
    async with serve_gitlab(world, lambda: T0) as gitlab, client_of(gitlab.url, token=BOT_TOKEN) as client:
        yield world, gitlab, GitLabSource(client, lambda: T0)


def blame_requests(gitlab: GitLab) -> list[str]:
    return [seen.request.path for seen in gitlab.recorded if seen.request.path.endswith("/blame")]


async def test_blame_names_commit_merge_request_and_line(tmp_path: Path):
    """The line was written by a commit inside the merge request's branch; the blamed version is the deployed one."""
    async with small(tmp_path) as (world, gitlab, source):
        found = await source.harvest(scope_of(world), asked(POOL))
    (blame,) = found.blames
    wrote = pygit2.Repository(str(world.project.repository)).revparse_single(blame.commit)
    deployed = next(row.sha for row in world.deployments if row.id == 502)

    assert (blame.change, blame.path, blame.line, blame.version) == (
        "acme/checkout!88",
        "checkout/pool.py",
        3,
        deployed,
    )
    assert wrote.message.startswith("Share the pool")
    assert blame.url == f"{gitlab.url}/acme/checkout/-/blame/{deployed}/checkout/pool.py#L3"
    assert len(blame_requests(gitlab)) == 1
    assert found.gaps == ()


async def test_the_blame_is_a_fact_on_the_way_to_the_change(tmp_path: Path):
    """The hop from the change to the line, with the page where a person can check it."""
    async with small(tmp_path) as (world, _, source):
        found = await source.harvest(scope_of(world), asked(POOL))
    (fact,) = [fact for fact in found.facts if fact.relation is Relation.LAST_CHANGED]

    assert (fact.subject.key, fact.object.key) == ("acme/checkout!88", "acme/checkout:checkout/pool.py#L3")
    assert fact.url == found.blames[0].url


async def test_older_code_leads_to_no_change(tmp_path: Path):
    """Line 5 has been there since the beginning: its commit is said, and nobody's change."""
    async with small(tmp_path) as (world, _, source):
        found = await source.harvest(scope_of(world), asked(replace(POOL, line=5)))

    assert [blame.change for blame in found.blames] == [None]
    assert [fact for fact in found.facts if fact.relation is Relation.LAST_CHANGED] == []


async def test_a_blame_is_asked_once_for_ever(tmp_path: Path):
    """At a sha it never changes: the second alert on the line asks for none."""
    async with small(tmp_path) as (world, gitlab, source):
        first = await source.harvest(scope_of(world), asked(POOL))
        second = await source.harvest(scope_of(world), asked(POOL))

    assert first.blames == second.blames
    assert len(blame_requests(gitlab)) == 1


@pytest.mark.parametrize("frame", [Frame("/srv/app/cart/total.py", 3), Frame("checkout/pool.py"), Frame("", 3)])
async def test_no_blame_is_asked_where_none_can_matter(tmp_path: Path, frame: Frame):
    """A file that no change touched, a frame without a line, a frame without a file."""
    async with small(tmp_path) as (world, gitlab, source):
        found = await source.harvest(scope_of(world), asked(frame))

    assert blame_requests(gitlab) == []
    assert found.blames == found.gaps == ()


async def test_a_line_beyond_the_file_is_no_gap(tmp_path: Path):
    """The trace may be of another version than the one that is live."""
    async with small(tmp_path) as (world, gitlab, source):
        found = await source.harvest(scope_of(world), asked(replace(POOL, line=900)))

    assert len(blame_requests(gitlab)) == 1
    assert found.blames == found.gaps == ()


FAKE_ASKED = asked(Frame("/srv/web/auth/session.py", 42), onset=SCOPE.onset)
BLAME = f"{P}/repository/files/auth%2Fsession.py/blame"
STATS = {"data": {"project": {"mergeRequests": {"nodes": [{"iid": "45", "diffStats": [{"path": "auth/session.py"}]}]}}}}


async def harvest(client: GitLabClient) -> Harvest:
    return await GitLabSource(client, lambda: FAKE_T0).harvest(SCOPE, FAKE_ASKED)


def plan(fake: FakeGitLab, blame: object) -> None:
    plan_project(fake)
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, sha("b"))])
    fake.on("POST", "/api/graphql", STATS)
    fake.on("GET", BLAME, blame)


async def test_only_the_line_at_the_deployed_version_is_asked_for(fake: FakeGitLab, client: GitLabClient):
    """``range`` of one line, ``ref`` the sha that was live as the trouble began."""
    plan(fake, [{"commit": {"id": sha("e")}, "lines": ["x"]}])
    found = await harvest(client)
    (seen,) = fake.sent("GET", BLAME)

    assert {name: seen.query[name] for name in ("ref", "range[start]", "range[end]")} == {
        "ref": sha("b"),
        "range[start]": "42",
        "range[end]": "42",
    }
    assert [blame.change for blame in found.blames] == ["shop/web!45"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Reply({"message": "404 File Not Found"}, 404), None),
        (Reply({"message": "403 Forbidden"}, 403), "the token may not read it"),
        ([{"lines": ["x"]}], "GitLab's answer has an unexpected form"),
        ([], None),
    ],
)
async def test_what_blame_does_not_say(fake: FakeGitLab, client: GitLabClient, answer: object, why: str | None):
    """Not there is an answer; everything else is a gap, and the rest of the harvest is whole."""
    plan(fake, answer)
    found = await harvest(client)

    assert found.blames == ()
    assert [gap.why for gap in found.gaps] == ([why] if why else [])
    assert [change.label for change in found.changes] == ["!45"]


async def test_a_commit_deep_in_a_branch_is_its_merge_request_s(fake: FakeGitLab, client: GitLabClient):
    """Neither head nor merge: the graph of the window says what the merge brought."""
    plan(fake, [{"commit": {"id": sha("c")}, "lines": ["x"]}])
    commits = [commit("c", "a"), commit("e", "c"), commit("b", "a", "e")]
    fake.on("GET", f"{P}/repository/compare", {"commits": commits})
    found = await harvest(client)

    assert [blame.change for blame in found.blames] == ["shop/web!45"]


async def test_a_commit_of_a_fast_forwarded_merge_request_is_its_own(fake: FakeGitLab, client: GitLabClient):
    """Nothing on the main line says where its branch began; what the harvest asked for that tells it here too."""
    plan(fake, [{"commit": {"id": sha("c")}, "lines": ["x"]}])
    for path in ("merge_requests", "deployments/502/merge_requests"):
        fake.on("GET", f"{P}/{path}", [merge_request(45, None, sha=sha("b"))])
    fake.on("GET", f"{P}/repository/compare", {"commits": [commit("c", "a"), commit("b", "c")]})
    fake.on("GET", f"{P}/merge_requests/45/commits", [commit("b", "c"), commit("c", "a")])
    found = await harvest(client)

    assert [blame.change for blame in found.blames] == ["shop/web!45"]


async def test_a_pushed_commit_is_found_by_the_frames_own_path(fake: FakeGitLab, client: GitLabClient):
    """Nobody knows its paths before its diff is read, and that costs no further round: the frame's path is tried."""
    plan(fake, [{"commit": {"id": sha("b")}, "lines": ["x"]}])
    fake.on("GET", f"{P}/merge_requests", [])
    fake.on("GET", f"{P}/deployments/502/merge_requests", [])
    fake.on("GET", f"{P}/repository/compare", {"commits": [commit("b", "a")]})
    fake.on("GET", f"{P}/repository/commits/{sha('b')}/diff", [diff("auth/session.py")])
    fake.on("GET", BLAME.replace("auth", "web%2Fauth"), Reply({"message": "404 File Not Found"}, 404))
    found = await harvest(client)

    assert [(blame.path, blame.change) for blame in found.blames] == [("auth/session.py", f"shop/web@{'b' * 8}")]
    assert found.gaps == ()


async def test_what_is_arriving_is_blamed(fake: FakeGitLab, client: GitLabClient):
    """The deployment that runs as the trouble begins has the lines that the trace passes."""
    plan(fake, [{"commit": {"id": sha("b")}, "lines": ["x"]}])
    running = deployment(502, "b", 0.1, status="running")
    plan_deployments(fake, deployment(501, "a", 30), running=(running,))
    found = await harvest(client)

    assert [blame.version for blame in found.blames] == [sha("b")]
