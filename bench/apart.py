"""Processes beside the measuring one: the embedded GitLab, and the bot as its users start it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

START_S = 120
_LINE = 2**26


@dataclass(frozen=True, slots=True)
class GitLabApart:
    url: str
    process: Process

    async def requests(self) -> list[str]:
        """What was asked since the last call: ``GET /api/v4/…``."""
        return list((await _say(self.process, b"\n"))["requests"])


@asynccontextmanager
async def gitlab_apart(t0: datetime, scale: int, latency_s: float) -> AsyncIterator[GitLabApart]:
    words = ("-m", "bench.gitlab_apart", "--t0", t0.isoformat(), "--scale", str(scale), "--latency", str(latency_s))
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=PIPE, stdout=PIPE, limit=_LINE)
    try:
        yield GitLabApart((await _say(process, b""))["url"], process)
    finally:
        await _end(process)


async def _say(process: Process, line: bytes) -> Any:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process was started without pipes")
    process.stdin.write(line)
    async with asyncio.timeout(START_S):
        return json.loads(await process.stdout.readline())


@asynccontextmanager
async def bot_apart(settings: Path, environment: Mapping[str, str], port: int) -> AsyncIterator[int]:
    """``backtrace serve``; yields its process id once it is healthy. Its log is dropped."""
    words = ("-m", "bot", "serve", "--config", str(settings))
    known = {**os.environ, **environment}
    process = await asyncio.create_subprocess_exec(sys.executable, *words, env=known, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await _healthy(f"http://127.0.0.1:{port}/health")
        yield process.pid
    finally:
        await _end(process)


async def _healthy(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(START_S):
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if answer.status == HTTPStatus.OK:
                        return
            await asyncio.sleep(0.05)


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    await process.wait()


def peak_mb(pid: int) -> float:
    """The largest resident memory that a process has had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
