"""Reading feature flags, and taking one strategy away (docs.gitlab.com/api/feature_flags)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from backtrace_core.flag import Flag, Strategy
from bot.gitlab.client import GitLabClient
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import MALFORMED

MOST_FLAGS = 200

Row = Mapping[str, Any]


async def flags_of(client: GitLabClient, project: str) -> tuple[Flag, ...]:
    """A project's flags.

    :raises GitLabError: when they can't be read.
    """
    return flags_from(await client.list_all(in_project(project, "feature_flags"), limit=MOST_FLAGS))


def flags_from(rows: Iterable[Row]) -> tuple[Flag, ...]:
    """Those of the present form: of an older one the scopes mean something else. Odd rows cost no others."""
    return tuple(_flags(rows))


def _flags(rows: Iterable[Row]) -> Iterator[Flag]:
    for row in rows:
        try:
            if row.get("version") in {None, "new_version_flag"}:
                yield flag_of(row)
        except MALFORMED:
            continue


def flag_of(row: Row) -> Flag:
    """:raises MALFORMED: for a row of an unexpected form."""
    strategies = tuple(
        Strategy(
            int(one["id"]),
            str(one["name"]),
            {str(key): str(value) for key, value in (one.get("parameters") or {}).items()},
            tuple(str(scope["environment_scope"]) for scope in one.get("scopes") or ()),
        )
        for one in row.get("strategies") or ()
    )
    return Flag(str(row["name"]), bool(row.get("active")), strategies)


async def take_away(client: GitLabClient, project: str, flag: str, strategy_id: int) -> None:
    """Take one strategy away from a flag; the others stay as they are.

    :raises GitLabRefused: nothing was changed.
    :raises OutcomeUnknown: it may have been: look at the flag.
    """
    body = {"strategies": [{"id": strategy_id, "_destroy": True}]}
    await client.put(in_project(project, "feature_flags", flag), body)
