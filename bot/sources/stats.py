"""Which files each of many merge requests changed, without their text: fifty at a time, by GraphQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from backtrace_core.model import Change, FileDiff
from bot.gitlab.client import GitLabRefused
from bot.sources.ground import Door

AT_ONCE = 50
MOST_PATHS = 5_000
"""Of one merge request. GitLab.com itself stops at 3,000 files (docs.gitlab.com/administration/diff_limits)."""
_QUERY = """
query($path: ID!, $iids: [String!]!) {
  project(fullPath: $path) { mergeRequests(iids: $iids, first: 50) { nodes { iid diffStats { path } } } }
}
"""


Paths = Mapping[str, list[str]]
"""By the key of a merge request in one state (``_keys``)."""


async def paths_of(door: Door, changes: Sequence[Change], known: Paths) -> Paths:
    """``known`` and the paths of the other merge requests among ``changes``.

    :raises GitLabError, TimeoutError, MALFORMED: when GitLab can't be asked this way.
    """
    wanted = {key: change for key, change in _keys(door, changes).items() if key not in known}
    kept = await door.client.known(wanted)
    unknown = {str(change.iid): key for key, change in wanted.items() if key not in kept}
    iids = list(unknown)
    batches = [iids[start : start + AT_ONCE] for start in range(0, len(iids), AT_ONCE)]
    answers = await asyncio.gather(*(_ask(door, batch) for batch in batches))
    fresh = {unknown[iid]: paths for answer in answers for iid, paths in answer.items() if iid in unknown}
    await door.client.keep(fresh)
    return {**known, **kept, **fresh}


def with_paths(door: Door, changes: Sequence[Change], paths: Paths) -> tuple[Change, ...]:
    """The same changes with the files that are known; their text counts as skipped."""
    known = {change.key: paths.get(key, ()) for key, change in _keys(door, changes).items()}
    return tuple(_with(change, known.get(change.key, ())) for change in changes)


async def _ask(door: Door, iids: list[str]) -> dict[str, list[str]]:
    variables = {"path": door.name, "iids": iids}
    data = await door.reading.require(lambda: door.client.graphql(_QUERY, variables))
    if data["project"] is None:
        # GraphQL answers null for what does not exist or may not be seen, where REST says 404.
        raise GitLabRefused(HTTPStatus.NOT_FOUND, "GraphQL answered null for the project")
    nodes = data["project"]["mergeRequests"]["nodes"]
    return {str(node["iid"]): _paths(node) for node in nodes if node["diffStats"]}


def _paths(node: Mapping[str, Any]) -> list[str]:
    return [str(file["path"]) for file in node["diffStats"][:MOST_PATHS]]


def _with(change: Change, paths: Iterable[str]) -> Change:
    return replace(change, files=tuple(FileDiff(path, path, text_skipped=True) for path in paths))


def _keys(door: Door, changes: Iterable[Change]) -> dict[str, Change]:
    start = door.path("merge_requests")
    return {f"{start}/{change.iid} paths {change.sha}": change for change in changes if change.iid is not None}
