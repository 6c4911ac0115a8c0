"""Who else had a part in changes: co-authors by their commits, approvers by GraphQL, fifty merge requests at a time.

None of this can be a gap: nobody weighs it, and GitLab Free may not tell who approved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from backtrace_core.co_authors import co_authors
from backtrace_core.model import Change, ChangeKind, Person
from bot.gitlab.shapes import person_of_graphql
from bot.sources.commits import CommitGraph
from bot.sources.ground import Door
from bot.sources.reading import UNANSWERED

AT_ONCE = 50
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
    """Who approved each; those of whom GitLab does not tell are missing.

    What is merged can't be approved any more, so it is asked once.
    """
    merged = [change for change in changes if change.kind is ChangeKind.MERGE_REQUEST]
    keys = {f"{door.path('merge_requests')}/{change.iid} approvers {change.sha}": change for change in merged}
    try:
        kept = await door.client.known(keys)
        unknown = {str(change.iid): key for key, change in keys.items() if key not in kept}
        fresh = {unknown[iid]: rows for iid, rows in await _asked(door, list(unknown)) if iid in unknown}
        await door.client.keep(fresh)
        return {keys[key].key: _people(rows) for key, rows in (kept | fresh).items()}
    except UNANSWERED:
        return {}


async def _asked(door: Door, iids: Sequence[str]) -> list[tuple[str, list[Row]]]:
    batches = [iids[start : start + AT_ONCE] for start in range(0, len(iids), AT_ONCE)]
    answers = await asyncio.gather(*(_ask(door, batch) for batch in batches))
    return [row for answer in answers for row in answer]


async def _ask(door: Door, iids: Sequence[str]) -> list[tuple[str, list[Row]]]:
    variables = {"path": door.name, "iids": list(iids)}
    data = await door.reading.require(lambda: door.client.graphql(_QUERY, variables))
    nodes = data["project"]["mergeRequests"]["nodes"]
    # Null stands for what the token may not see: that is no answer to keep.
    told = ((str(node["iid"]), node.get("approvedBy", {})) for node in nodes)
    return [(iid, list(by.get("nodes") or ())) for iid, by in told if by is not None]


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
