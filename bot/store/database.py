"""Opening the file: the lock against a second bot, migrations, WAL, one writer at a time."""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import IO, Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

MIGRATIONS = Path(__file__).parent.parent / "migrations"
BUSY_TIMEOUT_S = 10
CHECKPOINT_S = 2


class LockedError(Exception):
    """Another Backtrace uses these files."""


class NoDatabaseError(Exception):
    """There is no database, or one of another release."""


class Database:
    """An open database. ``reading()`` and ``writing()`` give a connection inside a transaction."""

    def __init__(self, engine: AsyncEngine, lock: IO[str] | None, path: Path | None = None) -> None:
        self._engine = engine
        self._path = path
        self._lock = lock

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that holds the write lock from its start, so that what it read stays true until it commits."""
        async with self._engine.connect() as connection:
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                # A connection that broke, or was in use when its task was cancelled, has nothing left to roll back.
                with suppress(SQLAlchemyError):
                    await connection.exec_driver_sql("ROLLBACK")
                raise
            await connection.exec_driver_sql("COMMIT")

    async def close(self) -> None:
        await self._engine.dispose()
        if self._path is not None:
            await asyncio.to_thread(_empty_journal, self._path)
        if self._lock is not None:
            self._lock.close()


def open_database(folder: Path) -> Database:
    """Lock ``folder``, bring its database up to date and open it.

    :raises LockedError: when another process holds the lock: with the same durable steps both would run them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = _lock(folder)
    path = folder / "backtrace.sqlite"
    _write_ahead(path)
    migrate(path)
    # An error would else quote the row that it failed on: alert text, a question, a response URL.
    options: dict[str, Any] = {"hide_parameters": True, "connect_args": {"timeout": BUSY_TIMEOUT_S}}
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", **options)
    event.listen(engine.sync_engine, "connect", _prepare)
    return Database(engine, lock, path)


def open_to_read(folder: Path) -> Database:
    """Open the database beside a bot that may be at work on it. Nothing can be written.

    :raises NoDatabaseError: when there is none yet, or the bot of this release has not been started on it.
    """
    path = folder / "backtrace.sqlite"
    if not path.is_file():
        raise NoDatabaseError(f"{path}: no such file. A bot that was started once makes it: see [bot] data.")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if found is None or found[0] != newest:
        raise NoDatabaseError(f"{path} is of another release. Start this release's bot on it once.")
    engine = create_async_engine(f"sqlite+aiosqlite:///file:{path}?mode=ro&uri=true", hide_parameters=True)
    return Database(engine, None)


def migrate(path: Path, revision: str = "head") -> None:
    """Bring the file at ``path`` to a revision, the newest; made if there is none."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_S})
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def _write_ahead(path: Path) -> None:
    # The mode stays with the file. Later, with other connections open, switching to it could fail as "locked".
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _empty_journal(path: Path) -> None:
    # What was forgotten, such as the address of an answer, lies in the journal until it is written over. SQLite empties
    # it with the last connection; one that was cut off in its work does not count as closed.
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=CHECKPOINT_S)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _lock(folder: Path) -> IO[str]:
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        message = (
            f"Another Backtrace is running on {folder}. Stop it first, or give this one another [bot] data folder."
        )
        raise LockedError(message) from error
    return file


def _prepare(connection: Any, _record: Any) -> None:
    # Without this the driver opens transactions by itself, and BEGIN IMMEDIATE in writing() would be a second one.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
