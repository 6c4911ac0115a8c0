"""An incident's timeline: one event for each thing that happened, never the same one twice (GraphQL, all tiers)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused
from bot.gitlab.incident import Incident
from bot.gitlab.mutations import check_done
from bot.gitlab.shapes import moment

LONGEST = 280
"""What GitLab takes in one event. Not in the reference; a longer one would be refused as a whole."""

_READ = """
query Timeline($path: ID!, $incident: IssueID!) {
  project(fullPath: $path) {
    incidentManagementTimelineEvents(incidentId: $incident) { nodes { note occurredAt } }
  }
}
"""

_CREATE = """
mutation Happened($incident: IssueID!, $note: String!, $at: Time!) {
  timelineEventCreate(input: {incidentId: $incident, note: $note, occurredAt: $at}) { errors }
}
"""


_HAS = """
query Has { __type(name: "TimelineEventCreateInput") { name } }
"""


async def has_timeline(client: GitLabClient) -> bool | None:
    """Whether this GitLab knows timelines, by what its GraphQL says of itself; None where it does not tell."""
    try:
        answer = await client.graphql(_HAS, {})
    except GitLabError:
        return None
    return answer.get("__type") is not None if "__type" in answer else None


@dataclass(frozen=True, slots=True)
class Happened:
    """``says`` is Markdown that is safe already. ``once``: the same words at another time are the same event."""

    at: datetime
    says: str
    once: bool = False


async def add_events(client: GitLabClient, incident: Incident, events: Iterable[Happened]) -> int:
    """Add those that are not there yet, oldest first; returns how many.

    :raises GitLabRefused: where the token, or this GitLab, has no timeline to write to.
    :raises OutcomeUnknown: the event may be there: the next call finds it.
    """
    place = f"gid://gitlab/Issue/{incident.id}"
    answer = await client.graphql(_READ, {"path": incident.project, "incident": place})
    known = _known(answer)
    missing = [event for event in events if not _is_known(event, known)]
    for event in sorted(missing, key=lambda event: event.at):
        at = event.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        done = await client.graphql(_CREATE, {"incident": place, "note": event.says[:LONGEST], "at": at})
        check_done(done, "timelineEventCreate", "the token may not write to the timeline")
    return len(missing)


def _known(answer: Mapping[str, Any]) -> set[tuple[str, str]]:
    project = answer.get("project")
    events = project.get("incidentManagementTimelineEvents") if isinstance(project, Mapping) else None
    if not isinstance(events, Mapping):
        # Null is how GraphQL says no. Writing blindly could write the same things again and again.
        raise GitLabRefused(200, "the timeline can't be read")
    rows = [node for node in events.get("nodes") or () if isinstance(node, Mapping)]
    return {(_minute(moment(row.get("occurredAt"))), str(row.get("note") or "")) for row in rows}


def _is_known(event: Happened, known: set[tuple[str, str]]) -> bool:
    says = event.says[:LONGEST]
    return any(words == says for _, words in known) if event.once else (_minute(event.at), says) in known


def _minute(at: datetime | None) -> str:
    """GitLab shows, and older servers keep, no seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if at else ""
