"""GitLab incidents: found again by a hidden comment, opened, assigned, labelled, written to, paged.

People, labels and severity are set by the API, never by quick actions in a text that may quote somebody.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused, GitLabUnavailable, OutcomeUnknown
from bot.gitlab.mutations import refusal_in
from bot.gitlab.note import MARK, hidden
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import MALFORMED, moment

MOST_INCIDENTS = 100
MOST_NOTES = 500

_OPENNESS = {"private": 0, "internal": 1, "public": 2}


@dataclass(frozen=True, slots=True)
class Incident:
    """``id`` is the number that is global, ``project_id`` the project's; 0 where GitLab did not tell."""

    project: str
    iid: int
    title: str
    url: str
    assignees: tuple[int, ...] = ()
    id: int = 0
    project_id: int = 0
    labels: tuple[str, ...] = ()
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageResult:
    """``says``: whom GitLab pages and by which policy, or why it pages nobody, in plain text.

    ``before``: the policy was set already, so GitLab has paged some time before, whoever was on call then, and did not
    now.
    """

    done: bool
    says: str
    before: bool = False


async def find_incident(client: GitLabClient, project: str, key: str, own_id: int | None) -> Incident | None:
    """Our incident of that key, closed ones too. Somebody may have copied the comment: ours is what the user of that id
    opened, and where nobody knows the id the oldest one.

    :raises GitLabError: when it can't be looked for; none may be opened then.
    """
    where = {"issue_type": "incident", "order_by": "created_at", "sort": "desc"}
    rows = await client.list_all(in_project(project, "issues"), limit=MOST_INCIDENTS, **where)
    mark = hidden(key)
    ours = [row for row in rows if mark in str(row.get("description") or "") and own_id in (None, _author_of(row))]
    return _incident_of(min(ours, key=lambda row: int(row["iid"])), project) if ours else None


def _author_of(row: Mapping[str, Any]) -> Any:
    author = row.get("author")
    return author.get("id") if isinstance(author, Mapping) else None


async def read_incident(client: GitLabClient, project: str, iid: int) -> Incident:
    """The incident of that number as it is now.

    :raises GitLabError: also when it is gone, or hidden from the token.
    """
    return _incident_of(await client.get(in_project(project, "issues", iid)), project)


def is_incident(row: Mapping[str, Any], our_labels: Collection[str]) -> bool:
    """Whether an issue's row is an incident: by its type, by our comment, or with all of our labels.

    An incident may have been turned into an issue, or an issue made by hand for one.
    """
    kind = str(row.get("issue_type") or row.get("type") or "").lower()
    if kind == "incident" or MARK in str(row.get("description") or ""):
        return True
    given = row.get("labels")
    labels = {str(label) for label in given} if isinstance(given, list) else set()
    return bool(our_labels) and labels.issuperset(our_labels)


def _incident_of(row: Mapping[str, Any], project: str) -> Incident:
    try:
        assignees = tuple(int(person["id"]) for person in row.get("assignees") or ())
        where = (project, int(row["iid"]), str(row["title"]), str(row["web_url"]), assignees)
        numbers = (int(row.get("id") or 0), int(row.get("project_id") or 0))
        labels = tuple(str(label) for label in row.get("labels") or ())
        return Incident(*where, *numbers, labels, moment(row.get("updated_at")))
    except MALFORMED as error:
        raise GitLabUnavailable("an incident has an unexpected form") from error


async def open_incident(client: GitLabClient, project: str, title: str, description: str, about: str) -> Incident:
    """Open one; ``description`` carries the hidden comment by which ``find_incident`` finds it.

    It tells of merge requests and deployments of the project ``about``: where more people may read the issues of
    ``project`` than those, it is confidential.

    :raises OutcomeUnknown: it may exist: find it before you try again.
    """
    body: dict[str, Any] = {"title": title, "description": description, "issue_type": "incident"}
    if await _would_publish(client, project, about):
        body["confidential"] = True
    row = await client.post(in_project(project, "issues"), body)
    try:
        return _incident_of(row, project)
    except GitLabUnavailable as error:
        raise OutcomeUnknown(str(error)) from error


async def _would_publish(client: GitLabClient, project: str, about: str) -> bool:
    """Whether an issue of ``project`` is for more eyes than the changes of ``about``; in doubt it is."""
    try:
        here = await client.get(in_project(project))
        there = here if project == about else await client.get(in_project(about))
    except GitLabError:
        return True
    return _openness(here, 2, "issues") > _openness(there, 0, "repository", "merge_requests")


def _openness(row: Mapping[str, Any], unsaid: int, *features: str) -> int:
    """0 for members only, 1 for all users, 2 for everybody; ``unsaid`` where the row does not tell."""
    if any(row.get(f"{feature}_access_level") == "private" for feature in features):
        return 0
    return _OPENNESS.get(str(row.get("visibility")), unsaid)


async def assign(client: GitLabClient, incident: Incident, user_ids: Sequence[int]) -> bool:
    """Make these people its assignees. GitLab Free keeps the first one only.

    Returns whether it kept that one: those who can't be assigned it drops without a word.
    """
    row = await client.put(_path(incident), {"assignee_ids": list(user_ids)})
    kept = row.get("assignees")
    if not isinstance(kept, list):
        return True
    return any(isinstance(one, Mapping) and one.get("id") in user_ids[:1] for one in kept)


async def add_labels(
    client: GitLabClient, incident: Incident, labels: Sequence[str], instead_of: Sequence[str] = ()
) -> None:
    """Add labels, and take those away that they stand instead of; GitLab creates those that it does not know."""
    body = {"add_labels": ",".join(labels), "remove_labels": ",".join(instead_of)}
    if labels or instead_of:
        await client.put(_path(incident), {name: value for name, value in body.items() if value})


async def note_once(client: GitLabClient, incident: Incident, key: str, body: str) -> bool:
    """Leave a note, unless the one of that key is there already. Returns whether it was left now."""
    mark = hidden(f"note:{key}")
    path = f"{_path(incident)}/notes"
    notes = await client.list_all(path, limit=MOST_NOTES)
    if any(str(note.get("body") or "").startswith(mark) for note in notes):
        return False
    await client.post(path, {"body": f"{mark}\n{body}"})
    return True


def _path(incident: Incident) -> str:
    """Of the incident in the REST API."""
    return in_project(incident.project, "issues", incident.iid)


_POLICIES = """
query OnCall($path: ID!, $iids: [String!]) {
  project(fullPath: $path) {
    issues(iids: $iids) { nodes { iid escalationPolicy { id } } }
    incidentManagementEscalationPolicies { nodes { id name onCallUsers { user { username } } } }
  }
}
"""

# The policy's id stands in the text: the type that a variable would have to name has changed between versions.
_SET_POLICY = """
mutation Page($path: ID!, $iid: String!) {
  issueSetEscalationPolicy(input: {projectPath: $path, iid: $iid, escalationPolicyId: %s}) { errors }
}
"""


async def page(client: GitLabClient, incident: Incident) -> PageResult:
    """Page those on call, by the project's first escalation policy: setting it on an incident pages (Premium).

    :raises OutcomeUnknown: GitLab may have paged; asking again finds the policy set and pages nobody twice.
    """
    try:
        answer = await client.graphql(_POLICIES, {"path": incident.project, "iids": [str(incident.iid)]})
    except GitLabRefused:
        # GitLab Free does not know the field; a token without the right gets null for it.
        return PageResult(done=False, says="this GitLab has no escalation policies")
    policies = _nodes(answer.get("project"), "incidentManagementEscalationPolicies")
    set_already = _policy_set(answer)
    if set_already is not None:
        policy = next((policy for policy in policies if policy.get("id") == set_already), {})
        return PageResult(done=True, says=_whom(policy), before=True)
    if not policies:
        return PageResult(done=False, says="this GitLab has no escalation policy for the project")
    refused = await _set_policy(client, incident, str(policies[0]["id"]))
    if refused:
        return PageResult(done=False, says=f"GitLab refused to page: {refused}")
    return PageResult(done=True, says=_whom(policies[0]))


def _nodes(parent: Any, name: str) -> list[Mapping[str, Any]]:
    holder = parent.get(name) if isinstance(parent, Mapping) else None
    nodes = holder.get("nodes") if isinstance(holder, Mapping) else None
    return [node for node in nodes or () if isinstance(node, Mapping)]


def _policy_set(answer: Mapping[str, Any]) -> Any:
    """The id of the policy that the incident has."""
    found = (issue.get("escalationPolicy") for issue in _nodes(answer.get("project"), "issues"))
    return next((policy.get("id", "") for policy in found if isinstance(policy, Mapping)), None)


async def _set_policy(client: GitLabClient, incident: Incident, policy: str) -> str:
    """Returns GitLab's reason when it refused."""
    variables = {"path": incident.project, "iid": str(incident.iid)}
    try:
        answer = await client.graphql(_SET_POLICY % json.dumps(policy), variables)
    except OutcomeUnknown:
        raise
    except GitLabError as error:
        return str(error)
    return refusal_in(answer, "issueSetEscalationPolicy", "the token may not set the policy")


def _whom(policy: Mapping[str, Any]) -> str:
    on_call = [(entry or {}).get("user") or {} for entry in policy.get("onCallUsers") or ()]
    names = [str(user["username"]) for user in on_call if user.get("username")]
    who = ", ".join(names) if names else "those on call"
    return f"{who} by GitLab's escalation policy {policy.get('name') or ''}".rstrip()
