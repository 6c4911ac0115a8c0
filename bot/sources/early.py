"""What is asked for before it is known whether it will be needed: it mostly is, and waiting costs a whole round.

None of this can be a gap. What it did not bring is asked for again by those who need it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from backtrace_core.model import Change
from bot.sources.ground import Door
from bot.sources.merged import CLOCKS_DIFFER, merged_since
from bot.sources.reading import UNANSWERED
from bot.sources.stats import Paths, paths_of

FEW = 30
"""As many changes are simply read; of more, paths and titles decide which."""


@dataclass(frozen=True, slots=True)
class Early:
    """The merge requests that were merged after ``since``; None where they could not be listed."""

    since: datetime
    changes: tuple[Change, ...] | None


async def merged_early(door: Door, since: datetime) -> Early:
    """Those merged in a window, and a day before: what is merged is deployed later."""
    # A full hour, so that alerts of the same hour ask the same question.
    moment = (since - CLOCKS_DIFFER).replace(minute=0, second=0, microsecond=0)
    try:
        return Early(moment, await door.reading.require(lambda: merged_since(door, moment)))
    except UNANSWERED:
        return Early(moment, None)


async def paths_early(door: Door, listed: asyncio.Future[Early], few: int = FEW) -> Paths:
    """Which files they changed, where they are more than ``few``."""
    changes = (await asyncio.shield(listed)).changes or ()
    if len(changes) <= few:
        return {}
    try:
        return await paths_of(door, changes, {})
    except UNANSWERED:
        return {}
