"""The real bot as a process of its own, exactly as in production: ``python -m bot serve``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import aiohttp

from sandbox.player import NeverCameError, eventually

START_S = 60.0
STOP_S = 15.0
NOTICE_S = 1.0

_LOG_LINE = re.compile(r"^\S+ \S+ (?P<level>[A-Z]+) [\w.]+: (?P<says>.*)$")

T = TypeVar("T")
Hear = Callable[[str], None]
"""Is told each line that the bot writes."""


class BotProcess:
    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process = process
        self.url = url

    async def until_healthy(self) -> None:
        """:raises NeverCameError: when it ends instead, or takes too long."""
        await self.meanwhile(eventually("the bot", self._is_healthy, START_S))

    async def meanwhile(self, work: Awaitable[T]) -> T:
        """Do something that needs the bot.

        :raises NeverCameError: at once when the bot ends before it is done.
        """
        doing = asyncio.ensure_future(work)
        ending = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait((doing, ending), return_when=asyncio.FIRST_COMPLETED)
            if doing.done() and doing.exception() is not None:
                # Whoever asks a bot that has just died may notice before its end is known, which is what to say.
                await asyncio.wait((ending,), timeout=NOTICE_S)
            if ending.done():
                raise NeverCameError(f"the bot ended by itself, with exit code {ending.result()}")
            return doing.result()
        finally:
            await _cancelled(doing, ending)

    async def _is_healthy(self) -> bool:
        with contextlib.suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/health") as answer:
                return answer.status == 200
        return False


@asynccontextmanager
async def bot_process(settings: Path, secrets: dict[str, str], url: str, hear: Hear) -> AsyncIterator[BotProcess]:
    """Start it with a settings file and wait until it is healthy; end it afterwards, whatever happened.

    :raises NeverCameError: when it does not start.
    """
    pipe, errors = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    command = (sys.executable, "-m", "bot", "serve", "--config", str(settings))
    # In a group of its own: a Ctrl-C at the keyboard reaches it through us, once.
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **secrets}, stdout=pipe, stderr=errors, start_new_session=True
    )
    hearing = asyncio.create_task(_hear(process, hear))
    try:
        bot = BotProcess(process, url)
        await bot.until_healthy()
        yield bot
    finally:
        await _end(process)
        await hearing


async def _hear(process: asyncio.subprocess.Process, hear: Hear) -> None:
    output = process.stdout
    while output is not None and (line := await output.readline()):
        text = line.decode(errors="replace").rstrip()
        found = _LOG_LINE.match(text)
        if found is None:
            hear(text)
        else:
            hear(found["says"] if found["level"] == "INFO" else f"{found['level']}: {found['says']}")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _cancelled(*tasks: asyncio.Future[T] | asyncio.Future[int]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
