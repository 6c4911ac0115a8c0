"""Confidential incidents: what GitLab shows to few is shown in no Slack channel that the settings do not allow it."""

from __future__ import annotations

from backtrace_core.scope import scope_of
from bot.store import Incident
from bot.workflows.house import House


async def withheld(house: House, incident: Incident) -> bool:
    """Whether the card of this incident must not show what it is about.

    What Backtrace opened itself, for an alert that stands in the channel anyhow, hides nothing from that channel.
    """
    paper = await house.store.papers.of(incident.id)
    if paper is None or not paper.confidential or paper.ours or paper.id != incident.id:
        return False
    scope = scope_of(incident.alert, house.settings.catalog) if incident.alert else None
    return scope is None or incident.channel not in scope.service.confidential_channels
