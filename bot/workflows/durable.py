"""DBOS, set up the way that was found safe; the only module that configures it.

A step's result is recorded after its effect: a process that dies in between runs the step again. So each step with an
outside effect looks first whether that already happened.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from dbos import DBOS, DBOSConfig, SetWorkflowID, WorkflowHandleAsync
from dbos import error as dbos_error
from sqlalchemy import URL

from bot.workflows.house import House
from bot.workflows.records import JsonSerializer, close_the_pickle_door, failed_of

EXECUTOR = "backtrace"
RELEASE = "1"
"""DBOS takes up only runs of its own executor id and application version. Both are constants: one bot works on the
files at a time (a lock sees to that), and a changed workflow branches by ``DBOS.patch``, so that old runs go on."""

OLDEST_SQLITE_FOR_312 = (3, 42)

FIRST_WAIT_S, WAIT_GROWS = 1.0, 1.5
"""Between the tries of a step: 3 tries take 2.5 s, 15 take ten minutes."""

FAILED = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")
FORGOTTEN_AT_ONCE = 500
END_WITHIN_S = 5

STEPS: set[str] = set()
"""The names of all steps; a test holds that each of them was killed."""

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


class UnsupportedSQLiteError(Exception):
    """This Python's SQLite is too old for DBOS."""


class _Bound:
    house: House | None = None
    runs: ClassVar[set[asyncio.Task[Any]]] = set()
    starting: ClassVar[set[asyncio.Task[Any]]] = set()


def bind(house: House | None) -> None:
    """Give the workflows what they work with. DBOS starts recovered runs by itself, so it can't be an argument."""
    _Bound.house = house


def _house() -> House:
    if _Bound.house is None:
        raise RuntimeError("a workflow ran before bind(): wiring starts it after everything that it needs")
    return _Bound.house


def _remember_run() -> None:
    run = asyncio.current_task()
    if run is not None and run not in _Bound.runs:
        _Bound.runs.add(run)
        run.add_done_callback(_Bound.runs.discard)


def _is_ending() -> bool:
    run = asyncio.current_task()
    return run is not None and run.cancelling() > 0


def step(
    *, tries: int = 1, retry_if: Callable[[BaseException], bool] | None = None
) -> Callable[[Callable[Concatenate[House, P], Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """A durable step. ``tries`` above 1 only where the step looks first, or only reads."""

    def again(error: BaseException) -> bool:
        return retry_if is None or retry_if(error.__cause__ or error)

    def decorate(function: Callable[Concatenate[House, P], Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        name = function.__name__
        STEPS.add(name)

        async def run(*args: P.args, **kwargs: P.kwargs) -> R:
            house = _house()
            _remember_run()
            house.observe("before", name)
            try:
                result = await function(house, *args, **kwargs)
            except Exception as error:
                if _is_ending():
                    # Whatever a library made of it: a stop is no outcome, and no workflow may take it for one.
                    raise asyncio.CancelledError from error
                log.warning("step %s ended in an error", name, exc_info=error)
                raise failed_of(error) from error
            house.observe("after", name)
            return result

        run.__name__ = run.__qualname__ = name
        options: Any = {"name": name, "retries_allowed": tries > 1, "max_attempts": tries, "should_retry": again}
        durable: Callable[P, Awaitable[R]] = DBOS.step(
            interval_seconds=FIRST_WAIT_S, backoff_rate=WAIT_GROWS, **options
        )(run)

        async def recorded(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                result = await durable(*args, **kwargs)
            except dbos_error.DBOSMaxStepRetriesExceeded as error:
                raise error.errors[-1] from error
            _house().observe("recorded", name)
            return result

        return recorded

    return decorate


async def start(workflow: Callable[..., Coroutine[Any, Any, Any]], workflow_id: str, *args: str) -> None:
    """Start a run, unless one of this id was started before, by whatever process.

    Whoever stops waiting for it does not stop it.
    """
    # DBOS puts the run on record first, in a thread. Cut off there it would lie on record, and each later start would
    # take it for one that goes on already.
    starting = asyncio.create_task(_start(workflow, workflow_id, *args))
    _Bound.starting.add(starting)
    starting.add_done_callback(_started)
    await asyncio.shield(starting)


async def _start(workflow: Callable[..., Coroutine[Any, Any, Any]], workflow_id: str, *args: str) -> None:
    with SetWorkflowID(workflow_id):
        await DBOS.start_workflow_async(workflow, *args)


def _started(starting: asyncio.Task[None]) -> None:
    _Bound.starting.discard(starting)
    if not starting.cancelled() and (error := starting.exception()) is not None:
        log.warning("a run could not be started", exc_info=error)


async def start_beside(
    workflow: Callable[..., Coroutine[Any, Any, Any]], workflow_id: str, *args: str
) -> WorkflowHandleAsync[Any]:
    """The same inside a workflow, which may wait for the result; a step failed there is raised here as the same."""
    with SetWorkflowID(workflow_id):
        return await DBOS.start_workflow_async(workflow, *args)


async def has_failed(workflow_id: str) -> bool:
    """Whether a run of this id ended in an error, so that only a run of another id can go on."""
    status = await DBOS.get_workflow_status_async(workflow_id)
    return status is not None and status.status in FAILED


async def forget_finished(before: datetime) -> int:
    """Delete the records of runs that ended before that, with their steps; returns how many.

    The ids are free again then: only what the store still calls unfinished is ever started, and that is looked after
    every minute (:mod:`bot.taking_up`).
    """
    forgotten = 0
    while True:
        runs = await DBOS.list_workflows_async(
            status=[*FAILED, "SUCCESS"],
            completed_before=before.isoformat(),
            limit=FORGOTTEN_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if not runs:
            return forgotten
        await DBOS.delete_workflows_async([run.workflow_id for run in runs])
        forgotten += len(runs)


def launch(folder: Path) -> None:
    """Open DBOS on its own file in ``folder`` and take up the runs that a dead process left.

    Must be called inside the running loop, so that recovered runs live on it.

    :raises UnsupportedSQLiteError: on Python 3.12 or newer with an SQLite older than 3.42.
    """
    _check_sqlite(sys.version_info[:2], sqlite3.sqlite_version_info)
    close_the_pickle_door()
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
    """Close DBOS. Runs under way stay recorded as pending and go on at the next start.

    DBOS itself would leave them running, on clients and files that are closed next.
    """
    # Of the runs that are cut off here it would warn one by one; they go on at the next start.
    logging.getLogger("dbos").setLevel(logging.ERROR)
    if _Bound.starting:
        await asyncio.wait([*_Bound.starting], timeout=END_WITHIN_S)
    runs = [*_Bound.runs]
    for run in runs:
        run.cancel()
    if runs:
        await asyncio.wait(runs, timeout=END_WITHIN_S)
    await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)
    # DBOS had made its own pool the loop's default one, and has now shut it down.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())


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
