"""Which work items changes close, as GitLab says, and which they only mention. Incidents are none."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backtrace_core.mentions import Mention, mentions
from backtrace_core.model import Change, ChangeKind, WorkItem
from bot.gitlab.client import GitLabRefused
from bot.gitlab.incident import is_incident
from bot.gitlab.paths import in_project
from bot.sources.ground import Ground, Project, project_of

MOST_ISSUES = 20
AT_ONCE = 100
MOST_PROJECTS = 3
"""So many other projects' issues are looked up for mentions."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Named:
    """An issue's row that a change names."""

    row: Row
    closes: bool


async def work_items(ground: Ground, changes: Sequence[Change], closing: Collection[str]) -> list[tuple[WorkItem, ...]]:
    """For each change those that it closes, then those that it mentions; ``closing``: the keys that may close any."""
    closed, known = await asyncio.gather(
        asyncio.gather(*(_closes(ground, change, closing) for change in changes)),
        _mentioned(ground, changes),
    )
    rows = [_named(ground, change, found, known) for change, found in zip(changes, closed, strict=True)]
    projects = await _projects_of(ground, (named.row for several in rows for named in several))
    return [tuple(item for named in several if (item := _shown(named, ground, projects))) for several in rows]


def _named(ground: Ground, change: Change, closed: Sequence[Row], known: Mapping[Mention, Row]) -> list[_Named]:
    """Each issue once: what closes it needs not mention it."""
    mentioned = (known[one] for one in _mentions(ground, change) if one in known)
    once: dict[str, _Named] = {}
    for named in (*(_Named(row, closes=True) for row in closed), *(_Named(row, closes=False) for row in mentioned)):
        if not is_incident(named.row, ground.incident_labels):
            once.setdefault(str(named.row.get("id")), named)
    return list(once.values())


def _mentions(ground: Ground, change: Change) -> tuple[Mention, ...]:
    if change.kind is not ChangeKind.MERGE_REQUEST:
        return ()
    # The settings may write the project's path in other letters than its page does.
    return mentions(change, ground.project.url.rsplit("/", ground.name.count("/") + 1)[0])


async def _mentioned(ground: Ground, changes: Sequence[Change]) -> dict[Mention, Row]:
    """The issues that exist of those that are mentioned."""
    named: dict[str, dict[int, None]] = {ground.name: {}}
    for mention in (one for change in changes for one in _mentions(ground, change)):
        named.setdefault(mention.project, {})[mention.iid] = None
    projects = list(named)[: MOST_PROJECTS + 1]
    if len(named) > len(projects):
        ground.reading.miss("mentioned work items", "", f"only {MOST_PROJECTS} other projects' are read")
    found = await asyncio.gather(*(_issues(ground, project, tuple(named[project])) for project in projects))
    return {mention: row for several in found for mention, row in several}


async def _issues(ground: Ground, project: str, iids: Sequence[int]) -> list[tuple[Mention, Row]]:
    batches = [iids[start : start + AT_ONCE] for start in range(0, len(iids), AT_ONCE)]
    answers = await asyncio.gather(*(_some_issues(ground, project, batch) for batch in batches))
    return [(Mention(project, int(row["iid"])), row) for answer in answers for row in answer if _has_iid(row)]


def _has_iid(row: Row) -> bool:
    return isinstance(row.get("iid"), int)


async def _some_issues(ground: Ground, project: str, iids: Sequence[int]) -> list[dict[str, Any]]:
    async def ask() -> list[dict[str, Any]]:
        try:
            return await ground.client.list_all(in_project(project, "issues"), limit=AT_ONCE, **{"iids[]": list(iids)})
        except GitLabRefused as error:
            if error.status in _NOTHING_THERE:
                return []
            raise

    return await ground.reading.read("mentioned work items", "", ask, [])


# People write what looks like a reference and is none: a project that is not there, or not for these eyes.
_NOTHING_THERE = {403, 404}


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


def _shown(named: _Named, ground: Ground, projects: Mapping[int, Project]) -> WorkItem | None:
    """None for what may not leave GitLab: confidential, or of a project more private than the service's own.

    What does not say of itself that it is not confidential counts as confidential. Trackers outside GitLab answer
    stubs of an id and a title, without a page to link.
    """
    row = named.row
    number, iid, url = row.get("project_id"), row.get("iid"), row.get("web_url")
    if row.get("confidential") is not False or not (isinstance(number, int) and isinstance(iid, int) and url):
        return None
    project = projects.get(number)
    if project is None or project.issues_openness < ground.project.openness:
        return None
    return WorkItem(project.path, iid, str(row.get("title") or ""), str(url), named.closes)
