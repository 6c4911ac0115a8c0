"""Asking the bot: the alert is read as from Slack, GitLab is harvested over HTTP, the core walks back and ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backtrace_core.alerts import parse_alert
from backtrace_core.model import Alert, Harvest, Service
from backtrace_core.rank import Ranking, rank
from backtrace_core.scope import Catalog, scope_of
from backtrace_core.trace import trace
from bench.traces.cases import Case
from bench.traces.history import T0
from bench.traces.worlds import path_of, world_of
from bot.gitlab.client import GitLabClient
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import BOT_TOKEN, GitLabOptions, serve_gitlab


@dataclass(frozen=True, slots=True)
class Answer:
    """``order``: the numbers of all merge requests, likeliest first; none where the bot has no scope."""

    order: tuple[int, ...]
    outcome: str
    probability: float = 0.0
    alert: Alert | None = None
    ranking: Ranking | None = None
    harvest: Harvest | None = None


async def ask(case: Case) -> Answer:
    """What the bot says about one case."""
    world = world_of(case)
    catalog = Catalog((Service(case.program.service, path_of(case)),))
    alert = parse_alert(_posted(world.alert.firing), catalog)
    scope = scope_of(alert, catalog) if alert is not None else None
    if alert is None or scope is None:
        return Answer((), "no scope", alert=alert)
    still = GitLabOptions(stands_still=True, link_after=0.0)
    async with serve_gitlab(world, lambda: T0, options=still) as gitlab:
        client = GitLabClient(gitlab.url, BOT_TOKEN)
        try:
            harvest = await GitLabSource(client, lambda: T0).harvest(scope, alert)
        finally:
            await client.close()
    return _answer(alert, harvest)


def _answer(alert: Alert, harvest: Harvest) -> Answer:
    ranking = rank(trace(harvest, alert), alert, harvest)
    order = tuple(suspect.candidate.change.iid or 0 for suspect in ranking.suspects)
    first = ranking.suspects[0].probability if ranking.suspects else 0.0
    return Answer(order, ranking.outcome.value, first, alert, ranking, harvest)


def _posted(firing: Mapping[str, Any]) -> dict[str, Any]:
    """The event that Slack makes of what was posted to an incoming webhook."""
    return {"type": "message", "subtype": "bot_message", "bot_id": "B0ERRORS", "ts": f"{T0.timestamp():.6f}", **firing}
