"""Deployments of a story: which commit, which pipeline, which job, and when it was live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, cast

from sandbox.worlds.model import Deployment
from sandbox.worlds.numbers import Numbers
from sandbox.worlds.story import Deploy

Status = Literal["created", "running", "success", "failed", "canceled", "blocked"]
_STARTS = frozenset({"running", "success", "failed", "canceled"})
_ENDS = frozenset({"success", "failed", "canceled"})


class Deploys:
    """Rows are made with their pipeline, as GitLab makes them: ids follow the creation, not what is live."""

    def __init__(self, numbers: Numbers, t0: datetime, ref: str) -> None:
        self._numbers = numbers
        self._t0 = t0
        self._ref = ref
        self._pipelines: dict[timedelta, int] = {}
        self.done: list[Deployment] = []
        self.named: dict[str, Deployment] = {}

    def happen(self, deploy: Deploy, tip: Callable[[], str]) -> None:
        """Rows of the same minute belong to one pipeline; ``retry`` runs the environment's last job again."""
        n = len(self.done)
        pipeline, sha = self._pipeline(deploy, tip)
        status = cast("Status", deploy.options.get("status", "success"))
        started, finished = self._times(deploy, status)
        made = Deployment(
            id=self._numbers.deployment(n),
            iid=n + 1,
            environment=deploy.environment,
            sha=sha,
            ref=self._ref,
            status=status,
            created_at=self._t0 + deploy.at,
            started_at=started,
            finished_at=finished,
            user=deploy.by,
            job_id=self._numbers.job(n),
            pipeline_id=pipeline,
            played_by=deploy.options.get("played"),
            has_job="tool" not in deploy.options,
        )
        self.done.append(made)
        if "name" in deploy.options:
            self.named[deploy.options["name"]] = made

    def _pipeline(self, deploy: Deploy, tip: Callable[[], str]) -> tuple[int, str]:
        if "retry" in deploy.options:
            earlier = next(done for done in reversed(self.done) if done.environment == deploy.environment)
            return earlier.pipeline_id, earlier.sha
        return self._pipelines.setdefault(deploy.at, self._numbers.pipeline(len(self._pipelines))), tip()

    def _times(self, deploy: Deploy, status: Status) -> tuple[datetime | None, datetime | None]:
        if status not in _STARTS:
            return None, None
        started = self._t0 + deploy.at + timedelta(minutes=int(deploy.options.get("start", "1")))
        if status not in _ENDS:
            return started, None
        return started, started + timedelta(minutes=int(deploy.options.get("took", "5")))
