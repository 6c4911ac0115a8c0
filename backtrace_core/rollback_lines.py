"""The lines of a service: what one deploy job did in one place, each with its own live version and its own way back.

A place is an environment of a project. Facts say where a change arrived first; of other lines with the same versions it
is known from those, and of the rest git has to be asked (:mod:`backtrace_core.rollback_set`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from backtrace_core.facts import change_node, deployment_id
from backtrace_core.globs import matches
from backtrace_core.history import BROKEN_OFF, began, live
from backtrace_core.model import (
    Deployment,
    DeploymentStatus,
    GoingBack,
    Harvest,
    Place,
    Relation,
    Scope,
    Suspect,
)
from backtrace_core.places import MOST_PLACES, at, newest_place, places_in, places_of
from backtrace_core.spoken_of import KnownEnvironment, environments_of

PRODUCTION = "production"
"""The tier (docs.gitlab.com/ci/environments: deployment tier of environments) whose environments go back together."""

_ARRIVED = (DeploymentStatus.SUCCESS, DeploymentStatus.RUNNING, *BROKEN_OFF)


@dataclass(frozen=True, slots=True)
class Line:
    """``harvest`` as if there were nothing but this deploy job of this place.

    ``suspects`` have the deployment that brought them here; of those in ``unplaced`` no fact says whether they came.
    ``is_first``: the line that the suspects reached first. ``rows`` are the deployments as GitLab has them.
    """

    place: Place
    job: str
    harvest: Harvest
    rows: tuple[Deployment, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    unplaced: tuple[Suspect, ...] = ()
    is_first: bool = False

    @property
    def live(self) -> Deployment | None:
        return live(self.harvest.deployments)


def own_suspects(suspects: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """Those of the service itself: another service's change does not go back with this one."""
    return tuple(suspect for suspect in suspects if suspect.candidate.service is None)


def further_places(scope: Scope, known: Iterable[KnownEnvironment], seen: Sequence[Place]) -> tuple[Place, ...]:
    """The service's production environments that were not looked at, where one of production was; ``known``: GitLab's
    list, which says the tiers."""
    listed = environments_of(scope.service, known)
    production = [Place(one.project, one.name) for one in listed if one.tier == PRODUCTION]
    if not set(production) & set(seen):
        return ()
    return tuple(place for place in production if place not in seen)[:MOST_PLACES]


def may_have_further(scope: Scope) -> bool:
    """Whether the settings name more environments than the scope means, so that GitLab is worth asking for tiers."""
    return any(
        name != scope.environment and not matches(scope.environment, name) for name in scope.service.environments
    )


def lines_of(harvests: Sequence[Harvest], suspects: tuple[Suspect, ...]) -> tuple[Line, ...]:
    """The lines that may run the suspects' changes, the one that they reached first before the others.

    ``harvests``: the scope's own, then those of further places. Without suspects: the lines of what went live last.
    """
    if not suspects:
        return tuple(_newest_lines(harvests[0]))
    suspects = own_suspects(suspects)
    if not suspects:
        return ()
    if any(suspect.candidate.deployment is None for suspect in suspects):
        return tuple(_without_deployment(harvests[0], suspects))
    brought = _brought(harvests, suspects)
    found = [line for harvest in harvests for place in places_in(harvest) for line in _in(harvest, place)]
    placed = [_placed(line, suspects, brought) for line in found]
    running_it = [line for line in placed if line.suspects or line.unplaced]
    first = min((line for line in running_it if line.suspects), key=_reached, default=None)
    return tuple(_first_before(running_it, first))


def _first_before(lines: list[Line], first: Line | None) -> Iterator[Line]:
    if first is not None:
        yield replace(first, is_first=True)
    yield from (line for line in lines if line is not first)


def _reached(line: Line) -> tuple[float, int]:
    arrivals = (suspect.candidate.deployment for suspect in line.suspects)
    return min((began(row).timestamp(), row.id) for row in arrivals if row is not None)


def _newest_lines(harvest: Harvest) -> Iterator[Line]:
    """The job that deployed last, then the others of its pipeline, which deployed the same version."""
    place = newest_place(harvest)
    if place is None:
        return
    lines = _in(harvest, place)
    first = max(lines, key=_went_live, default=None)
    if first is None:
        return
    yield replace(first, is_first=True)
    newest = first.live.job if first.live is not None else None
    for line in lines:
        job = line.live.job if line.live is not None else None
        if line is not first and job is not None and newest is not None and job.pipeline_id == newest.pipeline_id:
            yield line


def _went_live(line: Line) -> float:
    row = line.live
    return row.finished_at.timestamp() if row is not None and row.finished_at is not None else 0.0


def _without_deployment(harvest: Harvest, suspects: tuple[Suspect, ...]) -> Iterator[Line]:
    found = places_of(suspects)
    place = found[0] if found else newest_place(harvest)
    if place is not None:
        narrow = at(harvest, place)
        yield Line(place, "", narrow, narrow.deployments, suspects, is_first=True)


def _in(harvest: Harvest, place: Place) -> list[Line]:
    """The lines of one place. Where the place goes back as a whole it is one, whatever deployed there."""
    narrow = at(harvest, place)
    names = [row.job.name if row.job is not None else "" for row in narrow.deployments]
    jobs = [name for name in dict.fromkeys(names) if name]
    if harvest.scope.service.rollback is not GoingBack.RETRY or not jobs:
        return [Line(place, "", _jobless(narrow), narrow.deployments)]
    return [Line(place, job, _of_job(narrow, job), narrow.deployments) for job in jobs]


def _of_job(harvest: Harvest, job: str) -> Harvest:
    """What no job made changed the place as well, and stays."""
    rows = tuple(row for row in harvest.deployments if row.job is None or row.job.name == job)
    return harvest if len(rows) == len(harvest.deployments) else replace(harvest, deployments=rows)


def _jobless(harvest: Harvest) -> Harvest:
    """The place as one line: its jobs don't matter for what is live, and none is needed to go back."""
    if all(row.job is None for row in harvest.deployments):
        return harvest
    return replace(harvest, deployments=tuple(replace(row, job=None) for row in harvest.deployments))


def _brought(harvests: Sequence[Harvest], suspects: tuple[Suspect, ...]) -> dict[str, frozenset[str]]:
    """By change the shas that have it in them, as far as facts say: a fact links it to the first deployment only."""
    wanted = {change_node(suspect.candidate.shipped): suspect.candidate.shipped.key for suspect in suspects}
    facts = (fact for harvest in harvests for fact in harvest.facts if fact.relation is Relation.DEPLOYED_TO)
    ids: dict[str, set[int]] = {}
    for fact in facts:
        number = deployment_id(fact.object) if fact.subject in wanted else None
        if number is not None:
            ids.setdefault(wanted[fact.subject], set()).add(number)
    rows = [row for harvest in harvests for row in harvest.deployments]
    return {key: frozenset(row.sha for row in rows if row.id in numbers) for key, numbers in ids.items()}


def _placed(line: Line, suspects: tuple[Suspect, ...], brought: dict[str, frozenset[str]]) -> Line:
    here, unplaced = [], []
    for suspect in suspects:
        if suspect.candidate.shipped.project != line.place.project:
            continue  # another project does not have its commits
        row = _arrival(line, suspect, brought.get(suspect.candidate.shipped.key, frozenset()))
        if row is None:
            unplaced.append(suspect)
        else:
            here.append(brought_by(suspect, row))
    return replace(line, suspects=tuple(here), unplaced=tuple(unplaced))


def _arrival(line: Line, suspect: Suspect, shas: frozenset[str]) -> Deployment | None:
    own = suspect.candidate.deployment
    if own is not None and _is_of(own, line):
        return next((row for row in line.harvest.deployments if row.id == own.id), own)
    rows = (row for row in line.harvest.deployments if row.sha in shas and row.status in _ARRIVED)
    return min(rows, key=lambda row: (began(row), row.id), default=None)


def _is_of(row: Deployment, line: Line) -> bool:
    same_place = (row.project, row.environment) == (line.place.project, line.place.environment)
    return same_place and (not line.job or row.job is None or row.job.name == line.job)


def brought_by(suspect: Suspect, row: Deployment) -> Suspect:
    return replace(suspect, candidate=replace(suspect.candidate, deployment=row))
