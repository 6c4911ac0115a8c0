"""What GitLab will never say differently, kept over restarts: diffs of merged changes, ranges between two commits.

A SQLite file of its own, because all of it may be thrown away at any time: when it is damaged, when its form changes,
and from its least recently used end when it grows too large. Nothing in here can fail a trace.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

log = logging.getLogger(__name__)

LIMIT = 64 * 1024**2
IN_MEMORY = 8 * 1024**2
FORM = 1
"""Of what is kept. Another number empties the file at the next start."""

_SHRINK_TO = 0.9
_AT_ONCE = 500

T = TypeVar("T")


class Cache:
    """Values by key, each a JSON value. ``path`` None keeps them in memory only; sizes are compressed bytes."""

    def __init__(self, path: Path | None = None, limit: int = LIMIT, in_memory: int = IN_MEMORY) -> None:
        self._near = _Near(in_memory)
        self._far = _Far(path, limit) if path is not None else None
        # SQLite's connection stays in one thread.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cache")

    async def many(self, keys: Iterable[str]) -> dict[str, Any]:
        """The values of those keys that are known."""
        return await self._apart(self._many, tuple(keys), {})

    async def keep(self, values: Mapping[str, Any]) -> None:
        await self._apart(self._keep, values, None)

    def close(self) -> None:
        """Once or more often; afterwards nothing may be asked."""
        far, self._far = self._far, None
        if far is not None:
            self._thread.submit(far.close)
        self._thread.shutdown(wait=True)

    async def _apart(self, work: Callable[[Any], T], given: Any, otherwise: T) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, given)
        except (sqlite3.Error, OSError, ValueError, zlib.error) as error:
            log.warning("the cache is not used: %s", error)
            return otherwise

    def _many(self, keys: tuple[str, ...]) -> dict[str, Any]:
        found = self._near.of(keys)
        missing = [key for key in keys if key not in found]
        if self._far is not None and missing:
            read = self._far.of(missing)
            self._near.put(read)
            found |= read
        return {key: json.loads(zlib.decompress(packed)) for key, packed in found.items()}

    def _keep(self, values: Mapping[str, Any]) -> None:
        packed = {key: zlib.compress(json.dumps(value).encode(), 1) for key, value in values.items()}
        self._near.put(packed)
        if self._far is not None:
            self._far.put(packed)


class _Near:
    """The most recently used ones, in memory."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._values: OrderedDict[str, bytes] = OrderedDict()

    def of(self, keys: Iterable[str]) -> dict[str, bytes]:
        found = {key: self._values[key] for key in keys if key in self._values}
        for key in found:
            self._values.move_to_end(key)
        return found

    def put(self, values: Mapping[str, bytes]) -> None:
        for key, packed in values.items():
            self._size += len(packed) - len(self._values.pop(key, b""))
            self._values[key] = packed
        while self._size > self._limit:
            self._size -= len(self._values.popitem(last=False)[1])


class _Far:
    """The same in a file. ``used`` counts up with each use, so that the lowest numbers go first."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._opened: sqlite3.Connection | None = None
        self._size = 0
        self._uses = count()

    def of(self, keys: list[str]) -> dict[str, bytes]:
        database = self._database()
        found: dict[str, bytes] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, value FROM kept WHERE key IN ({marks})"  # noqa: S608 - nothing but question marks
            found |= dict(database.execute(query, some).fetchall())
        with database:
            used = [(next(self._uses), key) for key in keys if key in found]
            database.executemany("UPDATE kept SET used = ? WHERE key = ?", used)
        return found

    def put(self, values: Mapping[str, bytes]) -> None:
        database = self._database()
        with database:
            rows = [(key, packed, next(self._uses)) for key, packed in values.items()]
            database.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
        self._size += sum(len(packed) for packed in values.values())
        if self._size > self._limit:
            self._shrink(database)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    def _shrink(self, database: sqlite3.Connection) -> None:
        """Drop the least recently used ones until nine tenths of the limit are left."""
        self._size = _size(database)
        with database:
            for key, size in database.execute("SELECT key, length(value) FROM kept ORDER BY used").fetchall():
                if self._size <= self._limit * _SHRINK_TO:
                    return
                database.execute("DELETE FROM kept WHERE key = ?", (key,))
                self._size -= size

    def _database(self) -> sqlite3.Connection:
        if self._opened is None:
            try:
                self._opened = _open(self._path)
            except sqlite3.DatabaseError:
                # Damaged, or no database at all: whatever it is, it was only a copy.
                _remove(self._path)
                self._opened = _open(self._path)
            self._size = _size(self._opened)
            last = self._opened.execute("SELECT coalesce(max(used), 0) FROM kept").fetchone()[0]
            self._uses = count(last + 1)
        return self._opened


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=OFF")
        if database.execute("PRAGMA user_version").fetchone()[0] != FORM:
            database.execute("DROP TABLE IF EXISTS kept")
        database.execute("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value BLOB NOT NULL, used INTEGER)")
        database.execute(f"PRAGMA user_version={FORM}")
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def _size(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT coalesce(sum(length(value)), 0) FROM kept").fetchone()[0])


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).unlink()
