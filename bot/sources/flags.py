"""Feature flags that were changed in the window: a cause that no deployment ships.

Source: docs.gitlab.com/api/feature_flags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from backtrace_core.model import Change, FlagSwitch, Scope
from bot.gitlab.shapes import MALFORMED, change_of_flag, change_of_switch
from bot.sources.ground import Door, Ground

Row = Mapping[str, Any]

MOST_FLAGS = 200
SAME = timedelta(minutes=2)
"""Between a change and its webhook, which carries no time of its own."""


async def flag_rows(door: Door) -> list[dict[str, Any]]:
    """The project's flags. Raises as the client does."""
    return await door.client.list_all(door.path("feature_flags"), limit=MOST_FLAGS)


def changed_flags(ground: Ground, rows: Iterable[Row], scope: Scope) -> tuple[Change, ...]:
    """Those changed in the window that reach the environment.

    The API tells when a flag was changed last, not how, and not by whom.
    """
    return tuple(_changed(ground, rows, scope))


def _changed(ground: Ground, rows: Iterable[Row], scope: Scope) -> Iterable[Change]:
    page = f"{ground.project.url}/-/feature_flags"
    for row in rows:
        try:
            change = change_of_flag(row, ground.name, page)
            reaches = _reaches(row, scope.environment)
        except MALFORMED:
            ground.reading.miss("feature flag", str(row.get("name", "")), "GitLab's answer has an unexpected form")
            continue
        if reaches and change.merged_at is not None and change.merged_at >= scope.since:
            yield change


def with_switches(
    ground: Ground, changes: tuple[Change, ...], rows: Iterable[Row], switches: Iterable[FlagSwitch]
) -> tuple[Change, ...]:
    """The flags with who switched them, where the webhook told; and those of which only it told.

    ``rows`` are all that GitLab listed: of those that don't reach the environment nothing is added.
    """
    newest: dict[str, FlagSwitch] = {}
    for switch in switches:
        newest.setdefault(switch.name, switch)
    listed = {str(row.get("name")) for row in rows}
    page = f"{ground.project.url}/-/feature_flags"
    unlisted = (switch for name, switch in newest.items() if name not in listed)
    told = (_told(change, newest.get(change.title)) for change in changes)
    return (*told, *(change_of_switch(switch, page) for switch in unlisted))


def _told(change: Change, switch: FlagSwitch | None) -> Change:
    """Where the flag was changed again since, GitLab's own moment stays: then nobody knows who did that."""
    at = change.merged_at
    if switch is None or at is None or abs(at - switch.at) > SAME:
        return change
    return replace(change, author=switch.person, author_name=switch.person.name if switch.person else "")


def _reaches(row: Row, environment: str) -> bool:
    """Whether any strategy is for the environment; a flag without one is off everywhere, which may be the change.

    ``environment_scope`` is a name, ``*``, or a pattern with ``*`` in it (``review/*``).
    """
    strategies = [one for one in row.get("strategies") or () if isinstance(one, Mapping)]
    scopes = [str(scope.get("environment_scope")) for one in strategies for scope in one.get("scopes") or ()]
    return not scopes or any(fnmatchcase(environment, scope.replace("[", "[[]")) for scope in scopes)
