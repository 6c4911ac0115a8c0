"""What changed the environment and came by no deployment: feature flags, and jobs that ran by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backtrace_core.model import Change, Deployment, FlagSwitch, Scope
from bot.sources.flags import changed_flags, flag_rows, with_switches
from bot.sources.ground import Door, Ground
from bot.sources.jobs import ran_by_themselves, recent_jobs

Switches = Callable[[str, datetime], Awaitable[tuple[FlagSwitch, ...]]]
"""What is known of a project's flags that were switched since a moment, newest first: kept from GitLab's webhook."""


async def none_told(_project: str, _since: datetime) -> tuple[FlagSwitch, ...]:
    """Where nobody keeps webhooks: a trace from a terminal."""
    return ()


@dataclass(frozen=True, slots=True)
class ByItself:
    """GitLab's rows, of which it can be told only later what they mean here."""

    flags: Iterable[Mapping[str, Any]]
    jobs: Iterable[Mapping[str, Any]]
    switches: tuple[FlagSwitch, ...]


async def rows_by_itself(door: Door, scope: Scope, switches: Switches) -> ByItself:
    """One page each, side by side, and what webhooks told."""
    return ByItself(*await asyncio.gather(flag_rows(door), recent_jobs(door), switches(door.name, scope.since)))


def changes_by_itself(
    ground: Ground, rows: ByItself, deployments: tuple[Deployment, ...], scope: Scope
) -> tuple[Change, ...]:
    """The changes that they are."""
    flags = with_switches(ground, changed_flags(ground, rows.flags, scope), rows.flags, rows.switches)
    return (*flags, *ran_by_themselves(rows.jobs, deployments, scope, ground.name))
