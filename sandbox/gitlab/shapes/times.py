"""GitLab's formats of time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def iso(moment: datetime) -> str: ...
@overload
def iso(moment: None) -> None: ...
def iso(moment: datetime | None) -> str | None:
    """``2026-11-21T15:00:00.000Z``, as REST prints all times but those of commits."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_local(moment: datetime) -> str:
    """``2026-11-21T14:05:00.000+00:00``: commits keep their author's zone."""
    return moment.isoformat(timespec="milliseconds")


def hook_time(moment: datetime | None) -> str | None:
    """``2016-08-12 15:23:28 UTC``, as most webhooks print times."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else None
