"""GitLab as a source of facts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

from backtrace_core.history import began
from backtrace_core.model import Change, Deployment, Harvest, Lineage, Scope
from bot.gitlab.client import GitLabClient, GitLabUnavailable
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import MALFORMED
from bot.sources.details import with_details
from bot.sources.facts import facts_of
from bot.sources.ground import Ground, Project, project_of
from bot.sources.lineage import Git, read_lineage
from bot.sources.places import read_deployments, read_environment
from bot.sources.reading import Reading
from bot.sources.shipped import Cargo, arrivals, read_cargo, united

BUDGET_S = 20.0


class GitLabSource:
    """Harvests one GitLab. ``budget_s`` seconds bound a harvest, and once more a lineage; the rest becomes gaps."""

    def __init__(self, client: GitLabClient, clock: Callable[[], datetime], budget_s: float = BUDGET_S) -> None:
        self._client = client
        self._clock = clock
        self._budget_s = budget_s

    async def harvest(self, scope: Scope) -> Harvest:
        """See ``FactSource``."""
        reading = Reading(self._budget_s)
        ground = Ground(self._client, reading, await self._project(scope.service.project, reading))
        environment, deployments = await asyncio.gather(
            read_environment(ground, scope.environment), read_deployments(ground, scope)
        )
        cargo = await read_cargo(ground, arrivals(deployments, scope.since))
        changes = await with_details(ground, _by_interest(cargo, scope))
        return Harvest(
            scope=scope,
            environment=environment,
            deployments=deployments,
            changes=changes,
            facts=facts_of(deployments, changes, cargo),
            gaps=reading.gaps,
            harvested_at=self._clock(),
        )

    async def lineage(self, harvest: Harvest, changes: tuple[Change, ...], targets: tuple[Deployment, ...]) -> Lineage:
        """See ``FactSource``."""
        git = Git(self._client, Reading(self._budget_s), harvest.scope.service.project)
        return await read_lineage(git, harvest, changes, targets)

    async def _project(self, path: str, reading: Reading) -> Project:
        try:
            row = await reading.require(lambda: self._client.get(in_project(path)))
            return project_of({**row, "path_with_namespace": path})
        except TimeoutError as error:
            raise GitLabUnavailable("timed out") from error
        except MALFORMED as error:
            raise GitLabUnavailable("GitLab's answer has an unexpected form") from error


def _by_interest(cargo: Iterable[Cargo], scope: Scope) -> tuple[Change, ...]:
    """The changes that came before the trouble first, newest arrival first: these are read in full."""
    loads = sorted(cargo, key=lambda load: began(load.deployment), reverse=True)
    early = [load for load in loads if began(load.deployment) <= scope.onset.latest]
    late = [load for load in loads if began(load.deployment) > scope.onset.latest]
    return united(change for load in (*early, *late) for change in load.changes)
