"""What changed the environment and came by no deployment: feature flags, and jobs that ran by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backtrace_core.model import Change, Deployment, FlagSwitch, Scope
from bot.sources.flags import changed_flags, flag_rows, with_switches
from bot.sources.ground import Door, Ground
from bot.sources.jobs import ran_by_themselves, recent_jobs
from bot.sources.reading import UNANSWERED

Switches = Callable[[str, datetime], Awaitable[tuple[FlagSwitch, ...]]]
"""What is known of a project's flags that were switched since a moment, newest first: kept from GitLab's webhook."""


async def none_told(_project: str, _since: datetime) -> tuple[FlagSwitch, ...]:
    """Where nobody keeps webhooks: a trace from a terminal."""
    return ()


@dataclass(frozen=True, slots=True)
class Rows:
    """GitLab's rows of one kind. ``why``: the reason where they could not be read, else empty."""

    found: Sequence[Mapping[str, Any]]
    why: str = ""


@dataclass(frozen=True, slots=True)
class ByItself:
    """What GitLab answered; what it means here can be told only later."""

    flags: Rows
    jobs: Rows
    switches: tuple[FlagSwitch, ...]


async def rows_by_itself(door: Door, scope: Scope, switches: Switches) -> ByItself:
    """One page each, side by side, and what webhooks told."""
    asked = (_rows(door, flag_rows), _rows(door, recent_jobs), switches(door.name, scope.since))
    return ByItself(*await asyncio.gather(*asked))


async def _rows(door: Door, ask: Callable[[Door], Awaitable[list[dict[str, Any]]]]) -> Rows:
    try:
        return Rows(await door.reading.require(lambda: ask(door)))
    except UNANSWERED as error:
        return Rows((), door.reading.why(error))


def changes_by_itself(
    ground: Ground, rows: ByItself, deployments: tuple[Deployment, ...], scope: Scope
) -> tuple[Change, ...]:
    """The changes that they are. What could not be read is a gap, but for a part of GitLab that the project is without.

    GitLab answers 403 there too.
    """
    for what, part, answer in (("feature flags", "feature_flags", rows.flags), ("jobs", "builds", rows.jobs)):
        if answer.why and part not in ground.project.off:
            ground.reading.miss(what, "", answer.why)
    flags = with_switches(ground, changed_flags(ground, rows.flags.found, scope), rows.flags.found, rows.switches)
    return (*flags, *ran_by_themselves(rows.jobs.found, deployments, scope, ground.name))
