"""What changed the environment and came by no deployment: feature flags, and jobs that ran by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backtrace_core.model import Change, Deployment, Scope
from bot.sources.flags import changed_flags, flag_rows
from bot.sources.ground import Door, Ground
from bot.sources.jobs import ran_by_themselves, recent_jobs


@dataclass(frozen=True, slots=True)
class ByItself:
    """GitLab's rows, of which it can be told only later what they mean here."""

    flags: Iterable[Mapping[str, Any]]
    jobs: Iterable[Mapping[str, Any]]


async def rows_by_itself(door: Door) -> ByItself:
    """One page each, side by side."""
    return ByItself(*await asyncio.gather(flag_rows(door), recent_jobs(door)))


def changes_by_itself(
    ground: Ground, rows: ByItself, deployments: tuple[Deployment, ...], scope: Scope
) -> tuple[Change, ...]:
    """The changes that they are."""
    flags = changed_flags(ground, rows.flags, scope)
    return (*flags, *ran_by_themselves(rows.jobs, deployments, scope, ground.name))
