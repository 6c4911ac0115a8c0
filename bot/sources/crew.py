"""Who else had a part in changes: co-authors by their commits, approvers by GraphQL, fifty merge requests at a time.

Co-authors can't be a gap, nobody weighs them. Approvers can: whom to ask may hang on them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from backtrace_core.co_authors import co_authors
from backtrace_core.model import Change, ChangeKind, Person
from bot.gitlab.client import GitLabRefused
from bot.gitlab.shapes import person_of_graphql
from bot.sources.commits import CommitGraph
from bot.sources.ground import Door

AT_ONCE = 50
_NO_FIELD = re.compile(r"Field '\w+' doesn't exist on type")
"""What GraphQL says of a GitLab that has none of this."""
_QUERY = """
query($path: ID!, $iids: [String!]!) {
  project(fullPath: $path) {
    mergeRequests(iids: $iids, first: 50) {
      nodes { iid approvedBy { nodes { id username name state webUrl bot } } }
    }
  }
}
"""

Row = Mapping[str, Any]
Approvers = Mapping[str, tuple[Person, ...]]
"""By the key of the change."""


async def approvers_of(door: Door, changes: Sequence[Change]) -> Approvers:
    """Who approved each; those of whom GitLab does not tell are missing, and a gap where it could not be asked.

    What is merged can't be approved any more, so it is asked once.
    """
    merged = [change for change in changes if change.kind is ChangeKind.MERGE_REQUEST]
    keys = {f"{door.path('merge_requests')}/{change.iid} approvers {change.sha}": change for change in merged}
    kept = await door.client.known(keys)
    unknown = {str(change.iid): key for key, change in keys.items() if key not in kept}
    fresh = {unknown[iid]: rows for iid, rows in (await _asked(door, list(unknown))).items()}
    await door.client.keep(fresh)
    return {keys[key].key: _people(rows) for key, rows in (kept | fresh).items()}


async def _asked(door: Door, iids: Sequence[str]) -> dict[str, list[Row]]:
    batches = [iids[start : start + AT_ONCE] for start in range(0, len(iids), AT_ONCE)]
    answers = await asyncio.gather(*(_some(door, batch) for batch in batches))
    return {iid: rows for answer in answers for iid, rows in answer.items()}


async def _some(door: Door, iids: Sequence[str]) -> dict[str, list[Row]]:
    async def ask() -> dict[str, list[Row]]:
        try:
            data = await door.client.graphql(_QUERY, {"path": door.name, "iids": list(iids)})
        except GitLabRefused as error:
            if _NO_FIELD.search(str(error)):
                return {}
            raise
        if data["project"] is None:
            # GraphQL answers null for what does not exist or may not be seen, where REST says 404.
            raise GitLabRefused(HTTPStatus.NOT_FOUND, "GraphQL answered null for the project")
        nodes = {str(node["iid"]): node for node in data["project"]["mergeRequests"]["nodes"]}
        return {iid: rows for iid in iids if (rows := _rows(nodes.get(iid))) is not None}

    nothing: dict[str, list[Row]] = {}
    return await door.reading.read("approvers", "", ask, nothing)


def _rows(node: Row | None) -> list[Row] | None:
    """None where nothing was told: null stands for what the token may not see, and is no answer to keep.

    :raises MALFORMED: where nobody could read them: that must not be kept either.
    """
    by = node.get("approvedBy", {}) if node is not None else None
    if by is None:
        return None
    rows = list(by.get("nodes") or ())
    _people(rows)
    return rows


def _people(rows: Iterable[Row]) -> tuple[Person, ...]:
    return tuple(person for row in rows if (person := person_of_graphql(row)) is not None)


def with_co_authors(changes: Iterable[Change], graph: CommitGraph | None) -> tuple[Change, ...]:
    """The same changes with those whom their commits name; of what was not read in full nobody asks."""
    return tuple(change if _is_skipped(change) else _with(change, graph) for change in changes)


def _is_skipped(change: Change) -> bool:
    return any(file.text_skipped for file in change.files)


def _with(change: Change, graph: CommitGraph | None) -> Change:
    messages = [change.description] if change.kind is ChangeKind.COMMIT else _messages(change, graph)
    return replace(change, co_authors=co_authors(messages, change.author_name))


def _messages(change: Change, graph: CommitGraph | None) -> list[str]:
    """Of the commits that it brought, as far as the window's graph has them."""
    ranges = (graph.branch_of(sha) for sha in sorted(change.shas)) if graph is not None else ()
    commits = {commit.sha: commit for found in ranges for commit in found or ()}
    return [commit.change.description for commit in commits.values()]
