"""The environments that GitLab lists, for alerts of which the settings alone can't tell the place; kept for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from backtrace_core.spoken_of import KnownEnvironment
from bot.gitlab.client import GitLabError
from bot.sources.environments import list_environments
from bot.sources.ground import Door

KEPT = timedelta(minutes=10)
MOST_PROJECTS = 40

log = logging.getLogger(__name__)

Found = tuple[KnownEnvironment, ...]


class Learned:
    """``door_of`` leads to a project by its path."""

    def __init__(self, door_of: Callable[[str], Door], clock: Callable[[], datetime]) -> None:
        self._door_of = door_of
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Found]] = {}

    async def of(self, projects: Iterable[str]) -> Found:
        """Those of all projects, without the stopped ones. A project that can't be read has none, this time."""
        asked = tuple(dict.fromkeys(projects))[:MOST_PROJECTS]
        found = await asyncio.gather(*(self._of_one(project) for project in asked))
        return tuple(one for several in found for one in several)

    async def _of_one(self, project: str) -> Found:
        kept = self._kept.get(project)
        if kept is not None and self._clock() - kept[0] < KEPT:
            return kept[1]
        door = self._door_of(project)
        try:
            listed = await door.reading.require(lambda: list_environments(door, ""))
        except (GitLabError, TimeoutError) as error:
            log.warning("the environments of %s could not be listed: %s", project, error)
            return ()
        rows = (one.environment for one in listed if not one.stopped)
        found = tuple(KnownEnvironment(project, row.name, row.tier, row.external_url) for row in rows)
        self._kept[project] = (self._clock(), found)
        return found
