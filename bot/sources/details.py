"""Reading what each change changed, which work items it closes or mentions, and who approved it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from backtrace_core.model import BY_NO_DEPLOYMENT, Change, ChangeKind, FileDiff
from bot.sources.crew import approvers_of
from bot.sources.diffs import files_of
from bot.sources.ground import Ground
from bot.sources.work_items import work_items

MOST_CHANGES = 60
MOST_FILES = 300


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
    files, items, approvers = await asyncio.gather(
        asyncio.gather(*(_files(ground, change) for change in changes)),
        work_items(ground, changes, closing),
        approvers_of(ground, changes),
    )
    rows = zip(changes, files, items, strict=True)
    return [replace(c, files=f, work_items=w, approvers=approvers.get(c.key, ())) for c, f, w in rows]


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
