"""Which environments a project has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from backtrace_core.globs import literal_start
from backtrace_core.model import Environment
from bot.gitlab.shapes import MALFORMED, environment_of, is_stopped, moment
from bot.sources.ground import Door

MOST_LISTED = 100
SHORTEST_SEARCH = 3
"""GitLab refuses to search for less (docs.gitlab.com/api/environments)."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    environment: Environment
    stopped: bool
    changed_at: datetime


async def list_environments(door: Door, pattern: str) -> tuple[Listed, ...]:
    """Those of a project that may match the glob, what changed last first; stopped ones too.

    :raises GitLabError: when GitLab does not show them.
    """
    start = literal_start(pattern)
    where = {"search": start} if len(start) >= SHORTEST_SEARCH else {}
    rows = await door.client.list_all(door.path("environments"), limit=MOST_LISTED, **where)
    if len(rows) >= MOST_LISTED:
        door.reading.miss("older environments", f"{door.name} {pattern}", f"only the newest {MOST_LISTED} are read")
    listed = (found for row in rows if (found := _listed(row)) is not None)
    return tuple(sorted(listed, key=lambda one: one.changed_at, reverse=True))


def _listed(row: Mapping[str, Any]) -> Listed | None:
    try:
        return Listed(environment_of(row, ""), is_stopped(row), moment(row.get("updated_at")) or _EARLIEST)
    except MALFORMED:
        return None
