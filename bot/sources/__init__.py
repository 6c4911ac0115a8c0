"""Where facts come from. Every source harvests the same words; what it can't read is a Gap in the harvest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from backtrace_core.model import Alert, Change, Deployment, Harvest, Lineage, Scope
from backtrace_core.retrying import Retrying
from backtrace_core.spoken_of import KnownEnvironment


class FactSource(Protocol):
    async def harvest(self, scope: Scope, alert: Alert | None = None) -> Harvest:
        """All that is known of a scope. Where there is too much to read, ``alert`` decides what is worth reading.

        :raises bot.gitlab.client.GitLabError: only when not even the project can be read.
        """
        ...

    async def skim(self, scope: Scope) -> Harvest:
        """What another service shipped, in passing: deployments and their changes, without diffs and work items.

        :raises bot.gitlab.client.GitLabError: only when no project of it can be listed.
        """
        ...

    async def environments(self, projects: Iterable[str]) -> tuple[KnownEnvironment, ...]:
        """Which environments projects have, as of some minutes ago. Never raises: what can't be read is missing."""
        ...

    async def lineage(self, harvest: Harvest, changes: tuple[Change, ...], targets: tuple[Deployment, ...]) -> Lineage:
        """Which of ``targets`` contain which of ``changes``, asked of git. Never raises: what is unknown says so."""
        ...

    async def retrying(self, harvest: Harvest, targets: tuple[Deployment, ...]) -> Retrying:
        """Whether GitLab would retry the jobs of ``targets``. Never raises: what can't be read is missing."""
        ...
