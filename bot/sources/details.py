"""Reading what each change changed and which work items it closes."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from backtrace_core.model import BY_NO_DEPLOYMENT, Change, ChangeKind, FileDiff, WorkItem
from bot.gitlab.paths import in_project
from bot.sources.diffs import files_of
from bot.sources.ground import Ground, Project, project_of

MOST_CHANGES = 60
MOST_FILES = 300
MOST_ISSUES = 20

Row = Mapping[str, Any]


async def with_details(ground: Ground, changes: Sequence[Change]) -> tuple[Change, ...]:
    """The same changes with files and work items, as far as the limit of ``MOST_CHANGES`` goes."""
    near, far = changes[:MOST_CHANGES], changes[MOST_CHANGES:]
    for change in far:
        ground.reading.miss("diff", change.label, f"only {MOST_CHANGES} changes are read in full")
    return (*await _read(ground, near, {change.key for change in near}), *far)


async def with_some_details(
    ground: Ground, changes: Sequence[Change], texts: Collection[str], closing: Collection[str]
) -> tuple[Change, ...]:
    """The same changes; those of the keys ``texts`` with their diffs, and with what they close those of ``closing``."""
    chosen = [change for change in changes if change.key in texts]
    full = {change.key: change for change in await _read(ground, chosen, closing)}
    for change in changes:
        if change.key not in full and not change.files:
            ground.reading.miss("diff", change.label, f"only {len(full)} of {len(changes)} changes are read in full")
    return tuple(full.get(change.key, change) for change in changes)


async def _read(ground: Ground, changes: Sequence[Change], closing: Collection[str]) -> list[Change]:
    files, items = await asyncio.gather(
        asyncio.gather(*(_files(ground, change) for change in changes)),
        _work_items(ground, changes, closing),
    )
    return [replace(c, files=f, work_items=w) for c, f, w in zip(changes, files, items, strict=True)]


async def _files(ground: Ground, change: Change) -> tuple[FileDiff, ...]:
    if change.kind in BY_NO_DEPLOYMENT:
        return ()
    path = _diff_path(ground, change)

    async def ask() -> list[dict[str, Any]]:
        rows = await ground.client.list_all(path, limit=MOST_FILES)
        return [{**row, "new_path": str(row["new_path"])} for row in rows]

    async def look() -> tuple[FileDiff, ...]:
        rows = await ground.client.kept(f"{path} {change.sha}", ask, worth=bool)
        if len(rows) >= MOST_FILES:
            ground.reading.miss("diff", change.label, f"only {MOST_FILES} files are read")
        return await ground.client.in_pool(files_of, rows)

    return await ground.reading.read("diff", change.label, look, change.files)


def _diff_path(ground: Ground, change: Change) -> str:
    if change.kind is ChangeKind.COMMIT:
        return ground.path("repository", "commits", change.sha, "diff")
    return ground.path("merge_requests", change.iid or 0, "diffs")


async def _work_items(
    ground: Ground, changes: Sequence[Change], closing: Collection[str]
) -> list[tuple[WorkItem, ...]]:
    rows = await asyncio.gather(*(_closes(ground, change, closing) for change in changes))
    projects = await _projects_of(ground, (row for several in rows for row in several))
    return [tuple(item for row in several if (item := _shown(row, ground, projects))) for several in rows]


async def _closes(ground: Ground, change: Change, closing: Collection[str]) -> list[dict[str, Any]]:
    if change.kind is not ChangeKind.MERGE_REQUEST or change.key not in closing:
        return []

    async def ask() -> list[dict[str, Any]]:
        path = ground.path("merge_requests", change.iid or 0, "closes_issues")
        return await ground.client.list_all(path, limit=MOST_ISSUES)

    return await ground.reading.read("work items", change.label, ask, [])


async def _projects_of(ground: Ground, rows: Iterable[Row]) -> dict[int, Project]:
    """The projects of the issues, by id; those that can't be read are missing."""
    foreign = {number for row in rows if isinstance(number := row.get("project_id"), int)} - {ground.project.id}

    async def ask_for(number: int) -> Project | None:
        async def ask() -> Project:
            return project_of(await ground.client.get(in_project(number)))

        return await ground.reading.read("a work item's project", "", ask, None)

    found = await asyncio.gather(*(ask_for(number) for number in sorted(foreign)))
    return {project.id: project for project in (ground.project, *found) if project is not None}


def _shown(row: Row, ground: Ground, projects: Mapping[int, Project]) -> WorkItem | None:
    """None for what may not leave GitLab: confidential, or of a project more private than the service's own.

    What does not say of itself that it is not confidential counts as confidential. Trackers outside GitLab answer
    stubs of an id and a title, without a page to link.
    """
    number, iid, url = row.get("project_id"), row.get("iid"), row.get("web_url")
    if row.get("confidential") is not False or not (isinstance(number, int) and isinstance(iid, int) and url):
        return None
    project = projects.get(number)
    if project is None or project.issues_openness < ground.project.openness:
        return None
    return WorkItem(project.path, iid, str(row.get("title") or ""), str(url))
