"""Timeline events of incidents (GITLAB.md 1.7): read and made by GraphQL only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from graphql import GraphQLError

from sandbox.gitlab.graphql.context import NOT_ALLOWED, Context, Fields, Info, gid, user
from sandbox.gitlab.records import Issue, TimelineEvent
from sandbox.gitlab.routing import DEVELOPER, REPORTER
from sandbox.gitlab.shapes.times import iso

LONGEST = 280


def events(info: Info, **arguments: Any) -> Fields | None:
    context: Context = info.context
    issue = _issue(context, arguments["incidentId"])
    if not context.state.options.timeline:
        raise GraphQLError("Field 'incidentManagementTimelineEvents' doesn't exist on type 'Project'")
    if issue is None or context.level < REPORTER:
        return None
    return {
        "nodes": [
            {
                "id": gid("IncidentManagement::TimelineEvent", number),
                "note": event.note,
                "occurredAt": iso(event.at),
                "author": user(context.state, event.author),
            }
            for number, event in enumerate(issue.timeline, start=1)
        ]
    }


def create(context: Context, given: Fields) -> Fields:
    """For developers, as the docs say."""
    states = context.state.states.values()
    found = next(((one, issue) for one in states if (issue := _in(one.issues, given["incidentId"]))), None)
    if found is None:
        raise GraphQLError(NOT_ALLOWED)
    context.state, issue = found
    if context.level < DEVELOPER or issue.kind != "incident":
        raise GraphQLError(NOT_ALLOWED)
    if len(given["note"]) > LONGEST:
        return {"errors": [f"Timeline text is too long (maximum is {LONGEST} characters)"]}
    with context.state.effect("timeline"):
        at = datetime.fromisoformat(given["occurredAt"])
        issue.timeline.append(TimelineEvent(given["note"], at, context.user.username))
    return {"errors": []}


def _issue(context: Context, number: str) -> Issue | None:
    return _in(context.state.issues, number)


def _in(issues: dict[int, Issue], number: str) -> Issue | None:
    return next((issue for issue in issues.values() if gid("Issue", issue.id) == number), None)
