"""What deployments wait for: freeze periods (docs.gitlab.com/api/freeze_periods), resource groups."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab import holding
from sandbox.gitlab.answers import Answer, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.records import FreezePeriod
from sandbox.gitlab.shapes.deployments import job_entity
from sandbox.gitlab.shapes.times import iso


def freeze_periods(call: Call) -> Answer:
    return page_of(call, call.state.freeze_periods, lambda period: _freeze_period(call, period))


def _freeze_period(call: Call, period: FreezePeriod) -> dict[str, Any]:
    made = iso(call.state.project.created_at)
    return {
        "id": period.id,
        "freeze_start": period.start,
        "freeze_end": period.end,
        "cron_timezone": period.zone,
        "created_at": made,
        "updated_at": made,
    }


def resource_groups(call: Call) -> Answer:
    rows = list(enumerate(call.state.resource_groups, start=1))
    return page_of(call, rows, lambda row: _resource_group(call, *row))


def _resource_group(call: Call, number: int, key: str) -> dict[str, Any]:
    made = iso(call.state.project.created_at)
    return {"id": number, "key": key, "process_mode": "unordered", "created_at": made, "updated_at": made}


def upcoming_jobs(call: Call) -> Answer:
    """Those that wait for the group, or will once they are due."""
    key = call.params["key"]
    if key not in call.state.resource_groups:
        not_found("Resource Group")
    return page_of(call, holding.upcoming(call.state, key), lambda job: job_entity(call.state, job))
