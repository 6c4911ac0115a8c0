"""Each question of a harvest, failed in each way, through an embedded GitLab: a gap with its reason, and the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from backtrace_core.model import WINDOW, Alert, AlertStatus, Frame, Harvest, Onset, Scope, Service
from bot.gitlab.client import GitLabClient, Patience
from bot.sources import places
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import BOT_TOKEN, Fault, FaultKind, GitLab, serve_gitlab
from sandbox.worlds import build, busy
from sandbox.worlds.model import World

T0 = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)
ALWAYS = 100_000
LONG_S = 60
SLOW_S, IMPATIENT_S = 0.8, 0.5

REASONS: dict[FaultKind, str] = {
    "403": "the token may not read it",
    "404": "not found, or the token may not see it",
    "410": "gone",
    "429": "rate limited by GitLab",
    "500": "500: 500 Internal Server Error",
    "502": "502: an empty answer",
    "reset": "the connection broke",
    "malformed": "GitLab's answer has an unexpected form",
    "latency": "timed out",
}


@dataclass(frozen=True)
class Question:
    """``path`` below the project, and what the query ``holds``; ``gap``: how the gap that it leaves begins.

    ``beside``: another question that is failed as well, so that this one is asked at all. ``shows_culprit``: whether
    the culprit's merge request is found without this answer, by another way.
    """

    world: str
    path: str
    gap: str
    holds: str = ""
    beside: str = ""
    shows_culprit: bool = True
    method: str = "GET"


QUESTIONS = (
    Question("checkout", "/environments", "environment production"),
    Question("checkout", "/deployments", "success deployments", "status=success", shows_culprit=False),
    Question("rolling", "/deployments", "running deployments", "status=running", shows_culprit=False),
    Question("checkout", "/deployments", "blocked deployments", "status=blocked"),
    Question("checkout", "/deployments", "created deployments", "status=created"),
    Question("checkout", "/deployments", "failed deployments", "status=failed"),
    Question("checkout", "/deployments", "canceled deployments", "status=canceled"),
    Question("checkout", "/repository/compare", "commits of deployment "),
    Question("rolling", "/deployments/*/merge_requests", "merge requests of deployment "),
    Question(
        "rolling",
        "/merge_requests",
        "merged merge requests",
        beside="/deployments/*/merge_requests",
        shows_culprit=False,
    ),
    Question("checkout", "/merge_requests/CULPRIT/diffs", "diff of !CULPRIT"),
    Question("checkout", "/merge_requests/CULPRIT/closes_issues", "work items of !CULPRIT"),
    Question("rolling", "/repository/commits/*/diff", "diff of "),
    Question("checkout", "/feature_flags", "feature flags"),
    Question("checkout", "/jobs", "jobs"),
    Question("checkout", "/api/graphql", "approvers", "approvedBy", method="POST"),
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    return {name: build(name, T0, tmp_path_factory.mktemp(name)) for name in ("checkout", "rolling")}


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> World:
    return busy.build(T0, tmp_path_factory.mktemp("busy"))


@asynccontextmanager
async def source_of(world: World, timeout_s: float = 10) -> AsyncIterator[tuple[GitLab, GitLabSource]]:
    async with serve_gitlab(world, lambda: T0) as gitlab:
        client = GitLabClient(gitlab.url, BOT_TOKEN, timeout_s=timeout_s)
        client.patience = Patience(tries=2, first_wait_s=0.001, longest_wait_s=0.5)
        yield gitlab, GitLabSource(client, lambda: T0)
        await client.close()


def scope_of(world: World) -> Scope:
    service = Service(world.service, world.project.path)
    return Scope(service, "production", Onset(T0 - timedelta(minutes=2), T0), T0 - WINDOW)


def fail(gitlab: GitLab, path: str, kind: FaultKind, holds: str = "", method: str = "GET") -> None:
    seconds = LONG_S if kind == "429" else SLOW_S
    where = path if method == "POST" else f"/projects/*{path}"
    gitlab.faults.add(Fault(method, where, kind, times=ALWAYS, seconds=seconds, holds=holds))


def of_culprit(text: str, world: World) -> str:
    assert world.expect is not None
    return text.replace("CULPRIT", str(world.expect.culprit))


async def harvest_without(world: World, question: Question, kind: FaultKind) -> Harvest:
    async with source_of(world, IMPATIENT_S if kind == "latency" else 10) as (gitlab, source):
        fail(gitlab, of_culprit(question.path, world), kind, question.holds, question.method)
        if question.beside:
            fail(gitlab, question.beside, "404")
        return await source.harvest(scope_of(world))


@pytest.mark.parametrize("kind", [kind for kind in REASONS if kind != "429"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.gap)
async def test_each_question_that_fails_is_a_gap_and_the_rest_is_used(
    worlds: dict[str, World], question: Question, kind: FaultKind
):
    """The gap says what and why; nothing else is missing, and what does not hang on it is as it was."""
    world = worlds[question.world]
    found = await harvest_without(world, question, kind)
    gaps = tuple(gap for gap in found.gaps if gap.what.startswith(of_culprit(question.gap, world)))

    assert {gap.why for gap in gaps} == {REASONS[kind]}
    assert len(gaps) == 1
    assert found.gaps == gaps or question.beside
    assert (found.environment is None) == (question.path == "/environments")
    assert found.deployments or question.holds == "status=success"
    _its_changes_are_there(found, question, int(of_culprit("CULPRIT", world)))


def _its_changes_are_there(found: Harvest, question: Question, culprit: int) -> None:
    """The culprit, unless only this answer told of it; and of every change what it changed, unless that was asked."""
    files = {change.iid: bool(change.files) for change in found.changes if change.iid}
    assert (culprit in files) == question.shows_culprit
    assert {iid for iid, has_files in files.items() if not has_files} == (
        {culprit} if question.gap == "diff of !CULPRIT" else set()
    )
    assert found.changes or question.holds == "status=success"


@pytest.mark.parametrize("question", [q for q in QUESTIONS if not q.beside], ids=lambda question: question.gap)
async def test_a_limit_that_is_not_waited_for_is_a_gap(worlds: dict[str, World], question: Question):
    """A long Retry-After is for all: what GitLab had answered before is used, the rest says why it is missing."""
    world = worlds[question.world]
    found = await harvest_without(world, question, "429")

    gaps = [gap.what for gap in found.gaps if gap.why == REASONS["429"]]
    assert len(gaps) == len(found.gaps)
    assert any(what.startswith(question.gap.partition("!")[0]) for what in gaps)
    assert found.environment is not None or question.path == "/environments"
    assert found.deployments or question.holds == "status=success"


async def test_the_paths_that_graphql_does_not_tell_are_a_gap(crowded: World):
    """Of many changes only the nearest are read then, and the card says why the choice is poor."""
    alert = Alert(
        "test", AlertStatus.FIRING, "High", "TypeError in x", T0, Onset(T0, T0), "f", frames=(Frame("a.py", 1),)
    )
    async with source_of(crowded) as (gitlab, source):
        gitlab.faults.add(Fault("POST", "/api/graphql", "500", times=ALWAYS))
        found = await source.harvest(scope_of(crowded), alert)

    assert ("paths of the changed files", REASONS["500"]) in [(gap.what, gap.why) for gap in found.gaps]
    assert sum(bool(change.files) for change in found.changes) == 60


async def test_older_deployments_that_fail_do_not_cost_the_newest(crowded: World, monkeypatch: pytest.MonkeyPatch):
    """Of a window with more deployments than a page has the first page stands, and what is missing is said."""
    monkeypatch.setattr(places, "PAGE", 5)
    async with source_of(crowded) as (gitlab, source):
        fail(gitlab, "/deployments", "502", "&page=2")
        found = await source.harvest(scope_of(crowded))

    assert len(found.deployments) == 5
    assert ("success deployments before the newest 5", REASONS["502"]) in [(gap.what, gap.why) for gap in found.gaps]
