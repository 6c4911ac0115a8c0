"""Who changed the lines last that the alert's trace passes, asked of git at the version that was deployed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from backtrace_core.blaming import Line, lines_to_blame, version_at_onset
from backtrace_core.facts import change_node, line_node
from backtrace_core.model import Blame, Change, Fact, Harvest, Relation
from bot.gitlab.client import GitLabRefused
from bot.gitlab.paths import blame_page
from bot.sources.choice import Choice
from bot.sources.commits import CommitGraph
from bot.sources.ground import Ground
from bot.sources.ranges import is_fast_forward
from bot.sources.reading import SOURCE
from bot.sources.shipped import commits_key

NOT_THERE = (400, 404)
"""No such file in that version; a line beyond its end, for which GitLab's answer is not documented: maybe none."""


async def read_blames(ground: Ground, harvest: Harvest, choice: Choice) -> tuple[Blame, ...]:
    """``harvest`` has its changes' paths, as far as they are known. What is not there is no gap: the trace errs."""
    shipped = version_at_onset(harvest)
    if shipped is None:
        return ()
    lines = lines_to_blame(choice.alert, harvest.changes)
    commits = await asyncio.gather(*(_commit(ground, shipped.sha, line) for line in lines))
    found = [(line, commit) for line, commit in zip(lines, commits, strict=True) if commit]
    inside = await _fast_forwarded(ground, harvest.changes) if found else {}
    return tuple(
        Blame(
            depth=line.depth,
            path=line.path,
            line=line.number,
            version=shipped.sha,
            commit=commit,
            change=_owner(commit, harvest.changes, choice.graph) or inside.get(commit),
            url=blame_page(ground.project.url, shipped.sha, line.path, line.number),
        )
        for line, commit in found
    )


def blame_facts(blames: Iterable[Blame], changes: Iterable[Change]) -> tuple[Fact, ...]:
    """Change -> line, for the blames that lead to one of the ``changes``."""
    by_key = {change.key: change for change in changes}
    known = ((blame, by_key[blame.change]) for blame in blames if blame.change in by_key)
    return tuple(
        Fact(
            change_node(change),
            Relation.LAST_CHANGED,
            line_node(change.project, blame.path, blame.line),
            SOURCE,
            blame.url,
        )
        for blame, change in known
    )


async def _commit(ground: Ground, version: str, line: Line) -> str | None:
    path = ground.path("repository", "files", line.path, "blame")

    async def ask() -> str | None:
        query: dict[str, Any] = {"ref": version, "range[start]": line.number, "range[end]": line.number}
        try:
            runs = await ground.client.list_all(path, limit=1, **query)
        except GitLabRefused as error:
            if error.status in NOT_THERE:
                return None
            raise
        return next((str(run["commit"]["id"]) for run in runs if run["lines"]), None)

    async def look() -> str | None:
        return await ground.client.kept(f"{path} {version} {line.number}", ask, worth=bool)

    return await ground.reading.read("blame", f"line {line.number}", look, None)


def _owner(commit: str, changes: Sequence[Change], graph: CommitGraph | None) -> str | None:
    """The key of the change that a commit is, or is inside of; of branches within branches the inner one."""
    for change in changes:
        if commit in change.shas:
            return change.key
    if graph is None or not graph.knows(commit):
        return None
    branches = ((change.key, graph.branch_of(change.sha) or ()) for change in changes)
    around = [(len(branch), key) for key, branch in branches if any(one.sha == commit for one in branch)]
    return min(around, default=(0, None))[1]


async def _fast_forwarded(ground: Ground, changes: Sequence[Change]) -> dict[str, str]:
    """By commit the keys of merge requests merged by fast-forward, whose commits the harvest had to ask for already."""
    keys = {commits_key(ground, change): change for change in changes if change.iid and is_fast_forward(change)}
    known = await ground.client.known(keys)
    return {str(sha): keys[key].key for key, shas in known.items() for sha in shas}
