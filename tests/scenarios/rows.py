"""What the bot's own files say, read beside it."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

UNFINISHED = """SELECT (SELECT count(*) FROM incidents WHERE answered_at IS NULL)
    + (SELECT count(*) FROM actions WHERE finished_at IS NULL)
    + (SELECT count(*) FROM messages WHERE told_at IS NULL)
    + (SELECT count(*) FROM pauses WHERE finished_at IS NULL)
    + (SELECT count(*) FROM rollbacks WHERE active)"""
UNDER_WAY = "SELECT count(*) FROM workflow_status WHERE status IN ('PENDING', 'ENQUEUED')"


def is_quiet(folder: Path) -> bool:
    """Whether the bot of that folder has nothing left to do: nothing is kept unfinished, and no run goes on."""
    # In this order: what a run finishes last is itself.
    return not count(folder, "backtrace", UNFINISHED) and not count(folder, "steps", UNDER_WAY)


def count(folder: Path, file: str, query: str) -> int:
    """The only number that the query finds in one of the bot's files."""
    with contextlib.closing(sqlite3.connect(folder / "data" / f"{file}.sqlite", timeout=10)) as connection:
        (found,) = connection.execute(query).fetchone()
    return int(found)
