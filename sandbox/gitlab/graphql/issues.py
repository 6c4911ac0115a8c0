"""Issues, incidents and paging in GraphQL: REST knows no severity and no escalation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError

from sandbox.gitlab.graphql.context import NOT_ALLOWED, Context, Fields, Info, connection, gid, labels, user
from sandbox.gitlab.options import EscalationPolicy
from sandbox.gitlab.records import Issue
from sandbox.gitlab.routing import DEVELOPER, PLANNER, REPORTER
from sandbox.gitlab.shapes.issues import web_url
from sandbox.gitlab.state import GitLabState


def issues(info: Info, **arguments: Any) -> Fields:
    context: Context = info.context
    wanted = set(arguments.get("iids") or ())
    seen = (
        issue
        for issue in context.state.issues.values()
        if (not wanted or str(issue.iid) in wanted) and (not issue.confidential or context.level >= PLANNER)
    )
    return connection((_issue(context, issue) for issue in seen), arguments.get("first"))


def _issue(context: Context, issue: Issue) -> Fields:
    state = context.state
    policy = next((policy for policy in _known(context) if policy.id == issue.policy), None)
    return {
        "id": gid("Issue", issue.id),
        "iid": str(issue.iid),
        "title": issue.title,
        "state": issue.state,
        "type": issue.kind.upper(),
        "severity": issue.severity,
        "escalationStatus": "TRIGGERED" if issue.kind == "incident" else None,
        "escalationPolicy": _policy(state, policy) if policy else None,
        "assignees": {"nodes": [user(state, username) for username in issue.assignees]},
        "labels": labels(state, issue.labels),
        "webUrl": web_url(state, issue),
    }


def _known(context: Context) -> tuple[EscalationPolicy, ...]:
    """The escalation policies: Premium, for developers and up."""
    options = context.state.options
    return options.policies if options.tier == "premium" and context.level >= DEVELOPER else ()


def policies(info: Info, **arguments: Any) -> Fields | None:
    known = _known(info.context)
    return connection((_policy(info.context.state, policy) for policy in known), arguments.get("first"))


def _policy(state: GitLabState, policy: EscalationPolicy) -> Fields:
    on_call = [{"user": user(state, username)} for username in policy.on_call]
    return {
        "id": gid("IncidentManagement::EscalationPolicy", policy.id),
        "name": policy.name,
        "onCallUsers": on_call,
    }


def set_severity(context: Context, given: Fields) -> Fields:
    def change(issue: Issue) -> None:
        issue.severity = given["severity"]

    return _mutate(context, given, REPORTER, change)


def set_policy(context: Context, given: Fields) -> Fields:
    """Setting a policy starts paging; null takes it away."""
    wanted = str(given.get("escalationPolicyId") or "")
    known = {gid("IncidentManagement::EscalationPolicy", policy.id): policy.id for policy in _known(context)}
    if wanted and wanted not in known:
        raise GraphQLError(NOT_ALLOWED)

    def change(issue: Issue) -> None:
        issue.policy = known.get(wanted)

    return _mutate(context, given, DEVELOPER, change)


def _mutate(context: Context, given: Fields, role: int, change: Callable[[Issue], None]) -> Fields:
    iid = str(given["iid"])
    context.state = context.state.states.get(given["projectPath"]) or context.state
    issue = context.state.issues.get(int(iid)) if iid.isdigit() else None
    if issue is None or given["projectPath"] != context.state.project.path or context.level < role:
        raise GraphQLError(NOT_ALLOWED)
    if issue.kind != "incident":
        return {"errors": ["This issue type does not support it"], "issue": None}
    with context.state.effect("graphql"):
        change(issue)
        issue.updated_at = context.state.now()
    return {"errors": [], "issue": _issue(context, issue)}
