"""Days in the life of an environment, told by tests: a real git repository, and the embedded GitLab upon it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from backtrace_core.model import WINDOW, Alert, Change, Harvest, Onset, RollbackPlan, Scope, Service, Suspect
from backtrace_core.rollback import choose_rollback, what_to_ask
from backtrace_core.trace import trace
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import BOT_TOKEN, GitLab, GitLabOptions, serve_gitlab
from sandbox.worlds.model import Deployment, Environment, MergeRequest, Project, World
from tests.bot.gitlab.fake import client_of
from tests.core.builders import alert
from tests.sandbox.gitlab.small_world import ANA, BO, CY, T0, History, small_world

PATH = "acme/checkout"


def before(hours: float) -> datetime:
    return T0 - timedelta(hours=hours)


class Days:
    """Commits, merges and deployments, each so many hours before ``T0``. Every commit adds a file of its own."""

    def __init__(self, folder: Path, environment: str = "production", tier: str = "production") -> None:
        self.folder, self.environment, self.tier = folder, environment, tier
        self.history = History(folder / "days.git")
        self.merged: list[MergeRequest] = []
        self.deployed: list[Deployment] = []
        self._trees: dict[str, dict[str, str]] = {}

    def commit(self, name: str, *parents: str, hours: float = 20, message: str = "") -> str:
        """A commit by Ana that adds ``<name>.py``; with several parents, a merge of what they have."""
        tree = {path: text for parent in parents for path, text in self._trees[parent].items()}
        own = {} if len(parents) > 1 else {f"{name}.py": f"{name} = 1\n"}
        sha = self.history.commit(ANA, before(hours), message or name, {**tree, **own}, *parents)
        self._trees[sha] = {**tree, **own}
        self.history.publish(sha)
        return sha

    def merge(self, iid: int, base: str, hours: float) -> str:
        """``!iid`` of one commit, merged upon ``base`` with a merge commit, whose sha is the answer."""
        head = self.commit(f"work{iid}", base, hours=hours + 1)
        merge = self.commit("", base, head, hours=hours, message=f"Merge branch 'b{iid}' into 'main'")
        self.merge_request(iid, hours, head, merge_commit_sha=merge)
        return merge

    def merge_request(self, iid: int, hours: float, head: str, **more: Any) -> None:
        shas = {"merge_commit_sha": None, "squash_commit_sha": None} | more
        made = before(hours + 1)
        told = MergeRequest(
            3000 + iid, iid, f"Work {iid}", "", "ana", "bo", f"b{iid}", "main", made, before(hours), head, **shas
        )  # fmt: skip
        self.merged.append(told)

    def deploy(self, number: int, sha: str, hours: float, pipeline: int = 0, **more: Any) -> Deployment:
        """A deployment that ended ``hours`` before, two minutes after it began."""
        ended = before(hours)
        started = ended - timedelta(minutes=2)
        told = Deployment(
            id=number, iid=number, environment=self.environment, sha=sha, ref="main", status="success",
            created_at=started, started_at=started, finished_at=ended, user="bo",
            job_id=8000 + number, pipeline_id=pipeline or 900 + number,
        )  # fmt: skip
        self.deployed.append(replace(told, **more))
        return self.deployed[-1]

    def world(self) -> World:
        repository = self.folder / "days.git"
        place = Environment(12, self.environment, self.tier, None, before(9000))
        return replace(
            small_world(self.folder),
            project=Project(4711, PATH, "checkout", "main", "private", before(9000), repository),
            environments=(place,),
            users=(ANA, BO, CY),
            issues=(),
            merge_requests=tuple(self.merged),
            deployments=tuple(self.deployed),
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """What was harvested of the days, and the GitLab that was asked."""

    source: GitLabSource
    gitlab: GitLab
    harvest: Harvest

    def carried(self) -> dict[str, int]:
        """The candidates' labels, each with the deployment that it counts by."""
        found = trace(self.harvest, replace(alert("Errors", at=T0), service="checkout"))
        return {candidate.change.label: candidate.deployment.id for candidate in found}

    def change(self, label: str) -> Change:
        return next(change for change in self.harvest.changes if change.label == label)

    def suspects(self, label: str) -> tuple[Suspect, ...]:
        """The change of that label, as the one suspect."""
        found = trace(self.harvest, replace(alert("Errors", at=T0), service="checkout"))
        candidate = next(one for one in found if one.change.label == label)
        return (Suspect(candidate, (), 0.9),)

    async def way_back(self, label: str) -> RollbackPlan:
        """From the change of that label as the one suspect."""
        suspects = self.suspects(label)
        asked = what_to_ask(self.harvest, suspects)
        git = await self.source.lineage(self.harvest, asked.changes, asked.deployments)
        return choose_rollback(self.harvest, suspects, git, asked)


@asynccontextmanager
async def seen(
    days: Days,
    options: GitLabOptions | None = None,
    jobs: Mapping[int, str] | None = None,
    asked: Alert | None = None,
) -> AsyncIterator[Seen]:
    """``jobs`` gives deploy jobs other names than the environment's. ``asked``: the alert for which it is harvested."""
    scope = Scope(Service("checkout", PATH), days.environment, Onset(before(0.25), T0), T0 - WINDOW)
    async with (
        serve_gitlab(days.world(), lambda: T0, options=options) as gitlab,
        client_of(gitlab.url, token=BOT_TOKEN) as client,
    ):
        for number, name in (jobs or {}).items():
            gitlab.state.jobs[number].name = name
            gitlab.state.jobs[number].retried = False
        source = GitLabSource(client, lambda: T0)
        yield Seen(source, gitlab, await source.harvest(scope, asked))


async def carried(days: Days, options: GitLabOptions | None = None) -> dict[str, int]:
    async with seen(days, options) as found:
        return found.carried()
