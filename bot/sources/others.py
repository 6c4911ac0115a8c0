"""What a service depends on, looked at in passing: what was deployed and which changes that brought, no more.

No diffs, no work items, no files: an alert's own service is the likelier place of its cause.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from backtrace_core.model import Harvest, Scope
from bot.sources.early import merged_early
from bot.sources.facts import facts_of
from bot.sources.ground import Door, Ground, Project
from bot.sources.places import arrival_rows, deployments_from
from bot.sources.shipped import read_cargo, united
from bot.sources.window import arrivals


async def skim(door: Door, scope: Scope, gitlab_url: str, now: datetime) -> Harvest:
    """The harvest of one place without details; what can't be read is a gap."""
    early = asyncio.ensure_future(merged_early(door, scope.since))
    try:
        # Nobody asks for the project itself: its page follows from its path.
        project = Project(0, door.name, f"{gitlab_url.rstrip('/')}/{door.name}", 0, 0)
        ground = Ground(door.client, door.reading, door.name, project)
        deployments = deployments_from(ground, scope, await arrival_rows(door, scope))
        cargo, _ = await read_cargo(door, arrivals(deployments, scope.since), early)
    finally:
        early.cancel()
    changes = united(change for load in cargo for change in load.changes)
    facts = facts_of(deployments, changes, cargo)
    return Harvest(scope, None, deployments, changes, facts, door.reading.gaps, now)
