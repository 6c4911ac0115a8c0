"""Feature flags (docs.gitlab.com/api/feature_flags): who reads them must be a developer."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab.answers import Answer
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.shapes.times import iso
from sandbox.worlds.model import FeatureFlag


def feature_flags(call: Call) -> Answer:
    rows = sorted(enumerate(call.state.flags.values(), start=1), key=lambda row: row[1].name)
    return page_of(call, rows, lambda row: _entity(*row))


def _entity(number: int, flag: FeatureFlag) -> dict[str, Any]:
    scopes = [{"id": number * 10 + n, "environment_scope": scope} for n, scope in enumerate(flag.scopes)]
    return {
        "name": flag.name,
        "description": flag.description,
        "active": flag.active,
        "version": "new_version_flag",
        "created_at": iso(flag.updated_at),
        "updated_at": iso(flag.updated_at),
        "scopes": [],
        "strategies": [{"id": number, "name": "default", "parameters": {}, "scopes": scopes}] if scopes else [],
    }
