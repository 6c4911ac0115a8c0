"""One trace of an incident: from the most telling of what was said of it, with what people and rollbacks have told."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from backtrace_core.joining import Relation, better_told
from backtrace_core.model import Alert, Outlived, Scope, Service, Verdict
from backtrace_core.others import scopes_beside
from backtrace_core.proof import AGAINST, Stage
from bot.investigate import investigate
from bot.store import Incident
from bot.workflows.house import House
from bot.workflows.past import past_of, with_links
from bot.workflows.turns import turn


async def verdict_of(house: House, incident: Incident, scope: Scope) -> Verdict:
    """:raises bot.gitlab.client.GitLabError: when not even the project can be read."""
    shown = (service for service in house.settings.catalog.services if may_show(service, incident.channel))
    beside = scopes_beside(scope, shown)
    alert = await most_telling(house, incident)
    return await traced(house, incident, (alert, scope), beside)


async def traced(house: House, incident: Incident, asked: tuple[Alert, Scope], beside: tuple[Scope, ...]) -> Verdict:
    """The same of any alert of an incident. Raises as ``verdict_of``."""
    alert, scope = asked
    outlived, past = await asyncio.gather(outlived_of(house, incident.id), past_of(house, incident, scope))
    excluded = incident.excluded
    verdict = await investigate(alert, scope, house.source, excluded, beside, outlived=outlived, past=past)
    plan = verdict.rollback
    return replace(verdict, rollback=await with_links(house, plan)) if plan is not None else verdict


async def outlived_of(house: House, incident_id: str) -> tuple[Outlived, ...]:
    """What rollbacks took away for this incident without an end of its trouble."""
    return tuple(
        Outlived(ref.key, row.at - row.gone_back_at, row.url, row.says if row.stage is Stage.FIRED_AGAIN else "")
        for row in await house.store.proofs.all_of(incident_id)
        if row.stage in AGAINST
        for ref in row.took
    )


async def most_telling(house: House, incident: Incident) -> Alert:
    """Of all that was said of it what tells most: a trace that is made again must not know less than the last one."""
    told = await house.store.messages.of(incident.id) if not incident.question else ()
    own = (one.alert for one in told if one.relation is not Relation.PERHAPS_ANOTHER)
    return better_told(alert_of(incident), own) or alert_of(incident)


def trace_turn(incident_id: str) -> asyncio.Lock:
    """For all that keeps a verdict by what it has read of its incident: what came first, and read less, would be kept
    last."""
    return turn(f"trace-{incident_id}")


def may_show(service: Service, channel: str) -> bool:
    """Whether a service may be shown in the channel; one that lists no channels may be shown in all of them."""
    return not service.channels or channel in service.channels


def alert_of(incident: Incident) -> Alert:
    if incident.alert is None:
        raise RuntimeError(f"incident {incident.id} was kept without its alert")
    return incident.alert
