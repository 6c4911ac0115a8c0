"""A service may live in several places: environments of one project or of several.

Each is harvested by itself. What they brought is united for naming the culprit, and narrowed again to one place for
going back, since one environment of one project goes back alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from backtrace_core.globs import is_glob, literal_start, matches
from backtrace_core.history import began, succeeded
from backtrace_core.model import Change, Deployment, Environment, Gap, Harvest, Place, Scope, Suspect


def is_one(scope: Scope) -> bool:
    """Whether the scope names a single place, so that nobody has to be asked which ones there are."""
    return not scope.service.projects and not is_glob(scope.environment)


def place_of(deployment: Deployment) -> Place:
    return Place(deployment.project, deployment.environment)


def narrowed(scope: Scope, place: Place) -> Scope:
    """The scope of one place: as if the service had nothing but it."""
    service = replace(scope.service, project=place.project, projects=())
    return replace(scope, service=service, environment=place.environment)


def at(harvest: Harvest, place: Place) -> Harvest:
    """The harvest as if the service had nothing but this place. All changes and facts stay: they say whose they are."""
    rows = tuple(d for d in harvest.deployments if place_of(d) == place)
    scope = narrowed(harvest.scope, place)
    if scope == harvest.scope and len(rows) == len(harvest.deployments):
        return harvest
    return replace(harvest, scope=scope, deployments=rows)


def places_in(harvest: Harvest) -> tuple[Place, ...]:
    """Each place that has deployments, in their order; the one of a scope of one place in any case."""
    if is_one(harvest.scope):
        return (Place(harvest.scope.service.project, harvest.scope.environment),)
    return tuple(dict.fromkeys(place_of(d) for d in harvest.deployments))


def newest_place(harvest: Harvest) -> Place | None:
    """Where something went live last."""
    if is_one(harvest.scope):
        return places_in(harvest)[0]
    return next((place_of(d) for d in succeeded(harvest.deployments)), None)


def places_of(suspects: Iterable[Suspect]) -> tuple[Place, ...]:
    """The places that the suspects reached first, the earliest first. What came by no deployment has none."""
    deployments = (suspect.candidate.deployment for suspect in suspects)
    rows = sorted((row for row in deployments if row is not None), key=began)
    return tuple(dict.fromkeys(place_of(d) for d in rows))


def label_of_key(key: str, project: str) -> str:
    """A change's key as it is shown among the changes of ``project``: ``!45``, of another one ``shop/worker!7``."""
    rest = key.removeprefix(project)
    return rest if rest.startswith(("!", "@")) else key


def united(scope: Scope, harvests: Sequence[Harvest], gaps: tuple[Gap, ...] = ()) -> Harvest:
    """One harvest of all places of a scope. ``gaps`` are those that no harvest has: what was not looked at, and why.

    :raises ValueError: without any harvest.
    """
    if not harvests:
        raise ValueError("there is nothing to unite")
    rows = tuple(row for found in harvests for row in found.deployments)
    unfinished = sorted((d for d in rows if d.finished_at is None), key=began, reverse=True)
    ended = sorted((d for d in rows if d.finished_at is not None), key=_end, reverse=True)
    return Harvest(
        scope=scope,
        environment=_environment(scope, harvests),
        deployments=(*unfinished, *ended),
        changes=_changes(scope, harvests),
        facts=tuple(dict.fromkeys(fact for found in harvests for fact in found.facts)),
        gaps=(*gaps, *_gaps(harvests)),
        harvested_at=max(found.harvested_at for found in harvests),
        blames=tuple(dict.fromkeys(blame for found in harvests for blame in found.blames)),
        versions=tuple(dict.fromkeys(version for found in harvests for version in found.versions)),
        flags=next((found.flags for found in harvests if found.scope.service.project == scope.service.project), ()),
    )


def _end(row: Deployment) -> tuple[datetime, int]:
    return (row.finished_at or row.created_at, row.id)


def _environment(scope: Scope, harvests: Sequence[Harvest]) -> Environment | None:
    """A single one as it is; of several the page that lists those of the main project."""
    known = [found.environment for found in harvests if found.environment is not None]
    if len(harvests) == 1 or not known:
        return known[0] if known else None
    listed = known[0].url.rpartition("/")[0]
    return replace(known[0], name=scope.environment, url=listed, external_url=None)


def _changes(scope: Scope, harvests: Sequence[Harvest]) -> tuple[Change, ...]:
    """Each once, with all its commits; as the place tells it that read most of its files.

    A library may be one of the service's own projects too: what one place has of its own is no mere library's change.
    """
    once: dict[str, Change] = {}
    for change in (change for found in harvests for change in found.changes):
        seen = once.get(change.key)
        fuller = change if seen is None or _read(change) > _read(seen) else seen
        items = fuller.work_items or (seen.work_items if seen is not None else ())
        bump = change.bump if seen is None or seen.bump is not None else None
        prefix = "" if change.project == scope.service.project else change.project
        known = replace(fuller, work_items=items, prefix=prefix, bump=bump)
        once[change.key] = _with_commits(known, change, seen) if seen is not None else known
    return tuple(once.values())


def _with_commits(known: Change, one: Change, other: Change) -> Change:
    shas = one.shas | other.shas
    return replace(known, shas=shas, origin_shas=(one.origin_shas | other.origin_shas) - shas)


def _read(change: Change) -> tuple[int, int]:
    return (sum(1 for file in change.files if file.hunks), len(change.files))


def _gaps(harvests: Sequence[Harvest]) -> tuple[Gap, ...]:
    """What is missing everywhere stands once; what one place lacks is said of that place."""
    everywhere = set(harvests[0].gaps).intersection(*(found.gaps for found in harvests))
    common = tuple(gap for gap in harvests[0].gaps if gap in everywhere)
    own = (
        replace(gap, what=f"{gap.what} ({found.scope.service.project} {found.scope.environment})")
        for found in harvests
        for gap in found.gaps
        if gap not in everywhere
    )
    return (*common, *own)


MOST_PLACES = 12
"""How many places one alert is looked for in; each costs about as many requests as a whole service of one place."""


def needs_listing(scope: Scope) -> bool:
    """Whether only GitLab knows which environments are meant; names that the settings have in full need no question."""
    if not is_glob(scope.environment):
        return False
    start = literal_start(scope.environment)
    globs = (name for name in scope.service.environments if is_glob(name))
    return any(_meet(start, literal_start(name)) for name in globs) or not _literal(scope)


def _meet(one: str, other: str) -> bool:
    return one.lower().startswith(other.lower()) or other.lower().startswith(one.lower())


def _literal(scope: Scope) -> tuple[str, ...]:
    return tuple(name for name in scope.service.environments if not is_glob(name) and matches(scope.environment, name))


def names_meant(scope: Scope, listed: Iterable[str] = ()) -> tuple[str, ...]:
    """The environments of one project that the scope means; ``listed``: those that there are, where that was asked."""
    if not is_glob(scope.environment):
        return (scope.environment,)
    if not needs_listing(scope):
        return _literal(scope)
    own = scope.service.environments
    meant = (name for name in listed if matches(scope.environment, name))
    return tuple(name for name in meant if scope.environment in own or any(matches(glob, name) for glob in own))
