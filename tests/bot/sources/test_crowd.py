"""Fifty alerts at once on twenty services: GitLab is asked for each fact once at a time, and not too often."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web
from aiohttp.test_utils import TestServer

from backtrace_core.model import WINDOW, Alert, AlertStatus, Frame, Onset, Outcome, Scope, Service
from bot.investigate import investigate
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import BOT_TOKEN, api
from sandbox.gitlab.exchange import Request
from sandbox.gitlab.options import GitLabOptions
from sandbox.gitlab.state import GitLabState
from sandbox.worlds import build
from sandbox.worlds.model import World
from tests.bot.gitlab.fake import client_of

T0 = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)
SERVICES, ALERTS = 20, 50


@dataclass
class Crowd:
    """One GitLab with the same story in many projects. ``twice``: what was asked while it was being answered."""

    url: str = ""
    states: dict[str, GitLabState] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    twice: list[str] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)

    async def handle(self, incoming: web.Request) -> web.Response:
        path, _, query = incoming.raw_path.partition("?")
        body = await incoming.read()
        question = f"{path}?{query} {body!r}"
        self.asked[question] += 1
        self.under_way[question] += 1
        if self.under_way[question] > 1:
            self.twice.append(question)
        await asyncio.sleep(0.05)
        request = Request(incoming.method, path, query, {"content-type": "application/json"}, body, BOT_TOKEN)
        answer = api.respond(self.states[_project(path, body)], request)
        self.under_way[question] -= 1
        return web.Response(
            status=answer.status, body=answer.content, headers={"Content-Type": answer.content_type, **answer.headers}
        )


def _project(path: str, body: bytes) -> str:
    if path.endswith("/graphql"):
        return str(json.loads(body)["variables"]["path"])
    return unquote(path.split("/")[4])


@asynccontextmanager
async def crowd(world: World) -> AsyncIterator[Crowd]:
    made = Crowd()
    for n in range(SERVICES):
        path = f"shop/web{n}"
        copy = replace(world, project=replace(world.project, path=path))
        made.states[path] = GitLabState(copy, lambda: T0, GitLabOptions(link_after=0.0))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.handle)
    async with TestServer(app, host="127.0.0.1") as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


def scope_of(n: int) -> Scope:
    path = f"shop/web{n % SERVICES}"
    return Scope(Service(path, path), "production", Onset(T0 - timedelta(minutes=2), T0), T0 - WINDOW)


async def test_a_storm_of_alerts_asks_for_each_fact_once_at_a_time(tmp_path: Path):
    """All fifty name their culprit; no question is under way twice; less than fifteen hundred requests in all."""
    world = build("login", T0, tmp_path)
    onset = Onset(T0 - timedelta(minutes=2), T0)
    frames = (Frame("/srv/web/auth/session.py", 42, "is_expired"),)
    text = "TypeError in is_expired on POST /login"
    alert = Alert("test", AlertStatus.FIRING, "LoginErrorRateHigh", text, T0, onset, "f", frames=frames)
    async with crowd(world) as gitlab, client_of(gitlab.url, timeout_s=10) as client:
        source = GitLabSource(client, lambda: T0, budget_s=60)
        verdicts = await asyncio.gather(*(investigate(alert, scope_of(n), source, frozenset()) for n in range(ALERTS)))

    assert [verdict.outcome for verdict in verdicts] == [Outcome.NAMED] * ALERTS
    assert gitlab.twice == []
    assert sum(gitlab.asked.values()) < 1_500
