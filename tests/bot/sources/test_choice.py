"""With many changes, only those that can still matter are read in full."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backtrace_core.model import Alert, AlertStatus, Change, Frame, Harvest, Onset
from bot.gitlab.client import GitLabClient
from bot.investigate import investigate
from bot.sources import choice, gitlab
from bot.sources.choice import MOST_TEXTS
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import serve_gitlab
from sandbox.worlds import build
from tests.bot.gitlab.fake import FakeGitLab, Reply, client_of
from tests.bot.sources.rows import (
    SCOPE,
    T0,
    P,
    deployment,
    diff,
    merge_request,
    plan_deployments,
    plan_project,
    sha,
    shipped_by,
)
from tests.bot.sources.test_worlds import T0 as WORLD_T0
from tests.bot.sources.test_worlds import scope_of

MANY = range(100, 160)
ALERT = Alert(
    "test", AlertStatus.FIRING, "AttributeError in refunds", "AttributeError in refunds", T0,
    Onset(T0 - timedelta(minutes=5), T0), "f", frames=(Frame("/srv/web/pay/refunds.py", 3, "total"),),
)  # fmt: skip


def plan_many(fake: FakeGitLab, paths: dict[int, str]) -> None:
    """Deployment 502 brought sixty merge requests; ``paths`` says for some which file they changed."""
    plan_project(fake)
    rows = [merge_request(iid, sha("b"), sha=f"{iid:040x}", title=f"Work {iid}") for iid in MANY]
    fake.on("GET", f"{P}/merge_requests", rows)
    nodes = [{"iid": str(iid), "diffStats": [{"path": paths.get(iid, f"lib/m{iid}.py")}]} for iid in MANY]
    fake.on("POST", "/api/graphql", {"data": {"project": {"mergeRequests": {"nodes": nodes}}}})
    for path in ("pay%2Frefunds.py", "web%2Fpay%2Frefunds.py"):
        fake.on("GET", f"{P}/repository/files/{path}/blame", Reply({"message": "404 File Not Found"}, 404))
    for iid in MANY:
        fake.on("GET", f"{P}/merge_requests/{iid}/diffs", [diff(paths.get(iid, f"lib/m{iid}.py"))])
        fake.on("GET", f"{P}/merge_requests/{iid}/closes_issues", [])


async def harvest(client: GitLabClient) -> Harvest:
    return await GitLabSource(client, lambda: T0, 20).harvest(SCOPE, ALERT)


def read_in_full(found: Harvest) -> set[int | None]:
    return {change.iid for change in found.changes if any(file.hunks for file in change.files)}


def asked_for(fake: FakeGitLab, what: str) -> list[str]:
    return [seen.path for seen in fake.seen if seen.path.endswith(what)]


async def test_only_what_can_matter_is_read_in_full(fake: FakeGitLab, client: GitLabClient):
    """Sixty changes of one deployment: the one on the trace is among the few with their text; all have their paths."""
    plan_many(fake, {137: "pay/refunds.py"})
    found = await harvest(client)

    assert 137 in read_in_full(found)
    assert len(read_in_full(found)) == len(asked_for(fake, "/diffs")) == MOST_TEXTS
    assert all(change.files for change in found.changes)
    assert {file.text_skipped for change in found.changes for file in change.files} == {True, False}
    assert found.gaps == ()


async def test_beside_a_trace_forty_are_all_read(
    fake: FakeGitLab, client: GitLabClient, monkeypatch: pytest.MonkeyPatch
):
    """What a trace says of a change stands in its lines; without a trace paths and titles choose."""
    monkeypatch.setattr(choice, "ALL_WITH_A_TRACE", len(MANY))
    plan_many(fake, {})
    untraced = replace(ALERT, frames=())

    assert len(read_in_full(await harvest(client))) == len(MANY)
    assert len(read_in_full(await GitLabSource(client, lambda: T0, 20).harvest(SCOPE, untraced))) == MOST_TEXTS


async def test_what_says_nothing_of_issues_is_not_asked_for_them(fake: FakeGitLab, client: GitLabClient):
    """Squashed or fast-forwarded commits may say more than is seen, so these are asked; here nothing is hidden."""
    plan_many(fake, {})
    rows = [merge_request(iid, sha("b"), sha=sha("e"), title=f"Work {iid}") for iid in MANY]
    rows[7]["description"] = "Closes #4"
    fake.on("GET", f"{P}/merge_requests", rows)
    await harvest(client)

    assert asked_for(fake, "/closes_issues") == [f"{P}/merge_requests/107/closes_issues"]


async def test_without_paths_the_nearest_are_read(fake: FakeGitLab, client: GitLabClient):
    """GraphQL is switched off, or answers oddly: then time alone decides, up to sixty changes."""
    for answer in (Reply({"message": "403 Forbidden"}, 403), {"data": {"project": None}}, {"data": None}):
        plan_many(fake, {})
        fake.on("POST", "/api/graphql", answer)
        assert len(read_in_full(await harvest(client))) == len(MANY)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Reply({"message": "403 Forbidden"}, 403), "the token may not read it"),
        ({"data": {"project": None}}, "not found, or the token may not see it"),
        ({"data": {"project": {}}}, "GitLab's answer has an unexpected form"),
    ],
)
async def test_paths_that_would_have_chosen_are_a_gap(
    fake: FakeGitLab, client: GitLabClient, monkeypatch: pytest.MonkeyPatch, answer: object, why: str
):
    """Where more changes came than are read by their age alone, the card says why the choice is poor."""
    monkeypatch.setattr(gitlab, "MOST_CHANGES", len(MANY) - 1)
    plan_many(fake, {})
    fake.on("POST", "/api/graphql", answer)
    found = await harvest(client)

    assert [(gap.what, gap.why) for gap in found.gaps] == [("paths of the changed files", why), ("approvers", why)]


async def test_an_unread_change_is_a_gap_only_where_nothing_of_it_is_known(fake: FakeGitLab, client: GitLabClient):
    """GraphQL left more out than are read: they are read first, and of the rest nobody knows what they changed."""
    plan_many(fake, {})
    plan_deployments(fake, deployment(502, "b", 1), deployment(501, "a", 30))
    unknown = list(MANY)[:25]
    rows = [merge_request(iid, sha("b"), sha=f"{iid:040x}", title=f"Work {iid}") for iid in MANY]
    fake.on("GET", f"{P}/merge_requests", rows)
    nodes = [{"iid": str(iid), "diffStats": [{"path": f"lib/m{iid}.py"}]} for iid in MANY if iid not in unknown]
    fake.on("POST", "/api/graphql", {"data": {"project": {"mergeRequests": {"nodes": nodes}}}})
    found = await harvest(client)

    assert set(unknown) - set(read_in_full(found)) == {120, 121, 122, 123, 124}
    assert [(gap.what, gap.why) for gap in found.gaps] == [
        ("diff of !120, !121, !122 and 2 more", "only 20 of 60 changes are read in full")
    ]


async def test_what_is_known_is_not_asked_again(fake: FakeGitLab, client: GitLabClient):
    """A second alert on the same environment: paths, ranges and diffs are all there already."""
    plan_many(fake, {137: "pay/refunds.py"})
    source = GitLabSource(client, lambda: T0, 20)
    first = await source.harvest(SCOPE, ALERT)
    fake.seen.clear()
    second = await source.harvest(SCOPE, ALERT)

    assert replace(second, harvested_at=first.harvested_at) == first
    assert asked_for(fake, "/diffs") == asked_for(fake, "/graphql") == asked_for(fake, "/compare") == []
    assert asked_for(fake, "/deployments") != []


async def test_waiting_for_the_limit_is_said(fake: FakeGitLab):
    """GitLab said "later" once, and the card says how long that took; nothing is missing."""
    plan_project(fake)
    fake.on("GET", f"{P}/environments", Reply(b"", 429, {"Retry-After": "1"}), [{"id": 12, "name": "production"}])
    async with client_of(fake.url) as client:
        client.patience = replace(client.patience, longest_wait_s=2)
        found = await GitLabSource(client, lambda: T0, 20).harvest(SCOPE)

    assert [(gap.what, gap.why) for gap in found.gaps] == [
        ("the facts any sooner", "waited 1 s for GitLab's rate limit")
    ]
    assert shipped_by(found, 502) == {"shop/web!45"}


async def test_waiting_for_the_limit_costs_no_budget(fake: FakeGitLab):
    """A harvest of half a second that has to wait for a whole one still reads everything."""
    plan_project(fake)
    fake.on("GET", f"{P}/environments", Reply(b"", 429, {"Retry-After": "1"}), [{"id": 12, "name": "production"}])
    async with client_of(fake.url) as client:
        client.patience = replace(client.patience, longest_wait_s=2)
        found = await GitLabSource(client, lambda: T0, 0.7).harvest(SCOPE)

    assert found.environment is not None
    assert found.changes[0].files


@pytest.mark.parametrize("name", ["login"])
async def test_the_choice_changes_no_verdict(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A world with more changes than are read: the culprit is named as if all had been read."""
    monkeypatch.setattr(choice, "ALL_WITH_A_TRACE", 0)
    world = build(name, WORLD_T0, tmp_path)
    text = world.alert.firing["attachments"][0]["text"]
    frames = (Frame("/srv/web/auth/session.py", 42, "is_expired"),)
    alert = replace(ALERT, title="LoginErrorRateHigh", text=text, frames=frames, received_at=WORLD_T0)
    async with serve_gitlab(world, lambda: WORLD_T0) as gitlab, client_of(gitlab.url) as client:
        source = GitLabSource(client, lambda: WORLD_T0)
        verdict = await investigate(alert, scope_of(world), source, frozenset())
        diffs = [e for e in gitlab.recorded if e.request.path.endswith(("/diffs", "/diff"))]

    named: list[Change] = [suspect.candidate.change for suspect in verdict.named]
    assert [change.iid for change in named] == [world.expect.culprit]
    assert [item.iid for item in named[0].work_items] == [world.expect.work_item]
    assert verdict.looked_at.changes > MOST_TEXTS == len(diffs)
