"""Confidential incidents: what GitLab shows to few is shown in no Slack channel that the settings do not allow it."""

from __future__ import annotations

from backtrace_core.alerts.gitlab_incident import SENDER, ToldIncident
from backtrace_core.model import Service
from backtrace_core.scope import Catalog, scope_of
from bot.store import Incident, Store


async def withheld(store: Store, catalog: Catalog, incident: Incident) -> bool:
    """Whether the card of this incident must not show what it is about.

    What belongs to another sender's alert, which stands in the channel anyhow, hides nothing from that channel.
    """
    paper = await store.papers.of(incident.id)
    if paper is None or not paper.confidential or paper.ours:
        return False
    if incident.alert is not None and incident.alert.sender != SENDER:
        return False
    scope = scope_of(incident.alert, catalog) if incident.alert else None
    return scope is None or incident.channel not in scope.service.confidential_channels


def channel_of(service: Service | None, served: tuple[str, ...], told: ToldIncident) -> str | None:
    """Where the card of a GitLab incident stands; None: nowhere.

    A confidential one only where the settings let its text be read. Of a service that nobody can tell there is no
    channel that is known to be allowed.
    """
    if service is None:
        return None
    if told.confidential:
        return next(iter(service.confidential_channels), None)
    return service.incident_channel or next(iter(service.channels or served), None)
