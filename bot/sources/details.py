"""Reading what each change changed, which work items it closes or mentions, and who approved it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace

from backtrace_core.model import Change
from bot.sources.crew import approvers_of
from bot.sources.files import read_files
from bot.sources.ground import Ground
from bot.sources.work_items import work_items

MOST_CHANGES = 60


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
        asyncio.gather(*(read_files(ground, change) for change in changes)),
        work_items(ground, changes, closing),
        approvers_of(ground, changes),
    )
    rows = zip(changes, files, items, strict=True)
    return [replace(c, files=f, work_items=w, approvers=approvers.get(c.key, ())) for c, f, w in rows]
