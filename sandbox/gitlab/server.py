"""The embedded GitLab over HTTP: aiohttp around ``api.respond``, with faults, a record, and webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.gitlab import api, browse, oauth, webhooks
from sandbox.gitlab.answers import Answer, UnplannedError
from sandbox.gitlab.exchange import SECRET_HEADERS, Exchange, Request
from sandbox.gitlab.faults import Fault, Faults
from sandbox.gitlab.options import GitLabOptions
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import World

DRIPS = 10
_REFUSALS = {"403": "403 Forbidden", "404": "404 Not found", "410": "410 Gone"}


class UnplannedRequestsError(AssertionError):
    """The embedded GitLab was asked for what it does not do; the test that did so fails."""


class GitLab:
    """A running GitLab: ``url``, ``recorded`` (all exchanges), ``unplanned`` (what it answered 501).

    ``state`` is that of the world's own project, ``states`` those of all projects by full path.
    """

    def __init__(self, state: GitLabState) -> None:
        self.state = state
        self.faults = Faults()
        self.recorded: list[Exchange] = []
        self.unplanned: list[str] = []
        self._kept: dict[tuple[str, str, str, bytes, str | None], Answer] = {}

    @property
    def states(self) -> dict[str, GitLabState]:
        return self.state.states

    @property
    def url(self) -> str:
        return self.state.url

    async def handle(self, incoming: web.Request) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        answered_at = loop.time() + self.state.options.answer_after
        request = await _read(incoming)
        if browse.wanted(request):
            return await _send(incoming, browse.page(self.state, request.path), None)
        sent = request.query + request.body.decode("utf-8", "replace")
        fault = self.faults.take(request.method, request.path.removeprefix("/api/v4"), sent)
        if fault is not None and fault.kind == "latency":
            await asyncio.sleep(fault.seconds)
        answer = _spoiled(fault) if fault else None
        if answer is None:
            answer = self._answer(request)
        self.recorded.append(_kept(request, answer, fault.kind if fault else ""))
        await asyncio.sleep(max(0.0, answered_at - loop.time()))
        if fault is not None and fault.kind == "took_effect_then_silence":
            await asyncio.sleep(fault.seconds)
        return await _send(incoming, answer, fault)

    def _answer(self, request: Request) -> Answer:
        if not self.state.options.stands_still:
            return self._made(request)
        asked = (request.method, request.path, request.query, request.body, request.token)
        if asked not in self._kept:
            made = self._made(request)
            self._kept[asked] = Answer(made.content, made.status, {"Content-Type": made.content_type, **made.headers})
        return self._kept[asked]

    def _made(self, request: Request) -> Answer:
        try:
            if request.path.startswith(oauth.ROOT):
                return oauth.respond(self.state, request)
            return api.respond(self.state, request)
        except UnplannedError as unplanned:
            self.unplanned.append(f"{request!r}: {unplanned}")
            return Answer({"error": f"501 Not Implemented: {unplanned}"}, 501)


def _kept(request: Request, answer: Answer, fault: str) -> Exchange:
    """The record, without tokens: those of OAuth travel in bodies and queries."""
    if request.path.startswith(oauth.ROOT):
        return Exchange(replace(request, token=None, query="", body=b""), Answer({}, answer.status), fault)
    return Exchange(replace(request, token=None), answer, fault)


async def _read(incoming: web.Request) -> Request:
    headers = {name.lower(): value for name, value in incoming.headers.items()}
    bearer = headers.get("authorization", "").removeprefix("Bearer ")
    # yarl decodes %2F in ``path``; only the raw target keeps ``shop%2Fweb`` in one piece.
    path, _, query = incoming.raw_path.partition("?")
    return Request(
        method=incoming.method,
        path=path,
        query=query,
        headers={name: value for name, value in headers.items() if name not in SECRET_HEADERS},
        body=await incoming.read(),
        token=headers.get("private-token") or bearer or None,
    )


def _spoiled(fault: Fault) -> Answer | None:
    """The answer of a fault that keeps the request from being carried out."""
    if fault.kind in _REFUSALS:
        return Answer({"message": _REFUSALS[fault.kind]}, int(fault.kind))
    if fault.kind == "429":
        return Answer(b"Retry later\n", 429, {"Retry-After": str(round(fault.seconds))})
    if fault.kind in {"500", "502"}:
        return Answer({"message": "500 Internal Server Error"} if fault.kind == "500" else b"", int(fault.kind))
    return Answer(b"", 0) if fault.kind == "reset" else None


async def _send(incoming: web.Request, answer: Answer, fault: Fault | None) -> web.StreamResponse:
    kind = fault.kind if fault else ""
    if kind in {"reset", "took_effect_then_reset", "took_effect_then_silence"} and incoming.transport is not None:
        incoming.transport.abort()
    if kind == "slow" and fault is not None:
        return await _drip(incoming, answer, fault.seconds)
    content = answer.content[: len(answer.content) // 2] if kind == "malformed" else answer.content
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return web.Response(status=answer.status or 500, body=content, headers=headers)


async def _drip(incoming: web.Request, answer: Answer, seconds: float) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type, **answer.headers})
    response.content_length = len(answer.content)
    await response.prepare(incoming)
    size = max(len(answer.content) // DRIPS, 1)
    for start in range(0, len(answer.content), size):
        await asyncio.sleep(seconds / DRIPS)
        await response.write(answer.content[start : start + size])
    return response


def make_app(gitlab: GitLab) -> web.Application:
    """The application; give ``gitlab.state.url`` the address under which it will stand."""
    app = web.Application(client_max_size=25 * 1024**2)
    app.router.add_route("*", r"/{path:[\s\S]*}", gitlab.handle)
    return app


@asynccontextmanager
async def serve_gitlab(
    world: World,
    clock: Callable[[], datetime],
    host: str = "127.0.0.1",
    port: int = 0,
    options: GitLabOptions | None = None,
) -> AsyncIterator[GitLab]:
    """Serve ``world`` until the block ends; ``port`` 0 takes a free one.

    :raises UnplannedRequestsError: at the end, where ``options.strict`` and a request was not planned for.
    """
    gitlab = GitLab(GitLabState(world, clock, options))
    runner = web.AppRunner(make_app(gitlab), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        gitlab.state.stand_at(f"http://{host}:{_port(runner)}")
        async with AsyncExitStack() as stack:
            for state in gitlab.states.values():
                await stack.enter_async_context(webhooks.sending(state))
            yield gitlab
    finally:
        await runner.cleanup()
    if gitlab.state.options.strict and gitlab.unplanned:
        raise UnplannedRequestsError("\n".join(gitlab.unplanned))


def _port(runner: web.AppRunner) -> int:
    address: Any = runner.addresses[0]
    return int(address[1])
