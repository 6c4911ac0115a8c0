"""What fired while a possible target was live: a warning, and where it is the same trouble, no place to go back to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from backtrace_core.evidence.spans import span
from backtrace_core.history import same_job, succeeded
from backtrace_core.model import Caution, Deployment

MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert that fired for the same service and environment, ``at`` the moment when its trouble began.

    ``told_at`` is when its message came. ``url`` leads to what was said of it. ``is_ours``: it has a fingerprint of the
    incident that is looked at.
    """

    title: str
    at: datetime
    told_at: datetime
    url: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class OwnTime:
    """From when a version was live until another one of the same deploy job took its place."""

    start: datetime
    end: datetime

    def of(self, fired: Iterable[Fired]) -> tuple[Fired, ...]:
        """What began and was told in it, newest first. Of what was told later nobody knows to the minute."""
        inside = (one for one in fired if self.start < one.at and one.told_at < self.end)
        return tuple(sorted(inside, key=lambda one: one.at, reverse=True))


def own_time(target: Deployment, history: Iterable[Deployment], until: datetime) -> OwnTime | None:
    """At most until ``until``, the moment when the suspects began to arrive; None where it never was live."""
    if target.finished_at is None:
        return None
    later = (
        row.finished_at
        for row in succeeded(same_job(tuple(history), target))
        if row.finished_at is not None and row.finished_at > target.finished_at and row.sha != target.sha
    )
    return OwnTime(target.finished_at, min(min(later, default=until), until))


def same_trouble(fired: Iterable[Fired], now: datetime) -> str:
    """Why a target is none: this incident's own alert fired in its time. Empty where none did."""
    ours = next((one for one in fired if one.is_ours), None)
    return f"this alert fired in its time too, {span(now - ours.at)} ago" if ours is not None else ""


def other_troubles(fired: Iterable[Fired], now: datetime) -> Iterator[Caution]:
    """The newest alerts that fired in the time of the target that was chosen."""
    others = [one for one in fired if not one.is_ours]
    for one in others[:MOST_TOLD]:
        yield Caution(f"While it was live {span(now - one.at)} ago, this fired: {one.title}", one.url)
    if len(others) > MOST_TOLD:
        yield Caution(f"While it was live, {len(others) - MOST_TOLD} more alerts fired")
