"""Pipelines: list, one, its variables, start, cancel (docs.gitlab.com/api/pipelines); and tags."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab import pipelines
from sandbox.gitlab.answers import Answer, bad_parameter, forbidden, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.records import Pipeline
from sandbox.gitlab.routing import MAINTAINER
from sandbox.gitlab.shapes.commits import commit_basic
from sandbox.gitlab.shapes.deployments import pipeline_basic, pipeline_single

_ORDERS = ("id", "status", "ref", "updated_at", "user_id")


def listed(call: Call) -> Answer:
    """Newest id first unless asked otherwise."""
    ref, source, username = (call.query.get(name) for name in ("ref", "source", "username"))
    call.query.choice("order_by", _ORDERS, "id")
    newest_first = call.query.choice("sort", ("asc", "desc"), "desc") == "desc"
    rows = [
        one
        for one in call.state.pipelines.values()
        if ref in {"", one.ref} and source in {"", one.source} and username in {"", one.user}
    ]
    rows.sort(key=lambda one: one.id, reverse=newest_first)
    return page_of(call, rows, lambda one: pipeline_basic(call.state, one))


def single(call: Call) -> Answer:
    return Answer(pipeline_single(call.state, _pipeline(call)))


def variables(call: Call) -> Answer:
    """Only whoever started it, and Maintainers, see them."""
    pipeline = _pipeline(call)
    if call.level < MAINTAINER and call.user.username != pipeline.user:
        forbidden()
    rows = [{"key": key, "variable_type": "env_var", "value": value} for key, value in pipeline.variables.items()]
    return page_of(call, rows, lambda row: row)


def create(call: Call) -> Answer:
    ref = call.body.required("ref")
    told = {str(row.get("key")): str(row.get("value")) for row in _rows(call)}
    inputs = call.body.mapping("inputs")
    started = pipelines.start(call.state, call.user, ref, (told, inputs))
    return Answer(pipeline_single(call.state, started), 201)


def _rows(call: Call) -> list[dict[str, Any]]:
    rows = call.body.rows("variables")
    if not all(row.get("key") for row in rows):
        bad_parameter("variables is invalid")
    return rows


def cancel(call: Call) -> Answer:
    return Answer(pipeline_single(call.state, pipelines.cancel(call.state, _pipeline(call), call.user)), 201)


def tags(call: Call) -> Answer:
    """Newest first, by name where several are of one moment."""
    call.query.choice("order_by", ("name", "updated", "version"), "updated")
    call.query.choice("sort", ("asc", "desc"), "desc")
    found = [(name, call.state.repository.commit(name)) for name in call.state.repository.tags()]
    found.sort(key=lambda row: (row[1].commit_time, row[0]), reverse=True)
    return page_of(call, found, lambda row: _tag(call, *row))


def _tag(call: Call, name: str, commit: Any) -> dict[str, Any]:
    return {
        "name": name,
        "message": "",
        "target": str(commit.id),
        "commit": commit_basic(call.state, commit),
        "release": None,
        "protected": False,
        "created_at": None,
    }


def _pipeline(call: Call) -> Pipeline:
    return call.state.pipelines.get(call.id("pipeline")) or not_found()
