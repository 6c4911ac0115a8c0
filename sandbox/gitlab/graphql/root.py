"""The fields of Query and Mutation, under GitLab's names."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab.graphql import timeline
from sandbox.gitlab.graphql.context import Fields, Info, gid
from sandbox.gitlab.graphql.cost import LIMIT
from sandbox.gitlab.graphql.deployments import environment
from sandbox.gitlab.graphql.issues import issues, policies, set_policy, set_severity
from sandbox.gitlab.graphql.merge_requests import merge_requests


def project(info: Info, **arguments: Any) -> Fields | None:
    """Null for a project that is not there and for one that the caller may not see."""
    context, state = info.context, info.context.state.states.get(arguments["fullPath"])
    if state is None:
        return None
    # What is asked below a project is resolved before the next one is.
    context.state = state
    place = state.project
    if context.level == 0 and place.visibility == "private":
        return None
    return {
        "id": gid("Project", place.id),
        "fullPath": place.path,
        "environment": environment,
        "mergeRequests": merge_requests,
        "issues": issues,
        "incidentManagementEscalationPolicies": policies,
        "incidentManagementTimelineEvents": timeline.events,
    }


ROOT = {
    "project": project,
    "queryComplexity": lambda info: {"score": info.context.score, "limit": LIMIT},
    "issueSetSeverity": lambda info, **given: set_severity(info.context, given["input"]),
    "issueSetEscalationPolicy": lambda info, **given: set_policy(info.context, given["input"]),
    "timelineEventCreate": lambda info, **given: timeline.create(info.context, given["input"]),
}
