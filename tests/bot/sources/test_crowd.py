"""Fifty alerts at once on twenty services: GitLab is asked for each fact once at a time, and not too often."""

import asyncio
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from urllib.parse import unquote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backtrace_core.model import WINDOW, Alert, AlertStatus, Frame, Onset, Outcome, Scope, Service, Verdict
from bot.gitlab import pace
from bot.gitlab.client import GitLabClient
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
    came_at: list[float] = field(default_factory=list)

    async def handle(self, incoming: web.Request) -> web.Response:
        path, _, query = incoming.raw_path.partition("?")
        body = await incoming.read()
        question = f"{path}?{query} {body!r}"
        self.asked[question] += 1
        self.came_at.append(monotonic())
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

    def most_within(self, seconds: float) -> int:
        """The most questions that came in any time of that length."""
        return max(bisect_left(self.came_at, began + seconds) - n for n, began in enumerate(self.came_at))


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


async def storm(gitlab: Crowd, client: GitLabClient, services: int = SERVICES) -> list[Verdict]:
    """Fifty alerts in one moment, each of one of the services, investigated side by side."""
    onset = Onset(T0 - timedelta(minutes=2), T0)
    frames = (Frame("/srv/web/auth/session.py", 42, "is_expired"),)
    text = "TypeError in is_expired on POST /login"
    alert = Alert("test", AlertStatus.FIRING, "LoginErrorRateHigh", text, T0, onset, "f", frames=frames)
    source = GitLabSource(client, lambda: T0, budget_s=60)
    asked = (investigate(alert, scope_of(n % services), source, frozenset()) for n in range(ALERTS))
    return await asyncio.gather(*asked)


def waits_told(verdict: Verdict) -> list[str]:
    return [gap.why for gap in verdict.gaps if gap.why.endswith("for GitLab's rate limit")]


async def test_a_storm_of_alerts_asks_for_each_fact_once_at_a_time(tmp_path: Path):
    """All fifty name their culprit; no question is under way twice; less than fifteen hundred requests in all.

    With the settings' own limit nobody has to wait for it.
    """
    world = build("login", T0, tmp_path)
    async with crowd(world) as gitlab, client_of(gitlab.url, timeout_s=10) as client:
        verdicts = await storm(gitlab, client)

    assert [verdict.outcome for verdict in verdicts] == [Outcome.NAMED] * ALERTS
    assert gitlab.twice == []
    assert sum(gitlab.asked.values()) < 1_500
    assert [waits_told(verdict) for verdict in verdicts] == [[]] * ALERTS


async def test_a_storm_that_needs_more_than_a_minute_gives_is_spread_and_each_card_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """No minute (of six seconds here) has more than its share, nobody loses a fact, and each answer says it waited.

    One service alone needs more than the share, so that none can be done before it is used up.
    """
    minute_s, share = 6.0, 30
    monkeypatch.setattr(pace, "MINUTE_S", minute_s)
    world = build("login", T0, tmp_path)
    async with crowd(world) as gitlab, client_of(gitlab.url, timeout_s=10, per_minute=share) as client:
        verdicts = await storm(gitlab, client, services=2)

    assert [verdict.outcome for verdict in verdicts] == [Outcome.NAMED] * ALERTS
    assert sum(gitlab.asked.values()) > share
    # What was sent in time may come late, into the next one's share: on a busy machine by more than a second.
    assert gitlab.most_within(minute_s * 0.7) <= share
    assert [[gap.what for gap in verdict.gaps] for verdict in verdicts] == [["the facts any sooner"]] * ALERTS
    assert all(re.fullmatch(r"waited \d+ s for GitLab's rate limit", *waits_told(verdict)) for verdict in verdicts)
