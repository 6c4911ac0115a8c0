"""Which files each of many merge requests changed, without their text: fifty at a time, by GraphQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from backtrace_core.model import Change, FileDiff
from bot.sources.ground import Door

AT_ONCE = 50
_QUERY = """
query($path: ID!, $iids: [String!]!) {
  project(fullPath: $path) { mergeRequests(iids: $iids, first: 50) { nodes { iid diffStats { path } } } }
}
"""


async def with_paths(door: Door, changes: Sequence[Change]) -> tuple[Change, ...]:
    """The same changes with the files of the merge requests among them; their text counts as skipped.

    :raises GitLabError, TimeoutError, MALFORMED: when GitLab can't be asked this way.
    """
    keys = {_key(door, change): change for change in changes if change.iid is not None}
    known = await door.client.known(keys)
    unknown = {str(change.iid): key for key, change in keys.items() if key not in known}
    iids = list(unknown)
    batches = [iids[start : start + AT_ONCE] for start in range(0, len(iids), AT_ONCE)]
    answers = await asyncio.gather(*(_ask(door, batch) for batch in batches))
    fresh = {unknown[iid]: paths for answer in answers for iid, paths in answer.items() if iid in unknown}
    await door.client.keep(fresh)
    paths = known | fresh
    return tuple(_with(change, paths.get(_key(door, change), ())) for change in changes)


async def _ask(door: Door, iids: list[str]) -> dict[str, list[str]]:
    variables = {"path": door.name, "iids": iids}
    data = await door.reading.require(lambda: door.client.graphql(_QUERY, variables))
    nodes = data["project"]["mergeRequests"]["nodes"]
    return {str(node["iid"]): _paths(node) for node in nodes if node["diffStats"]}


def _paths(node: Mapping[str, Any]) -> list[str]:
    return [str(file["path"]) for file in node["diffStats"]]


def _with(change: Change, paths: Iterable[str]) -> Change:
    return replace(change, files=tuple(FileDiff(path, path, text_skipped=True) for path in paths))


def _key(door: Door, change: Change) -> str:
    return f"{door.path('merge_requests', change.iid or 0)} paths {change.sha}"
