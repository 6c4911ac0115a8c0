"""A plain HTTP client for the embedded GitLab: the tests see what goes over the wire, not a library's view of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from yarl import URL

from sandbox.gitlab import BOT_TOKEN, GitLab, GitLabOptions, GitLabState, serve_gitlab
from sandbox.worlds.model import World

PROJECT = "/projects/acme%2Fcheckout"


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Got:
    status: int
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Gitlab:
    """The server under test and a session to ask it."""

    server: GitLab
    session: aiohttp.ClientSession

    @property
    def state(self) -> GitLabState:
        return self.server.state

    async def get(self, path: str, token: str = BOT_TOKEN) -> Got:
        return await self._ask("GET", path, None, token)

    async def post(self, path: str, body: dict[str, Any] | None = None, token: str = BOT_TOKEN) -> Got:
        return await self._ask("POST", path, body, token)

    async def put(self, path: str, body: dict[str, Any], token: str = BOT_TOKEN) -> Got:
        return await self._ask("PUT", path, body, token)

    async def graphql(self, query: str, token: str = BOT_TOKEN, **variables: Any) -> Got:
        body = {"query": query, "variables": variables}
        return await self._ask("POST", "/graphql", body, token)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None, token: str) -> Got:
        root = "/api" if path == "/graphql" else "/api/v4"
        headers = {"PRIVATE-TOKEN": token} if token else {}
        url = URL(f"{self.server.url}{root}{path}", encoded=True)
        async with self.session.request(method, url, json=body, headers=headers) as response:
            text = await response.text()
            content = await response.json() if "json" in response.headers["Content-Type"] else text
            return Got(response.status, content, dict(response.headers))


@asynccontextmanager
async def asking(world: World, clock: Clock, options: GitLabOptions | None = None) -> AsyncIterator[Gitlab]:
    async with serve_gitlab(world, clock, options=options) as server, aiohttp.ClientSession() as session:
        yield Gitlab(server, session)
