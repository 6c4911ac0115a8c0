"""The changed files of one change: their text as far as GitLab gives it, and what is known of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from backtrace_core.model import BY_NO_DEPLOYMENT, Change, ChangeKind, FileDiff
from bot.sources.diffs import files_of, withheld
from bot.sources.ground import Ground

MOST_FILES = 300
"""With their text: three pages."""
MAY_BE_CUT = 100
"""Files. GitLab leaves texts out beyond this, and whole files where even more came together: then they are counted."""

Rows = list[dict[str, Any]]


async def read_files(ground: Ground, change: Change) -> tuple[FileDiff, ...]:
    """``change.files`` are the paths that are known so far; of those that can't be read they stay, without a text."""
    if change.kind in BY_NO_DEPLOYMENT:
        return ()
    found = await _read(ground, change)
    if found is None:
        return tuple(replace(file, text_skipped=False, text_missing=True) for file in change.files)
    rows, read = found
    names = {name for file in read for name in (file.path, file.old_path)}
    others = tuple(file for file in change.files if file.path not in names)
    await _say_what_is_missing(ground, change, rows, len(others))
    return (*read, *others)


async def _read(ground: Ground, change: Change) -> tuple[Rows, tuple[FileDiff, ...]] | None:
    path = _diff_path(ground, change)

    async def ask() -> Rows:
        rows = await ground.client.list_all(path, limit=MOST_FILES)
        return [{**row, "new_path": str(row["new_path"])} for row in rows]

    async def look() -> tuple[Rows, tuple[FileDiff, ...]]:
        rows = await ground.client.kept(f"{path} {change.sha}", ask, worth=bool)
        return rows, await ground.client.in_pool(files_of, rows)

    return await ground.reading.read("diff", change.label, look, None)


def _diff_path(ground: Ground, change: Change) -> str:
    if change.kind is ChangeKind.COMMIT:
        return ground.path("repository", "commits", change.sha, "diff")
    return ground.path("merge_requests", change.iid or 0, "diffs")


async def _say_what_is_missing(ground: Ground, change: Change, rows: Sequence[dict[str, Any]], others: int) -> None:
    hidden = withheld(rows)
    if hidden:
        ground.reading.miss("some of the diff", change.label, "collapsed, or too large for GitLab to show")
    if change.files:
        total = str(len(rows) + others)
    elif change.kind is ChangeKind.MERGE_REQUEST and (hidden or len(rows) >= MAY_BE_CUT):
        total = await _count(ground, change)
    else:
        total = ""
    if _more_than(total, len(rows)):
        ground.reading.miss("diff", change.label, f"only {len(rows)} of {total} files are read")
    elif not total and len(rows) >= MOST_FILES:
        ground.reading.miss("diff", change.label, f"only {MOST_FILES} files are read")


async def _count(ground: Ground, change: Change) -> str:
    """GitLab's ``changes_count``: a string, ``1000+`` where it stopped counting. Empty where it does not say."""
    path = ground.path("merge_requests", change.iid or 0)

    async def ask() -> str:
        return str((await ground.client.get(path)).get("changes_count") or "")

    async def look() -> str:
        return await ground.client.kept(f"{path} {change.sha} count", ask, worth=bool)

    return await ground.reading.read("number of files", change.label, look, "")


def _more_than(total: str, read: int) -> bool:
    number = total.rstrip("+")
    return number.isdigit() and (int(number) > read or (total != number and int(number) >= read))
