"""Whether GitLab has what the settings name: each environment, and the branch or tag of a rollback's pipeline."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from backtrace_core.globs import is_glob, literal_start, matches
from backtrace_core.model import GoingBack, Service
from backtrace_core.token_standing import Finding, Severity
from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import is_stopped
from bot.rollback_pipeline import RollbackPipeline
from bot.sources.environments import MOST_LISTED, SHORTEST_SEARCH

MOST_NAMED = 5
SHORTEST_SHA = 7
"""A shorter ref is a name, whatever its commit's id begins with."""

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Looked:
    """What one project has: ``fitting`` are the rows of environments by the name or glob of the settings, ``others``
    names of some that there are. ``commit`` is the id behind the ref, empty where there is none.

    ``why``: what could not be looked at, and why, as the end of a sentence; then nothing else is known.
    """

    project: str
    fitting: Mapping[str, Rows]
    others: tuple[str, ...] = ()
    commit: str | None = None
    why: str = ""


async def place_findings(
    client: GitLabClient, service: Service, pipeline: RollbackPipeline, unread: Collection[str]
) -> tuple[Finding, ...]:
    """What of a service's settings GitLab does not have. ``unread`` are the projects of which that is known already."""
    asked = [project for project in service.all_projects if project not in unread]
    ref = pipeline.ref if service.rollback is GoingBack.PIPELINE else ""
    looked = await asyncio.gather(*(_look(client, project, service.environments, ref) for project in asked))
    return tuple(_found(service, ref, looked))


async def _look(client: GitLabClient, project: str, environments: Sequence[str], ref: str) -> Looked:
    path = in_project(project, "environments")
    try:
        rows = await asyncio.gather(*(_rows(client, path, name) for name in environments))
        fitting = dict(zip(environments, rows, strict=True))
        some = await client.list_all(path, limit=MOST_LISTED) if not all(rows) else []
    except GitLabError as error:
        return Looked(project, {}, why=f"the environments of {project} could not be looked at: {error}")
    others = tuple(str(row.get("name")) for row in some)
    try:
        return Looked(project, fitting, others, await _commit(client, project, ref) if ref else None)
    except GitLabError as error:
        return Looked(project, fitting, others, why=f'the ref "{ref}" of {project} could not be looked at: {error}')


async def _rows(client: GitLabClient, path: str, name: str) -> Rows:
    if not is_glob(name):
        return await client.list_all(path, limit=1, name=name)
    start = literal_start(name)
    where = {"search": start} if len(start) >= SHORTEST_SEARCH else {}
    rows = await client.list_all(path, limit=MOST_LISTED, **where)
    return [row for row in rows if matches(name, str(row.get("name")))]


async def _commit(client: GitLabClient, project: str, ref: str) -> str:
    try:
        return str((await client.get(in_project(project, "repository", "commits", ref))).get("id") or "")
    except GitLabRefused as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return ""
        raise


def _found(service: Service, ref: str, looked: Sequence[Looked]) -> Iterator[Finding]:
    yield from (_warning(f"{one.why[:1].upper()}{one.why[1:]}.") for one in looked if one.why)
    seen = [one for one in looked if one.fitting]
    # An environment may be that of another project of the service.
    is_whole = len(seen) == len(service.all_projects)
    for name in service.environments:
        rows = [(one.project, row) for one in seen for row in one.fitting[name]]
        if not rows and is_whole:
            yield _problem(_missing(service, name, seen))
        elif rows and all(is_stopped(row) for _, row in rows):
            project, row = rows[0]
            yield _warning(
                f'Service "{service.name}": the environment {row.get("name")} of {project} is stopped in GitLab, '
                "so nothing is live there."
            )
    for one in seen:
        if one.commit is not None and any(one.fitting.values()):
            yield from _of_ref(service, one, ref)


def _missing(service: Service, name: str, seen: Sequence[Looked]) -> str:
    where = " and ".join(one.project for one in seen)
    has = "have" if len(seen) > 1 else "has"
    what = f'that fits "{name}"' if is_glob(name) else f'"{name}"'
    others = list(dict.fromkeys(other for one in seen for other in one.others))
    shown = f"{', '.join(others[:MOST_NAMED])}{' …' if len(others) > MOST_NAMED else ''}"
    there = f"GitLab has {shown} there" if others else "GitLab has none there: a deploy job makes one at its first run"
    return (
        f'Service "{service.name}": {where} {has} no environment {what}. {there}. Correct environments in the settings.'
    )


def _of_ref(service: Service, one: Looked, ref: str) -> Iterator[Finding]:
    correct = "Correct rollback_ref in the settings."
    if not one.commit:
        yield _problem(
            f'Service "{service.name}": {one.project} has no branch or tag "{ref}", on which its rollback\'s pipeline '
            f"would run. {correct}"
        )
    elif len(ref) >= SHORTEST_SHA and one.commit.startswith(ref.lower()):
        yield _problem(
            f'Service "{service.name}": "{ref}" is a commit: a pipeline runs on a branch or a tag. {correct}'
        )


def _problem(says: str) -> Finding:
    return Finding(Severity.PROBLEM, says)


def _warning(says: str) -> Finding:
    return Finding(Severity.WARNING, says)
