"""What the versions say of each change: was the trouble seen where it is, or where it is not?

A version that the alert says clears what it lacks. It accuses nobody by itself: mostly it is just what runs. Only where
another version ran beside it, and the alert does not say that one, is it telling that it is this one. And what was live
as the trouble began clears what somebody had gone back from by then, or past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from backtrace_core.history import BROKEN_OFF, here, live_within, same_job
from backtrace_core.migrations import is_migration
from backtrace_core.model import Candidate, Deployment, Harvest, Version
from backtrace_core.places import at, places_in

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Exposure:
    """By the keys of changes. ``lacking``: a version that the alert says and that is without it; True: others that the
    alert says have it. ``new_in``: the version that the alert says and that brought it, and the one without it that ran
    beside and that the alert does not say. ``gone``: what was live instead, all along while the trouble began.
    """

    lacking: Mapping[str, tuple[Version, bool]]
    new_in: Mapping[str, tuple[Version, Version]]
    gone: Mapping[str, Version]

    def clears(self, key: str) -> bool:
        """Whether the trouble was seen where the change is not."""
        return key in self.lacking or key in self.gone

    def only_new(self, key: str) -> bool:
        """Whether nothing else is new in the version that is hit, while the one beside it is spared."""
        return key in self.new_in and len(self.new_in) == 1


@dataclass(frozen=True, slots=True)
class _Seen:
    """``live``: the shas that were live at any moment while the trouble began. ``last``: what was at the end of that,
    when the alert fired, with what was arriving."""

    versions: tuple[Version, ...]
    said: tuple[Version, ...]
    live: frozenset[str]
    last: tuple[Deployment, ...]


def exposure(candidates: Sequence[Candidate], harvest: Harvest) -> Exposure:
    """What a migration did to the database stands for every version, and stays when its code is gone."""
    seen = _seen(harvest)
    lacking = _of_each(candidates, lambda candidate: _lacking(candidate, seen))
    gone = _of_each(candidates, lambda candidate: _instead(candidate, seen))
    cleared = [candidate for candidate in candidates if candidate.change.key in lacking or candidate.change.key in gone]
    stays = {candidate.change.key for candidate in cleared if _migrates(candidate)}
    return Exposure(
        lacking={key: found for key, found in lacking.items() if key not in stays},
        new_in=_of_each(candidates, lambda candidate: _new_in(candidate, seen)),
        gone={key: found for key, found in gone.items() if key not in stays},
    )


def _of_each(candidates: Iterable[Candidate], of: Callable[[Candidate], _Found | None]) -> dict[str, _Found]:
    told = ((candidate.change.key, of(candidate)) for candidate in candidates)
    return {key: found for key, found in told if found is not None}


def _seen(harvest: Harvest) -> _Seen:
    onset, places = harvest.scope.onset, [here(at(harvest, place)) for place in places_in(harvest)]
    return _Seen(
        versions=harvest.versions,
        said=tuple(version for version in harvest.versions if version.said),
        live=frozenset(row.sha for rows in places for row in live_within(rows, onset.earliest, onset.latest)),
        last=tuple(row for rows in places for row in live_within(rows, onset.latest, onset.latest)),
    )


def _lacking(candidate: Candidate, seen: _Seen) -> tuple[Version, bool] | None:
    key = candidate.shipped.key
    without = next((version for version in seen.said if key in version.lacks), None)
    return (without, any(key in version.has for version in seen.said)) if without is not None else None


def _new_in(candidate: Candidate, seen: _Seen) -> tuple[Version, Version] | None:
    key, row = candidate.shipped.key, candidate.deployment
    if row is None or any(key not in version.has for version in seen.said):
        return None
    brought = next((version for version in seen.said if version.sha == row.sha), None)
    # Another job's version runs something else.
    beside = {other.sha for other in same_job(seen.last, row)}
    without = next((v for v in seen.versions if v.sha in beside and key in v.lacks), None)
    return (brought, without) if brought is not None and without is not None else None


def _instead(candidate: Candidate, seen: _Seen) -> Version | None:
    """What was live without it, where all that was live is known to be without it."""
    if candidate.deployment is None or candidate.deployment.status in BROKEN_OFF:
        return None
    without = [v for v in seen.versions if v.sha in seen.live and candidate.shipped.key in v.lacks]
    return without[0] if seen.live and seen.live <= {version.sha for version in without} else None


def _migrates(candidate: Candidate) -> bool:
    return any(is_migration(file.path) for each in (candidate.change, candidate.shipped) for file in each.files)
