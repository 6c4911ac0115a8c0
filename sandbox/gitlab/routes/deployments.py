"""Environments and deployments (docs.gitlab.com/api/deployments)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sandbox.gitlab import holding
from sandbox.gitlab.answers import Answer, bad_request, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.records import Deployment
from sandbox.gitlab.routes.merge_requests import listed
from sandbox.gitlab.shapes.deployments import (
    approval_entity,
    deployment_row,
    deployment_single,
    environment_row,
    environment_single,
)
from sandbox.worlds.model import Environment

STATUSES = ("created", "running", "success", "failed", "canceled", "skipped", "blocked")
FINISHED = {"success", "failed", "canceled"}
_ORDERS: dict[str, Callable[[Deployment], datetime | int | None]] = {
    "id": lambda row: row.id,
    "iid": lambda row: row.iid,
    "created_at": lambda row: row.created_at,
    "updated_at": lambda row: row.updated_at,
    "finished_at": lambda row: row.finished_at,
}


def environments(call: Call) -> Answer:
    name, search = call.query.get("name"), call.query.get("search")
    states = call.query.choice("states", ("available", "stopping", "stopped"))
    if name and search:
        bad_request("name and search cannot be used together")
    if search and len(search) < 3:
        bad_request("Search query is less than 3 characters")
    rows = [
        place
        for place in call.state.environments.values()
        if (not name or place.name == name) and search in place.name and states in {"", _state(call, place)}
    ]
    return page_of(call, rows, lambda place: environment_row(call.state, place))


def _state(call: Call, place: Environment) -> str:
    return "stopped" if place.name in call.state.stopped else "available"


def environment(call: Call) -> Answer:
    wanted = call.id("environment")
    place = next((place for place in call.state.environments.values() if place.id == wanted), None)
    return Answer(environment_single(call.state, place)) if place else not_found()


def deployments(call: Call) -> Answer:
    """Ascending by id unless asked otherwise; ids follow pipeline creation, not what is live."""
    order = call.query.choice("order_by", tuple(_ORDERS), "id")
    newest_first = call.query.choice("sort", ("asc", "desc"), "asc") == "desc"
    status = call.query.choice("status", STATUSES)
    name = call.query.get("environment")
    kept = _by_time(call, order, status)
    rows = [
        row
        for row in call.state.deployments.values()
        if (not name or row.environment == name) and (not status or row.status == status) and kept(row)
    ]
    rows.sort(key=lambda row: (_ORDERS[order](row), row.id), reverse=newest_first)
    return page_of(call, rows, lambda row: deployment_row(call.state, row))


def _by_time(call: Call, order: str, status: str) -> Callable[[Deployment], bool]:
    updated = (call.query.moment("updated_after"), call.query.moment("updated_before"))
    finished = (call.query.moment("finished_after"), call.query.moment("finished_before"))
    _check_pairing(order, status, updated=any(updated), finished=any(finished))
    bounds = finished if any(finished) else updated
    moment = _ORDERS["finished_at" if any(finished) else "updated_at"]

    def kept(row: Deployment) -> bool:
        when = moment(row)
        if bounds == (None, None):
            return True
        after, before = bounds
        return isinstance(when, datetime) and (not after or when >= after) and (not before or when < before)

    return kept


def _check_pairing(order: str, status: str, *, updated: bool, finished: bool) -> None:
    rules = (
        (updated and finished, "Both `updated_at` filter and `finished_at` filter can not be specified"),
        (updated and order != "updated_at", "`updated_at` filter requires `updated_at` sort"),
        (finished and order != "finished_at", "`finished_at` filter requires `finished_at` sort."),
        (
            order == "finished_at" and not finished and status not in FINISHED,
            "`finished_at` sort requires `finished_at` filter or a filter with at least one of the finished statuses.",
        ),
        (finished and status != "success", "`finished_at` filter must be combined with `success` status filter."),
    )
    for broken, message in rules:
        if broken:
            bad_request(message)


def deployment(call: Call) -> Answer:
    return Answer(deployment_single(call.state, _deployment(call)))


def merge_requests(call: Call) -> Answer:
    """Empty for rollbacks, re-deploys, foldered environments, and before the worker ran."""
    linked = call.state.links.of_deployment(_deployment(call))
    return listed(call, [change for change in call.state.merge_requests.values() if change.iid in linked])


def approve(call: Call) -> Answer:
    """Approve or reject one that waits for it (Premium)."""
    status = call.body.choice("status", ("approved", "rejected")) or call.body.required("status")
    comment = call.body.get("comment")
    given = holding.approve(call.state, _deployment(call), call.user, status, comment)
    return Answer(approval_entity(call.state, given), 201)


def _deployment(call: Call) -> Deployment:
    return call.state.deployments.get(call.id("deployment")) or not_found("Deployment")
