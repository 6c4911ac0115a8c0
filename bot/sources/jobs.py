"""Jobs that ran against the environment by themselves: scheduled, triggered or started by hand, without a deployment.

A job's row says neither its environment nor whether it was manual (docs.gitlab.com/api/jobs). So its name or stage
has to say the environment, and its pipeline has to be none that a push made, or one that had deployed long before:
then somebody started the job later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backtrace_core.model import Change, Deployment, Scope
from backtrace_core.scope import environment_name
from bot.gitlab.shapes import MALFORMED, change_of_job, moment
from bot.sources.ground import Door

NEWEST = 40
"""Jobs are listed newest first, and each row is large: what lies behind these is mostly too long ago to pay for it."""
LATER = timedelta(minutes=15)

_ENDED = ("success", "failed", "canceled", "running")
_BY_ITSELF = frozenset(("schedule", "web", "api", "trigger", "chat", "pipeline", "ondemand_dast_scan"))
_WORD = re.compile(r"[A-Za-z0-9]+")

Row = Mapping[str, Any]


async def recent_jobs(door: Door) -> list[dict[str, Any]]:
    """The rows of the newest jobs. Raises as the client does."""
    return await door.client.list_all(door.path("jobs"), limit=NEWEST, **{"scope[]": list(_ENDED)})


def ran_by_themselves(
    rows: Iterable[Row], deployments: Sequence[Deployment], scope: Scope, project: str
) -> tuple[Change, ...]:
    """The jobs among ``rows`` that changed the environment in the window, as changes of their own."""
    place = _Place(environment_name(scope.environment), _deployed(deployments), _deploy_jobs(deployments))
    return tuple(_changes((row for row in rows if place.was_touched_by(row)), scope, project))


def _changes(rows: Iterable[Row], scope: Scope, project: str) -> Iterable[Change]:
    for row in rows:
        try:
            change = change_of_job(row, project)
        except MALFORMED:
            continue  # one row in a form that is not known must not cost the others
        if change.merged_at is not None and change.merged_at >= scope.since:
            yield change


@dataclass(frozen=True, slots=True)
class _Place:
    """``deployed``: when each pipeline was done with deploying here; ``jobs``: the ids of the jobs that did."""

    environment: str
    deployed: Mapping[int, datetime]
    jobs: frozenset[int]

    def was_touched_by(self, row: Row) -> bool:
        try:
            return row["id"] not in self.jobs and self._says_environment(row) and self._ran_by_itself(row)
        except MALFORMED:
            return False

    def _says_environment(self, row: Row) -> bool:
        words = _WORD.findall(f"{row.get('name') or ''} {row.get('stage') or ''}")
        parts = set(_WORD.findall(self.environment))
        return bool(parts) and parts <= {environment_name(word) for word in words}

    def _ran_by_itself(self, row: Row) -> bool:
        pipeline, started = row["pipeline"], moment(row.get("started_at"))
        if started is None:
            return False
        if pipeline.get("source") in _BY_ITSELF and pipeline["id"] not in self.deployed:
            return True
        done = self.deployed.get(pipeline["id"])
        return done is not None and started - done > LATER


def _deployed(deployments: Iterable[Deployment]) -> Mapping[int, datetime]:
    ended = [(d.job.pipeline_id, d.finished_at) for d in deployments if d.job is not None and d.finished_at is not None]
    return dict(sorted(ended, key=lambda pair: pair[1]))


def _deploy_jobs(deployments: Iterable[Deployment]) -> frozenset[int]:
    return frozenset(deployment.job.id for deployment in deployments if deployment.job is not None)
