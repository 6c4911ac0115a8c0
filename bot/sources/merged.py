"""The merge requests that were merged lately, in one list: most of what a window brought is among them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from backtrace_core.model import Change
from bot.gitlab.shapes import change_of_merge_request
from bot.sources.ground import Door

MOST_LISTED = 2_500
FIRST_PAGES = 2
"""Asked for at once, without waiting to hear how many there are: 200 merge requests."""
CLOCKS_DIFFER = timedelta(days=1)
"""A commit's date is its author's clock, a merge request's GitLab's; and what is merged is deployed later."""


async def merged_since(door: Door, moment: datetime) -> tuple[Change, ...]:
    """Those merged after ``moment``. Raises as the client does: nobody may need them, so that this is no gap yet."""
    where = {"state": "merged", "merged_after": moment.isoformat(), "order_by": "updated_at", "sort": "desc"}
    return await _listed(door, where)


async def updated_since(door: Door, moment: datetime | None) -> tuple[Change, ...]:
    """Those merged and last touched after ``moment``: a change is merged after it is written."""
    after = {"updated_after": moment.isoformat()} if moment else {}
    where = {"state": "merged", "order_by": "updated_at", "sort": "desc", **after}
    return await door.reading.read("merged merge requests", "", lambda: _listed(door, where), ())


async def _listed(door: Door, where: dict[str, Any]) -> tuple[Change, ...]:
    rows = await door.client.list_ahead(door.path("merge_requests"), where, limit=MOST_LISTED, at_once=FIRST_PAGES)
    return await door.client.in_pool(_changes, rows, door.name)


def _changes(rows: Sequence[dict[str, Any]], project: str) -> tuple[Change, ...]:
    return tuple(change_of_merge_request(row, project) for row in rows)
