"""What the store knows of a service's past when a rollback is planned: what fired, and what was to blame."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from backtrace_core.model import Caution, RollbackPlan, Scope
from backtrace_core.own_time import Fired
from backtrace_core.targets import TargetFacts
from backtrace_core.undoing.fixes import Culprit
from bot.slack.client import SlackError
from bot.store import Incident
from bot.workflows.house import House

HOW_FAR_BACK = timedelta(days=60)
_MESSAGE = "slack-message:"
"""Stands before channel and ts where a link belongs: Slack is asked only for those that are shown."""

log = logging.getLogger(__name__)


async def past_of(house: House, incident: Incident, scope: Scope) -> TargetFacts:
    """What fired for the service, and what was named then. The plan that is made of it needs :func:`with_links`."""
    since = house.clock() - HOW_FAR_BACK
    fired, named, own = await asyncio.gather(
        house.store.history.fired(incident.team, scope, since),
        house.store.history.named(incident.team, scope, since),
        house.store.messages.of(incident.id),
    )
    ours = {message.fingerprint for message in own}
    if incident.alert is not None:
        ours.add(incident.alert.fingerprint)
    return TargetFacts(
        fired=tuple(
            Fired(one.title, one.began, one.told_at, _place(one.channel, one.ts), is_ours=one.fingerprint in ours)
            for one in fired
        ),
        culprits=tuple(
            Culprit(one.key, one.title, _place(one.channel, one.ts)) for one in named if one.incident_id != incident.id
        ),
    )


def _place(channel: str, ts: str | None) -> str:
    return f"{_MESSAGE}{channel}/{ts}" if channel and ts else ""


async def with_links(house: House, plan: RollbackPlan) -> RollbackPlan:
    """The same with links that people can follow; a message of which Slack tells none stays without."""
    return replace(plan, cautions=await _linked(house, plan.cautions))


async def _linked(house: House, cautions: Iterable[Caution]) -> tuple[Caution, ...]:
    return tuple(await asyncio.gather(*(_link(house, caution) for caution in cautions)))


async def _link(house: House, caution: Caution) -> Caution:
    if not caution.url.startswith(_MESSAGE):
        return caution
    channel, _, ts = caution.url.removeprefix(_MESSAGE).partition("/")
    try:
        return replace(caution, url=await house.poster.permalink(channel, ts))
    except SlackError as error:
        # A warning without its link is still a warning.
        log.warning("no link to %s in %s: %s", ts, channel, error)
        return replace(caution, url="")
