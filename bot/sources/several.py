"""The places of a scope: which there are, and their harvests side by side. One that fails costs none of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backtrace_core.model import Gap, Harvest, Place, Scope
from backtrace_core.places import MOST_PLACES, names_meant, needs_listing, united
from bot.gitlab.client import GitLabError, GitLabUnavailable
from bot.sources.environments import Listed, list_environments
from bot.sources.ground import Door
from bot.sources.places import NO_SUCH, STOPPED
from bot.sources.reading import SOURCE, UNANSWERED, reason_of, why_unanswered

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Resolved:
    """``gaps``: what is left out, and why. ``failed``: why nothing could be told of a project."""

    places: tuple[Place, ...]
    gaps: tuple[Gap, ...] = ()
    failed: tuple[GitLabError, ...] = ()


async def resolve(door_of: Callable[[str], Door], scope: Scope) -> Resolved:
    """The places that a scope means. Only globs cost a question, one a project."""
    projects = scope.service.all_projects
    if not needs_listing(scope):
        names = names_meant(scope)
        return _capped(Resolved(tuple(Place(project, name) for project in projects for name in names)))
    found = await asyncio.gather(*(_of_project(door_of(project), scope) for project in projects))
    return _capped(
        Resolved(
            tuple(place for one in found for place in one.places),
            tuple(gap for one in found for gap in one.gaps),
            tuple(error for one in found for error in one.failed),
        )
    )


async def _of_project(door: Door, scope: Scope) -> Resolved:
    try:
        listed = await door.reading.require(lambda: list_environments(door, scope.environment))
    except GitLabError as error:
        return Resolved((), (_lost(door.name, error),), (error,))
    except TimeoutError:
        late = GitLabError("timed out")
        return Resolved((), (_lost(door.name, late),), (late,))
    meant = names_meant(scope, (one.environment.name for one in listed if not one.stopped))
    return Resolved(tuple(Place(door.name, name) for name in meant), (*door.reading.gaps, *_stopped(scope, listed)))


def _lost(project: str, error: GitLabError) -> Gap:
    return Gap(SOURCE, f"environments of {project}", reason_of(error))


def _stopped(scope: Scope, listed: Sequence[Listed]) -> tuple[Gap, ...]:
    names = names_meant(scope, (one.environment.name for one in listed if one.stopped))
    if not names:
        return ()
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (Gap(SOURCE, f"{', '.join(names[:_NAMED])}{more}", STOPPED),)


def _capped(found: Resolved) -> Resolved:
    if len(found.places) <= MOST_PLACES:
        return found
    gap = Gap(SOURCE, "other environments", f"only the newest {MOST_PLACES} are read")
    return Resolved(found.places[:MOST_PLACES], (*found.gaps, gap), found.failed)


async def all_of(
    found: Resolved, scope: Scope, harvest: Callable[[Place], Awaitable[Harvest]], now: datetime
) -> Harvest:
    """The harvests of all places as one.

    :raises GitLabError: when no place could be read.
    """
    if not found.places:
        if found.failed:
            raise found.failed[0]
        gap = Gap(SOURCE, f"environment {scope.environment}", NO_SUCH)
        return Harvest(scope, None, (), (), (), (*found.gaps, gap), now)
    answers = await asyncio.gather(*(_one(harvest, place) for place in found.places))
    read = [answer for answer in answers if isinstance(answer, Harvest)]
    failed = [
        (place, answer) for place, answer in zip(found.places, answers, strict=True) if isinstance(answer, GitLabError)
    ]
    if not read:
        raise failed[0][1]
    gaps = tuple(Gap(SOURCE, f"all of environment {p.project} {p.environment}", reason_of(e)) for p, e in failed)
    there = [one for one in read if not _is_missing(one)]
    missing = tuple(_missing(one.scope) for one in read if _is_missing(one)) if there else ()
    return united(scope, there or read, (*found.gaps, *gaps, *missing))


async def _one(harvest: Callable[[Place], Awaitable[Harvest]], place: Place) -> Harvest | GitLabError:
    try:
        return await harvest(place)
    except GitLabError as error:
        return error
    except UNANSWERED as error:
        return GitLabUnavailable(why_unanswered(error))


def _is_missing(found: Harvest) -> bool:
    return found.environment is None and not found.deployments and any(gap.why == NO_SUCH for gap in found.gaps)


def _missing(scope: Scope) -> Gap:
    """Of several projects not each has each environment: that hides nothing, and is said without the words for it."""
    return Gap(SOURCE, f"{scope.service.project} {scope.environment}", NO_SUCH)
