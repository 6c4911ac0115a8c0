"""Walk back: environment <- deployment <- change -> file, author, work item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from backtrace_core.facts import change_node, deployment_id, deployment_node, environment_node
from backtrace_core.graph import Graph, graph_of
from backtrace_core.history import BROKEN_OFF, arrived, began, broken_off, here, rolled_back_from, same_job, succeeded
from backtrace_core.model import (
    BY_NO_DEPLOYMENT,
    Alert,
    Candidate,
    Change,
    Deployment,
    DeploymentStatus,
    Fact,
    Harvest,
    Relation,
)
from backtrace_core.places import at, places_in

FILES_IN_PATH = 10


def trace(harvest: Harvest, alert: Alert) -> tuple[Candidate, ...]:
    """The changes that reached the environment in time, newest deployment first, then by key.

    A change counts by the first deployment that brought it and that nobody went back from before the onset. That one
    must have begun before ``alert.onset.latest`` and have been under way or finished after ``scope.since``. One that
    broke off counts for a change that no other brought, until the next success. What reached several places counts
    once, by the place where it arrived first. A library's change arrives with the change that took its version.
    """
    graph = graph_of(harvest.facts)
    found = (candidate for place in places_in(harvest) for candidate in _trace(graph, at(harvest, place), alert))
    first: dict[str, Candidate] = {}
    for candidate in sorted(found, key=_first):
        first.setdefault(candidate.change.key, candidate)
    return tuple(sorted(first.values(), key=_newest_first))


def _first(candidate: Candidate) -> tuple[bool, bool, float, int]:
    if candidate.deployment is not None:
        broken, under_way, at, number = _arrival(candidate.deployment)
        return broken, under_way, at.timestamp(), number
    return False, False, candidate.live_at.timestamp() if candidate.live_at is not None else 0.0, 0


def _trace(graph: Graph, harvest: Harvest, alert: Alert) -> Iterator[Candidate]:
    """The candidates of one place."""
    in_time = {d.id: d for d in _in_time(harvest, alert)}
    before = _live_before(harvest, alert)
    by_key = {change.key: change for change in harvest.changes}
    for change in harvest.changes:
        if change.kind in BY_NO_DEPLOYMENT:
            yield from _by_itself(graph, change, harvest, alert)
            continue
        for via in _ways(graph, change, by_key):
            arrivals = _arrivals(_carrying(graph, via or change, harvest), before)
            if arrivals and arrivals[0].id in in_time:
                path = _path(graph, change, arrivals[0]) if via is None else _path_by(graph, change, via, arrivals[0])
                yield Candidate(change, arrivals[0], path, via=via)
                break


def _by_itself(graph: Graph, change: Change, harvest: Harvest, alert: Alert) -> Iterator[Candidate]:
    """A change that came by no deployment, where it took effect in this environment, in the window and in time."""
    place = environment_node(harvest.scope.service.project, harvest.scope.environment)
    node = change_node(change)
    links = [fact for fact in graph.out_of(node, Relation.CHANGED_IN) if fact.object == place]
    at = change.merged_at
    if links and at is not None and harvest.scope.since <= at < alert.onset.latest:
        yield Candidate(change, None, (*links, *graph.into(node, Relation.AUTHORED)))


def shipped_later(harvest: Harvest, alert: Alert) -> tuple[Change, ...]:
    """The changes that are no candidates because all deployments that carry them began after the onset."""
    graph = graph_of(harvest.facts)
    rows = {place: {d.id: d for d in _successful_or_running(at(harvest, place))} for place in places_in(harvest)}
    arrivals = (
        (change, [first for there in rows.values() for first in _arrivals(_carrying(graph, change, harvest), there)])
        for change in harvest.changes
    )
    return tuple(change for change, found in arrivals if found and min(map(began, found)) >= alert.onset.latest)


def _in_time(harvest: Harvest, alert: Alert) -> Iterable[Deployment]:
    for deployment in _live_before(harvest, alert).values():
        if deployment.finished_at is None or deployment.finished_at >= harvest.scope.since:
            yield deployment


def _live_before(harvest: Harvest, alert: Alert) -> dict[int, Deployment]:
    """All that began before the onset, in this environment, and was not undone by then."""
    left = rolled_back_from(harvest.deployments)
    replaced = _replaced(harvest)
    ran = (*_successful_or_running(harvest), *broken_off(here(harvest)))
    rows = (d for d in ran if began(d) < alert.onset.latest)
    return {d.id: d for d in rows if not _gone(left.get(d.id) or replaced.get(d.id), alert)}


def _successful_or_running(harvest: Harvest) -> Iterator[Deployment]:
    arrived = (DeploymentStatus.SUCCESS, DeploymentStatus.RUNNING)
    return (d for d in here(harvest) if d.status in arrived)


def _replaced(harvest: Harvest) -> dict[int, datetime]:
    """When the next success of the same job took the place of what a deployment that broke off may have left."""
    found: dict[int, datetime] = {}
    for broken in broken_off(here(harvest)):
        ends = (d.finished_at for d in succeeded(same_job(here(harvest), broken)) if d.finished_at is not None)
        later = [end for end in ends if broken.finished_at is not None and end > broken.finished_at]
        if later:
            found[broken.id] = min(later)
    return found


def _gone(left_at: datetime | None, alert: Alert) -> bool:
    return left_at is not None and left_at < alert.onset.earliest


def _carrying(graph: Graph, change: Change, harvest: Harvest) -> frozenset[str]:
    """The shas that have the change in them: a fact links it to the first deployment, not to each that repeats it."""
    ids = {deployment_id(link.object) for link in graph.out_of(change_node(change), Relation.DEPLOYED_TO)}
    return frozenset(d.sha for d in harvest.deployments if d.id in ids)


def _arrivals(shas: frozenset[str], deployments: dict[int, Deployment]) -> list[Deployment]:
    """The deployments of these shas, in the order in which they went live; those under way, then broken off, last."""
    carrying = (d for d in deployments.values() if d.sha in shas)
    return sorted(carrying, key=_arrival)


def _arrival(deployment: Deployment) -> tuple[bool, bool, datetime, int]:
    finished = deployment.finished_at
    return (deployment.status in BROKEN_OFF, finished is None, finished or began(deployment), deployment.id)


def _path(graph: Graph, change: Change, deployment: Deployment) -> tuple[Fact, ...]:
    """The hops from the environment to author and work items, each with its page."""
    return (*_shipping(graph, change, deployment), *_about(graph, change))


def _path_by(graph: Graph, change: Change, via: Change, deployment: Deployment) -> tuple[Fact, ...]:
    """As far as the bump, then the hop to the library's change, then on from there."""
    hops = graph.into(change_node(change), Relation.BUMPS)
    bump = tuple(fact for fact in hops if fact.subject == change_node(via))
    return (*_shipping(graph, via, deployment), *bump, *_about(graph, change))


def _shipping(graph: Graph, change: Change, deployment: Deployment) -> tuple[Fact, ...]:
    links = graph.out_of(change_node(change), Relation.DEPLOYED_TO)
    own = [link for link in links if deployment_id(link.object) == deployment.id]
    shipped = own[0].object if own else deployment_node(deployment)
    return (
        *graph.out_of(shipped, Relation.IN_ENVIRONMENT),
        *graph.into(shipped, Relation.DEPLOYED_BY),
        *(own or links[:1]),
    )


def _about(graph: Graph, change: Change) -> tuple[Fact, ...]:
    node = change_node(change)
    return (
        *graph.out_of(node, Relation.HAS_FILE)[:FILES_IN_PATH],
        *graph.out_of(node, Relation.LAST_CHANGED),
        *graph.into(node, Relation.AUTHORED, Relation.MERGED),
        *graph.out_of(node, Relation.CLOSES, Relation.MENTIONS),
    )


def _ways(graph: Graph, change: Change, by_key: Mapping[str, Change]) -> Iterable[Change | None]:
    """None for what a deployment brought by itself; then the changes that took its version, where it is a library's."""
    node = change_node(change)
    if graph.out_of(node, Relation.DEPLOYED_TO):
        yield None
    bumps = graph.into(node, Relation.BUMPS)
    yield from (by_key[fact.subject.key] for fact in bumps if fact.subject.key in by_key)


def _newest_first(candidate: Candidate) -> tuple[float, str]:
    when = candidate.live_at or arrived(candidate)
    return (-when.timestamp(), candidate.change.key)
