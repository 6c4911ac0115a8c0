"""DBOS, set up the way that was found safe; the only module that configures it.

A step's result is recorded after its effect: a process that dies in between runs the step again. So each step with an
outside effect looks first whether that already happened.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import dbos._serialization as dbos_serialization
from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID
from sqlalchemy import URL

from bot.workflows.house import House

EXECUTOR = "backtrace"
RELEASE = "1"
"""DBOS takes up only runs of its own executor id and application version. Both are constants: one bot works on the
files at a time (a lock sees to that), and a changed workflow branches by ``DBOS.patch``, so that old runs go on."""

OLDEST_SQLITE_FOR_312 = (3, 42)

P = ParamSpec("P")
R = TypeVar("R")


class UnsupportedSQLiteError(Exception):
    """This Python's SQLite is too old for DBOS."""


class _Bound:
    house: House | None = None


def bind(house: House | None) -> None:
    """Give the workflows what they work with. DBOS starts recovered runs by itself, so it can't be an argument."""
    _Bound.house = house


def _house() -> House:
    if _Bound.house is None:
        raise RuntimeError("a workflow ran before bind(): wiring starts it after everything that it needs")
    return _Bound.house


def step(
    *, tries: int = 1, retry_if: Callable[[BaseException], bool] | None = None
) -> Callable[[Callable[Concatenate[House, P], Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """A durable step. ``tries`` above 1 only where the step looks first, or only reads."""

    def decorate(function: Callable[Concatenate[House, P], Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        name = function.__name__

        async def run(*args: P.args, **kwargs: P.kwargs) -> R:
            house = _house()
            house.observe("before", name)
            result = await function(house, *args, **kwargs)
            house.observe("after", name)
            return result

        run.__name__ = run.__qualname__ = name
        options: Any = {"name": name, "retries_allowed": tries > 1, "max_attempts": tries, "should_retry": retry_if}
        durable: Callable[P, Awaitable[R]] = DBOS.step(interval_seconds=1.0, backoff_rate=2.0, **options)(run)

        async def recorded(*args: P.args, **kwargs: P.kwargs) -> R:
            result = await durable(*args, **kwargs)
            _house().observe("recorded", name)
            return result

        return recorded

    return decorate


async def start(workflow: Callable[..., Coroutine[Any, Any, Any]], workflow_id: str, *args: str) -> None:
    """Start a run, unless one of this id was started before, by whatever process."""
    with SetWorkflowID(workflow_id):
        await DBOS.start_workflow_async(workflow, *args)


async def has_failed(workflow_id: str) -> bool:
    """Whether a run of this id ended in an error, so that only a run of another id can go on."""
    status = await DBOS.get_workflow_status_async(workflow_id)
    return status is not None and status.status in ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")


def launch(folder: Path) -> None:
    """Open DBOS on its own file in ``folder`` and take up the runs that a dead process left.

    Must be called inside the running loop, so that recovered runs live on it.

    :raises UnsupportedSQLiteError: on Python 3.12 or newer with an SQLite older than 3.42.
    """
    _check_sqlite(sys.version_info[:2], sqlite3.sqlite_version_info)
    _close_the_pickle_door()
    # Without a handler of its own DBOS's logger would print in its own format beside ours.
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    path = folder / "steps.sqlite"
    _write_ahead(path)
    config: DBOSConfig = {
        "name": "backtrace",
        "system_database_url": URL.create("sqlite", database=str(path)).render_as_string(),
        "executor_id": EXECUTOR,
        "application_version": RELEASE,
        "log_level": "WARNING",
        "max_executor_threads": 16,
        "notification_listener_polling_interval_sec": 0.25,
        "serializer": JsonSerializer(),
        "sys_db_pool_size": 5,
    }
    DBOS(config=config)
    DBOS.launch()


async def destroy() -> None:
    """Close DBOS. Runs under way stay recorded as pending and go on at the next start."""
    await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)


def _check_sqlite(python: tuple[int, ...], sqlite: tuple[int, ...]) -> None:
    if python >= (3, 12) and sqlite[:2] < OLDEST_SQLITE_FOR_312:
        have = ".".join(str(part) for part in sqlite)
        message = (
            f"Python {python[0]}.{python[1]} here comes with SQLite {have}, and Backtrace's durable steps need 3.42 or"
            " newer with Python 3.12 and later. Run it with Python 3.11, or with a Python whose SQLite is newer."
        )
        raise UnsupportedSQLiteError(message)


def _write_ahead(path: Path) -> None:
    # DBOS leaves SQLite's journal mode alone; the mode stays with the file, so setting it once is enough.
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


class JsonSerializer(Serializer):
    """Ids and outcome words as JSON; an error as its class name and text. Nothing is ever made into an object."""

    def serialize(self, data: Any) -> str:
        if isinstance(data, BaseException):
            return json.dumps({"error": type(data).__name__, "says": str(data)})
        return json.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        data = json.loads(serialized_data)
        if isinstance(data, dict) and data.keys() == {"error", "says"}:
            return RuntimeError(f"{data['error']}: {data['says']}")
        return data

    def name(self) -> str:
        return "backtrace_json"


def _close_the_pickle_door() -> None:
    # DBOS picks the reader by a column of the row: a row that says "py_pickle" would be unpickled, and so would run
    # code, whatever serializer is configured. Nobody but us writes here, so that reader has no work to do.
    def refuse(_self: dbos_serialization.DefaultSerializer, _data: str) -> Any:
        raise ValueError("a pickled value in the step database: Backtrace writes none, so it was not read")

    setattr(dbos_serialization.DefaultSerializer, "deserialize", refuse)  # noqa: B010 - typed, it can't be assigned
