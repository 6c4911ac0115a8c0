"""Bots that kill themselves: ``python -m tests.slow.victim`` imports the bot once, and forks one for each order.

Asked by lines of JSON: ``{"start": {"config", "environment", "log", "die", "breaks"}}`` is answered by the process id,
``{"wait": pid}`` by its exit status (-9: killed; 1000: it still runs after 40 s). ``die`` is where: ``MOMENT:STEP`` of
a durable step, ``keep:`` before an incident is kept, ``start:NAME`` after something was kept and before its run is
started. The kill is SIGKILL: nothing is closed, nothing is written any more. ``breaks`` is in which way the bot is
broken, see :mod:`tests.slow.broken`.

More may be ordered: ``nth``, at which time that a step has its moment (the first); ``delay_s``, how long after it;
``moments``, a file that gets a line for each moment (seconds of the system's monotonic clock, moment, step); and
``rounds_s``, how often the bot makes its rounds.
"""

import asyncio
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from bot import rounds
from bot.settings import load
from bot.store import MessageStore
from bot.wiring import running
from bot.workflows import Starter
from tests.slow.broken import BREAKS

WAIT_S = 40
STILL_RUNS = 1000


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        answer = fork(asked["start"]) if "start" in asked else status_of(asked["wait"])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        be_a_bot(order)
    return pid


def status_of(pid: int) -> int:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    return STILL_RUNS


def be_a_bot(order: dict[str, Any]) -> NoReturn:
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream, file in ((0, nothing), (1, log), (2, log)):
        os.dup2(file, stream)
    logging.basicConfig(level=logging.INFO)
    try:
        asyncio.run(live(order))
    except BaseException:  # noqa: BLE001 - a fork must never go on in its parent's loop
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(1)


async def live(order: dict[str, Any]) -> None:
    kind, _, name = order["die"].partition(":")
    if kind == "keep":
        MessageStore.join = die
    if kind == "start":
        setattr(Starter, name, die)
    BREAKS[order["breaks"]]()
    rounds.EVERY_S = order.get("rounds_s", rounds.EVERY_S)
    watch = Watch(kind, name, order.get("nth", 1), order.get("delay_s", 0.0), order.get("moments", os.devnull))
    async with running(load(Path(order["config"]), order["environment"]), observe=watch.observe):
        await asyncio.Event().wait()


class Watch:
    """Writes down each moment, and kills in the one that was ordered."""

    def __init__(self, moment: str, step: str, nth: int, delay_s: float, file: str) -> None:
        self._wanted, self._left, self._delay_s = (moment, step), nth, delay_s
        # Unbuffered: a killed process writes nothing any more.
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def observe(self, moment: str, step: str) -> None:
        os.write(self._file, f"{time.monotonic():.6f} {moment} {step}\n".encode())
        self._left -= (moment, step) == self._wanted
        if self._left == 0:
            self._left = -1
            if not self._delay_s:
                kill()
            # In a thread: whatever the loop does by then, it is cut off in it.
            threading.Timer(self._delay_s, kill).start()


async def die(*_: object) -> None:
    kill()


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
