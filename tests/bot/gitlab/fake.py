"""A GitLab that answers what a test tells it, on loopback, and keeps what it was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.gitlab.client import PER_MINUTE, GitLabClient, Patience

API = "/api/v4"
TOKEN = "glpat-backtrace"


@dataclass(frozen=True)
class Reply:
    """``body``: bytes as they are, anything else as JSON. ``fate`` "reset" breaks the connection instead."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0
    drip_s: float = 0
    fate: str = ""


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]


_USUALLY_EMPTY = {"feature_flags": [Reply([])], "jobs": [Reply([])]}
"""Lists that every harvest asks for and that few tests are about."""


class FakeGitLab:
    """``on(method, path, *replies)``: one after the other, the last one for ever. Paths are raw, below ``/api/v4``."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[Seen] = []
        self.at_once = 0
        self.most_at_once = 0
        self._replies: dict[tuple[str, str], list[Reply]] = {}
        self._by_query: dict[tuple[str, str], tuple[str, Mapping[str, Any], Any]] = {}

    def on(self, method: str, path: str, *replies: Any) -> None:
        """Plain values stand for a reply of status 200."""
        shaped = [reply if isinstance(reply, Reply) else Reply(reply) for reply in replies]
        self._replies[method, path] = shaped

    def on_query(self, method: str, path: str, name: str, answers: Mapping[str, Any], otherwise: Any) -> None:
        """Answers by the value of one query parameter."""
        self._by_query[method, path] = (name, answers, otherwise)

    def forget(self, method: str, path: str) -> None:
        self._by_query.pop((method, path), None)

    def sent(self, method: str, path: str) -> list[Seen]:
        return [seen for seen in self.seen if (seen.method, seen.path) == (method, path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        path = path.removeprefix(API)
        raw = await request.read()
        body = json.loads(raw) if raw else None
        self.seen.append(Seen(request.method, path, dict(parse_qsl(query)), body, dict(request.headers)))
        reply = self._next(self.seen[-1])
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(reply.delay_s)
        self.at_once -= 1
        if reply.fate == "reset" and request.transport is not None:
            request.transport.abort()
        return await _send(request, reply)

    def _next(self, seen: Seen) -> Reply:
        place = (seen.method, seen.path)
        if place in self._by_query:
            name, answers, otherwise = self._by_query[place]
            found = answers.get(seen.query.get(name, ""), otherwise)
            return found if isinstance(found, Reply) else Reply(found)
        replies = self._replies.get(place) or _USUALLY_EMPTY.get(seen.path.rpartition("/")[2])
        if replies is None:
            return Reply({"error": f"the test planned no {place}"}, 501)
        return replies.pop(0) if len(replies) > 1 else replies[0]


async def _send(request: web.Request, reply: Reply) -> web.StreamResponse:
    content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
    headers = {"Content-Type": "application/json", **reply.headers}
    if not reply.drip_s:
        return web.Response(status=reply.status, body=content, headers=headers)
    response = web.StreamResponse(status=reply.status, headers=headers)
    await response.prepare(request)
    for byte in content:
        await response.write(bytes([byte]))
        await asyncio.sleep(reply.drip_s)
    return response


def pages(path: str, *rows: Sequence[Any]) -> list[Reply]:
    """One reply a page, each but the last with GitLab's ``Link`` header."""
    following = {"Link": f'<http://elsewhere.invalid{API}{path}?page=2>; rel="next"'}
    return [Reply(list(page), headers=following if number < len(rows) else {}) for number, page in enumerate(rows, 1)]


@asynccontextmanager
async def fake_gitlab() -> AsyncIterator[FakeGitLab]:
    fake = FakeGitLab()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    fake.url = str(server.make_url("")).rstrip("/")
    try:
        yield fake
    finally:
        await server.close()


@asynccontextmanager
async def client_of(
    url: str, *, token: str = TOKEN, timeout_s: float = 2, per_minute: int = PER_MINUTE
) -> AsyncIterator[GitLabClient]:
    """A client that is quick to try again."""
    client = GitLabClient(url, token, timeout_s=timeout_s, per_minute=per_minute)
    client.patience = Patience(first_wait_s=0.01, longest_wait_s=0.5)
    try:
        yield client
    finally:
        await client.close()
