"""GitLab as a source of facts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from backtrace_core.blaming import may_blame
from backtrace_core.history import began
from backtrace_core.model import Alert, Blame, Change, Deployment, Harvest, Library, Lineage, Scope
from backtrace_core.places import is_one, narrowed
from backtrace_core.retrying import Retrying
from backtrace_core.spoken_of import KnownEnvironment
from bot.gitlab.client import GitLabClient, GitLabUnavailable
from bot.gitlab.flags import flags_from
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import MALFORMED
from bot.sources.blames import blame_facts, read_blames
from bot.sources.bumps import facts_of_bumps, read_bumps
from bot.sources.by_itself import ByItself, Switches, changes_by_itself, none_told, rows_by_itself
from bot.sources.cache import Cache
from bot.sources.choice import Choice, first_arrivals
from bot.sources.crew import with_co_authors
from bot.sources.details import MOST_CHANGES, with_details, with_some_details
from bot.sources.early import FEW, merged_early, paths_early
from bot.sources.facts import by_no_deployment, facts_of
from bot.sources.ground import Door, Ground, Project, project_of
from bot.sources.learned import Learned
from bot.sources.lineage import Git, read_lineage
from bot.sources.others import skim
from bot.sources.places import deployment_rows, deployments_from, environment_from, environment_rows
from bot.sources.reading import UNANSWERED, Reading
from bot.sources.reads import Reads
from bot.sources.retrying import read_retrying
from bot.sources.several import all_of, resolve
from bot.sources.shipped import Cargo, read_cargo, united
from bot.sources.stats import paths_of, with_paths
from bot.sources.versions import read_versions
from bot.sources.window import arrivals, read_graph

BUDGET_S = 20.0


class GitLabSource:
    """Harvests one GitLab. ``budget_s`` seconds bound a harvest, and once more a lineage; the rest becomes gaps."""

    def __init__(  # noqa: PLR0913, PLR0917 - the last ones are what settings and webhooks tell beside GitLab
        self,
        client: GitLabClient,
        clock: Callable[[], datetime],
        budget_s: float = BUDGET_S,
        cache: Cache | None = None,
        incident_labels: Iterable[str] = (),
        libraries: tuple[Library, ...] = (),
        switches: Switches = none_told,
    ) -> None:
        self._reads = Reads(client, cache or Cache())
        self._clock = clock
        self._budget_s = budget_s
        self._incident_labels = frozenset(incident_labels)
        self._learned = Learned(self._door_to, clock)
        self._libraries = libraries
        self._switches = switches

    async def harvest(self, scope: Scope, alert: Alert | None = None) -> Harvest:
        """See ``FactSource``. Several places are read side by side; the one of the usual service as it is."""
        if is_one(scope):
            return await self._harvest(scope, alert)
        found = await resolve(self._door_to, scope)
        return await all_of(found, scope, lambda place: self._harvest(narrowed(scope, place), alert), self._clock())

    async def skim(self, scope: Scope) -> Harvest:
        """See ``FactSource``."""
        found = await resolve(self._door_to, scope)
        return await all_of(found, scope, lambda place: self._skim(narrowed(scope, place)), self._clock())

    async def environments(self, projects: Iterable[str]) -> tuple[KnownEnvironment, ...]:
        """See ``FactSource``."""
        return await self._learned.of(projects)

    async def _skim(self, scope: Scope) -> Harvest:
        return await skim(self._door(scope), scope, self._reads.url, self._clock())

    async def _harvest(self, scope: Scope, alert: Alert | None) -> Harvest:
        door = self._door(scope)
        early = asyncio.ensure_future(merged_early(door, scope.since))
        # Lines to blame are found by paths, and blamed beside the reading of the diffs: paths are needed before those.
        few = 0 if alert is not None and may_blame(alert) else FEW
        paths = asyncio.ensure_future(paths_early(door, early, few))
        try:
            ground, draft, rows = await self._begun(door, scope)
            cargo, graph = await read_cargo(door, arrivals(draft.deployments, scope.since), early)
            draft = replace(draft, changes=_by_interest(cargo, scope))
            choice = Choice(alert, cargo, graph, await paths) if alert else None
        finally:
            early.cancel()
            paths.cancel()
        alone = changes_by_itself(ground, rows, draft.deployments, scope)
        read, blames = await _read(ground, draft, choice)
        own = with_co_authors(read, graph)
        arrived = first_arrivals(cargo, scope)
        taken = await read_bumps(ground, [change for change in own if change.key in arrived], self._libraries)
        changes = (*own, *{one.change.key: one.change for one in taken}.values(), *alone)
        facts = await door.client.in_pool(facts_of, draft.deployments, changes, cargo)
        told = (*facts_of_bumps(taken), *by_no_deployment(alone, scope.environment), *blame_facts(blames, changes))
        seen_in = read_versions(alert, draft, graph) if alert else ()
        draft = replace(draft, changes=changes, facts=(*facts, *told), blames=blames, versions=seen_in)
        draft = replace(draft, flags=flags_from(rows.flags.found))
        return replace(draft, gaps=door.reading.gaps, harvested_at=self._clock())

    async def lineage(self, harvest: Harvest, changes: tuple[Change, ...], targets: tuple[Deployment, ...]) -> Lineage:
        """See ``FactSource``."""
        door = self._door(harvest.scope)
        graph = await read_graph(door, arrivals(harvest.deployments, harvest.scope.since)) if targets else None
        return await read_lineage(Git(door, graph), harvest, changes, targets)

    async def retrying(self, harvest: Harvest, targets: tuple[Deployment, ...]) -> Retrying:
        """See ``FactSource``."""
        return await read_retrying(self._door(harvest.scope), targets, harvest.deployments, self._clock())

    def _door(self, scope: Scope) -> Door:
        return self._door_to(scope.service.project)

    def _door_to(self, project: str) -> Door:
        return Door(self._reads, Reading(self._budget_s, self._reads.pace), project)

    async def _begun(self, door: Door, scope: Scope) -> tuple[Ground, Harvest, ByItself]:
        """Project, environment, deployments, and what needs none, asked side by side."""
        asked = (
            asyncio.ensure_future(_project(door)),
            asyncio.ensure_future(environment_rows(door, scope.environment)),
            asyncio.ensure_future(deployment_rows(door, scope)),
            asyncio.ensure_future(rows_by_itself(door, scope, self._switches)),
        )
        try:
            project, named, rows, alone = await asyncio.gather(*asked)
        finally:
            for task in asked:
                task.cancel()
        ground = Ground(door.client, door.reading, door.name, project, self._incident_labels)
        environment = await environment_from(ground, scope.environment, named)
        deployments = deployments_from(ground, scope, rows)
        return ground, Harvest(scope, environment, deployments, (), (), (), self._clock()), alone


async def _project(door: Door) -> Project:
    path = in_project(door.name)
    try:
        row = await door.reading.require(lambda: door.client.get(path))
        return project_of({**row, "path_with_namespace": door.name})
    except TimeoutError as error:
        raise GitLabUnavailable("timed out") from error
    except MALFORMED as error:
        raise GitLabUnavailable("GitLab's answer has an unexpected form") from error


async def _read(ground: Ground, draft: Harvest, choice: Choice | None) -> tuple[tuple[Change, ...], tuple[Blame, ...]]:
    """The changes in full, and who changed the trace's lines last."""
    if choice is None:
        return await with_details(ground, draft.changes), ()
    paths, are_all = choice.paths, len(draft.changes) <= FEW
    if not are_all:
        try:
            paths = await paths_of(ground, draft.changes, paths)
        except UNANSWERED as error:
            if len(draft.changes) > MOST_CHANGES:
                ground.reading.miss("paths of the changed files", "", ground.reading.why(error))
            # Without paths nobody can choose well: those nearest to the trouble are read.
            are_all = True
    known = replace(draft, changes=with_paths(ground, draft.changes, paths))
    details = with_details(ground, known.changes) if are_all else _with_chosen_details(ground, known, choice)
    return await asyncio.gather(details, read_blames(ground, known, choice))


async def _with_chosen_details(ground: Ground, draft: Harvest, choice: Choice) -> tuple[Change, ...]:
    """With files and work items, of those changes that can still matter."""
    changes = draft.changes
    texts = await ground.client.in_pool(choice.texts, draft)
    closing = {change.key for change in changes if change.key in texts and choice.may_close(change)}
    return await with_some_details(ground, changes, texts, closing)


def _by_interest(cargo: Iterable[Cargo], scope: Scope) -> tuple[Change, ...]:
    """The changes that came before the trouble first, newest arrival first: these are read in full."""
    loads = sorted(cargo, key=lambda load: began(load.deployment), reverse=True)
    early = [load for load in loads if began(load.deployment) <= scope.onset.latest]
    late = [load for load in loads if began(load.deployment) > scope.onset.latest]
    return united(change for load in (*early, *late) for change in load.changes)
