"""Drives the embedded GitLab through everything that it can, and hands back what went over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from backtrace_core.model import Change, ChangeKind, Onset, Scope, Service, Severity
from bot.gitlab.client import GitLabClient, GitLabError
from bot.gitlab.flags import flags_of
from bot.gitlab.incident import add_labels, assign, find_incident, note_once, open_incident, page
from bot.gitlab.note import hidden
from bot.gitlab.paper_note import keep_note
from bot.gitlab.paths import in_project
from bot.gitlab.reverting import CannotRevertError, NewRevert, open_revert, way_back
from bot.gitlab.rollback import cancel_job, deployment_of_job, newest_job, progress_of, retry_job
from bot.gitlab.severity import set_severity
from bot.gitlab.timeline import Happened, add_events
from bot.permissions import may_roll_back
from bot.preflight import against_now
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import (
    BOT_TOKEN,
    EscalationPolicy,
    Exchange,
    GitLab,
    GitLabOptions,
    serve_gitlab,
)
from sandbox.gitlab.records import Access, Approval, ApprovalRule, FreezePeriod
from sandbox.worlds import build
from sandbox.worlds.model import FeatureFlag, World
from tests.sandbox.gitlab.asking import Clock, Gitlab

T0 = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


async def exchanges(folder: Path) -> list[Exchange]:
    """What the bot's own client asks over the world ``login``, then each route that is left."""
    world, clock = build("login", T0, folder), Clock(T0)
    async with _premium(world, clock) as gitlab:
        client = GitLabClient(gitlab.url, BOT_TOKEN)
        try:
            await _trace(client, world, clock)
            await _roll_back(client, world, clock)
            await _held_up(client, gitlab, world, clock)
            await _incident(client, world)
            await _revert(client, world)
        finally:
            await client.close()
        async with aiohttp.ClientSession() as session:
            await _each_route(Gitlab(gitlab, session), world)
        return list(gitlab.recorded)


@asynccontextmanager
async def _premium(world: World, clock: Clock) -> AsyncIterator[GitLab]:
    policy = EscalationPolicy(18, "Shop on-call", (world.users[0].username,))
    async with serve_gitlab(world, clock, options=GitLabOptions(tier="premium", policies=(policy,))) as gitlab:
        gitlab.state.protected_environments["production"] = (
            Access(level=30),
            Access(username=world.users[0].username),
            Access(group_id=5),
        )
        gitlab.state.protected_tiers["production"] = (Access(level=30),)
        gitlab.state.protected_tags["v*"] = (Access(level=40),)
        gitlab.state.groups[5] = {world.users[0].username: 40}
        yield gitlab


async def _trace(client: GitLabClient, world: World, clock: Clock) -> None:
    onset = Onset(T0 - timedelta(minutes=5), T0)
    service = Service(world.service, world.project.path, tuple(place.name for place in world.environments))
    source = GitLabSource(client, clock)
    harvest = await source.harvest(Scope(service, "production", onset, T0 - timedelta(hours=72)))
    await source.lineage(harvest, harvest.changes[:3], harvest.deployments[1:4])


async def _roll_back(client: GitLabClient, world: World, clock: Clock) -> None:
    project, target = world.project.path, world.expect.target or 0
    jobs = {told.id: told for told in world.deployments}
    for user in world.users:
        await may_roll_back(client, user.username, (project, "production", world.project.default_branch))
    await may_roll_back(client, world.users[0].username, (project, "production", "v1"))
    job = await retry_job(client, project, jobs[target].job_id)
    made = await deployment_of_job(client, project, "production", job)
    if made is None:
        raise AssertionError("the retry made no deployment")
    clock.on(60)
    await progress_of(client, project, made.id)
    await newest_job(client, project, jobs[target].pipeline_id, made.job.name if made.job else "")
    again = await retry_job(client, project, job)
    await cancel_job(client, project, again)
    try:
        await retry_job(client, project, jobs[target].job_id)
    except GitLabError:
        return
    raise AssertionError("a retried job was retried again")


async def _held_up(client: GitLabClient, gitlab: GitLab, world: World, clock: Clock) -> None:
    """What a rollback may have to wait for: freezes, approvals, a resource group."""
    project, state = world.project.path, gitlab.state
    job = max(
        (one for one in state.jobs.values() if one.status == "success" and not one.retried), key=lambda one: one.id
    )
    job.resource_group = job.environment
    state.freeze_periods.append(FreezePeriod(1, "0 23 * * 5", "0 8 * * 1", "Europe/Berlin"))
    state.resource_groups[job.environment] = None
    state.approval_rules[job.environment] = (ApprovalRule(Access(level=40), 1), ApprovalRule(Access(group_id=5), 1))
    state.flags["contract"] = FeatureFlag("contract", "", T0, scopes=("production",))
    made = await retry_job(client, project, job.id)
    target = await deployment_of_job(client, project, job.environment, made)
    if target is None:
        raise AssertionError("the retry made no deployment")
    await against_now(client, target, None, T0)
    await flags_of(client, project)
    await client.get(in_project(project, "deployments", target.id))
    await client.post(in_project(project, "deployments", target.id, "approval"), {"status": "approved"})
    state.approvals[target.id].append(Approval(world.users[0].username, "approved", T0))
    await client.post(in_project(project, "jobs", made, "play"))
    clock.on(60)
    await progress_of(client, project, target.id)


async def _incident(client: GitLabClient, world: World) -> None:
    project, key = world.project.path, "contract"
    text = f"{hidden(key)}\nFive times as many as usual."
    opened = await open_incident(client, project, "Login errors", text, about=project)
    await find_incident(client, project, key, own_id=None)
    await assign(client, opened, [world.users[0].id])
    await add_labels(client, opened, ["incident", "backtrace"])
    for time in range(2):
        await note_once(client, opened, "verdict", "The change most likely involved.")
        await keep_note(client, opened, key, f"The change most likely involved, looked at {time} times.", own_id=None)
    await add_labels(client, opened, ["backtrace::named"], ["backtrace"])
    for _ in range(2):
        await add_events(client, opened, [Happened(T0, "Backtrace: looked")])
    await set_severity(client, opened, Severity.HIGH)
    await client.list_all(
        f"/projects/{project.replace('/', '%2F')}/issues",
        limit=10,
        issue_type="incident",
        scope="all",
        updated_after="2026-11-20T00:00:00.000000Z",
        order_by="updated_at",
        sort="asc",
    )
    await client.list_all(
        f"/projects/{project.replace('/', '%2F')}/deployments",
        limit=10,
        updated_after="2026-11-20T00:00:00.000000Z",
        order_by="updated_at",
        sort="asc",
    )
    await page(client, opened)
    await client.get("/personal_access_tokens/self")


async def _revert(client: GitLabClient, world: World) -> None:
    merged = next(one for one in world.merge_requests if one.iid == world.expect.culprit)
    what = (merged.iid, merged.sha, merged.title, "", None, "", None)
    way = await way_back(client, Change(ChangeKind.MERGE_REQUEST, world.project.path, *what))
    new = NewRevert(world.project.path, "backtrace/revert", way, "Revert it", "Why.", world.users[0].id, ("revert",))
    await open_revert(client, new)
    await open_revert(client, new)
    with suppress(CannotRevertError):
        await open_revert(client, replace(new, branch="other", way=replace(way, shas=way.shas * 2)))


async def _each_route(gitlab: Gitlab, world: World) -> None:
    """The routes that the calls above may not reach, and the shapes of error."""
    project = f"/projects/{world.project.path.replace('/', '%2F')}"
    for path in ("/version", "/metadata", f"/users?username={world.users[0].username}", "/projects/no%2Fwhere"):
        await gitlab.get(path)
    for path in _paths(gitlab, world):
        await gitlab.get(f"{project}/{path}")
    await _writes(gitlab, f"{project}/issues/{next(iter(gitlab.state.issues))}", project)
    await gitlab.get("/user", token="")


def _paths(gitlab: Gitlab, world: World) -> tuple[str, ...]:
    change = next(change for change in world.merge_requests if change.iid == world.expect.culprit)
    path = gitlab.state.repository.changes_of(change.sha)[0].new_path.replace("/", "%2F")
    issue = next(iter(gitlab.state.issues))
    return (
        "members/all?per_page=3",
        "labels",
        f"environments/{world.environments[0].id}",
        f"deployments/{world.expect.deployment}",
        f"merge_requests?state=merged&merged_after=2026-11-20T00:00:00Z&iids[]={change.iid}",
        f"merge_requests/{change.iid}",
        f"merge_requests/{change.iid}/commits",
        f"merge_requests/{change.iid}/related_issues",
        f"repository/commits?ref_name={change.merge_commit_sha or change.sha}&per_page=5",
        f"repository/commits/{change.sha}",
        f"repository/commits/{change.sha}/diff",
        f"repository/commits/{change.sha}/merge_requests",
        f"repository/files/{path}/blame?ref={change.sha}&range[start]=1&range[end]=9",
        f"repository/files/{path}/raw?ref={change.sha}",
        f"issues/{issue}",
        f"issues/{issue}/notes",
        "deployments?order_by=finished_at",
        "pipeline_schedules?scope=active",
        "deployments/1",
    )


async def _writes(gitlab: Gitlab, issue: str, project: str) -> None:
    await gitlab.post(f"{project}/hooks", {"url": "http://127.0.0.1:9/", "push_events": False})
    for _ in range(2):
        await gitlab.post(f"{project}/labels", {"name": "seen", "color": "#112233"})
    note = (await gitlab.post(f"{issue}/notes", {"body": "Looking.\n\n/label ~seen"})).body
    await gitlab.put(f"{issue}/notes/{note['id']}", {"body": "Looked."})
    await gitlab.post(f"{issue}/notes", {"body": "/confidential"})
    await gitlab.post(f"{project}/issues", {"description": "no title"})
