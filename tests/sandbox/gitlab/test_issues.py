"""Incidents and notes: labels, assignees, and quick actions that are really executed."""

from __future__ import annotations

import pytest

from sandbox.gitlab import EscalationPolicy, GitLabOptions
from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab, asking

ISSUES = f"{PROJECT}/issues"
INCIDENT = {"title": "Login errors", "issue_type": "incident", "labels": "incident,backtrace"}


async def test_an_incident_is_opened_and_found(gitlab: Gitlab) -> None:
    """A created incident has its type, labels made on the fly, and is found by type and state."""
    made = await gitlab.post(ISSUES, INCIDENT)
    found = await gitlab.get(f"{ISSUES}?issue_type=incident&state=opened&labels=incident")
    labels = (await gitlab.get(f"{PROJECT}/labels")).body

    assert made.status == 201
    assert (made.body["type"], made.body["issue_type"], made.body["severity"]) == ("INCIDENT", "incident", "UNKNOWN")
    assert [row["iid"] for row in found.body] == [made.body["iid"]]
    assert {"incident", "backtrace"} <= {label["name"] for label in labels}


async def test_a_title_is_needed(gitlab: Gitlab) -> None:
    """Grape's sentence for a missing parameter."""
    got = await gitlab.post(ISSUES, {"description": "no title"})

    assert (got.status, got.body) == (400, {"error": "title is missing"})


async def test_updating_assigns_labels_and_closes(gitlab: Gitlab) -> None:
    """PUT assigns, adds and removes labels, closes; Free keeps one assignee."""
    iid = (await gitlab.post(ISSUES, INCIDENT)).body["iid"]
    change = {"assignee_ids": [7, 8], "add_labels": "late", "remove_labels": "backtrace", "state_event": "close"}
    got = await gitlab.put(f"{ISSUES}/{iid}", change)

    assert [user["username"] for user in got.body["assignees"]] == ["ana"]
    assert got.body["labels"] == ["incident", "late"]
    assert got.body["state"] == "closed"


async def test_text_with_commands_is_a_note(gitlab: Gitlab) -> None:
    """201: the commands run and are taken out of the text."""
    iid = (await gitlab.post(ISSUES, INCIDENT)).body["iid"]
    got = await gitlab.post(f"{ISSUES}/{iid}/notes", {"body": "Going back.\n\n/assign @ana\n/severity critical"})
    issue = (await gitlab.get(f"{ISSUES}/{iid}")).body

    assert (got.status, got.body["body"]) == (201, "Going back.")
    assert got.body["commands_changes"] == {"assignee_ids": [7], "severity": "critical"}
    assert (issue["severity"], issue["assignee"]["username"]) == ("CRITICAL", "ana")


async def test_only_commands_leave_no_note(gitlab: Gitlab) -> None:
    """202 with what changed, and the list of notes stays empty."""
    iid = (await gitlab.post(ISSUES, INCIDENT)).body["iid"]
    got = await gitlab.post(f"{ISSUES}/{iid}/notes", {"body": "/label ~backtrace\n/confidential\n/close"})
    notes = await gitlab.get(f"{ISSUES}/{iid}/notes")

    assert got.status == 202
    assert set(got.body["commands_changes"]) == {"add_label_ids", "confidential", "state_event"}
    assert notes.body == []


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("alert says\n/close\n", True),
        ("    indented\n /close\n", False),
        ("say `/close` aloud", False),
        ("```\n/close\n```", False),
        ("````\n```\n/close\n````", False),
        ("```\nx\n```\n/close", True),
    ],
)
async def test_careless_quoting_closes_the_incident(gitlab: Gitlab, text: str, closed: bool) -> None:  # noqa: FBT001
    """A command at the start of a line runs, in a description as well; within a fence or a line it does not."""
    made = await gitlab.post(ISSUES, {**INCIDENT, "description": text})

    assert (made.body["state"] == "closed") is closed


async def test_commands_without_the_right_are_dropped(gitlab: Gitlab) -> None:
    """Who may not close issues gets no error, only no change."""
    gitlab.state.levels["cy"] = 10
    got = await gitlab.post(f"{ISSUES}/40/notes", {"body": "/close"}, token="glpat-cy")

    assert (got.status, got.body["commands_changes"]) == (202, {})
    assert gitlab.state.issues[40].state == "opened"


async def test_notes_can_be_edited(gitlab: Gitlab) -> None:
    """One note is changed instead of a second one written; nobody else below maintainer may do it."""
    made = (await gitlab.post(f"{ISSUES}/40/notes", {"body": "Looking."})).body
    other = await gitlab.put(f"{ISSUES}/40/notes/{made['id']}", {"body": "Mine now."}, token="glpat-ana")
    edited = await gitlab.put(f"{ISSUES}/40/notes/{made['id']}", {"body": "Found."})
    rows = (await gitlab.get(f"{ISSUES}/40/notes")).body

    assert other.status == 403
    assert edited.body["id"] == made["id"]
    assert [note["body"] for note in rows] == ["Found."]


async def test_confidential_issues_hide(gitlab: Gitlab) -> None:
    """Below planner a confidential issue is a 404 and in no list; a planner and up sees it."""
    gitlab.state.levels["cy"] = 10
    hidden = await gitlab.get(f"{ISSUES}/41", token="glpat-cy")
    listed = await gitlab.get(ISSUES, token="glpat-cy")
    shown = await gitlab.get(f"{ISSUES}/41")

    assert hidden.status == 404
    assert [row["iid"] for row in listed.body] == [40]
    assert shown.body["confidential"] is True


async def test_issues_of_a_merge_request(gitlab: Gitlab) -> None:
    """What it closes, and what it mentions in description or commits."""
    closes = (await gitlab.get(f"{PROJECT}/merge_requests/88/closes_issues")).body
    related = (await gitlab.get(f"{PROJECT}/merge_requests/88/related_issues")).body

    assert [row["iid"] for row in closes] == [40]
    assert [row["iid"] for row in related] == [40, 41]


async def test_paging_by_quick_action_and_by_graphql(world: World, clock: Clock) -> None:
    """Premium pages: a policy is read with who is on call, set by mutation or by /page."""
    options = GitLabOptions(tier="premium", policies=(EscalationPolicy(18, "Shop", ("bo",)),))
    read = """query($p: ID!) { project(fullPath: $p) { incidentManagementEscalationPolicies {
        nodes { id name onCallUsers { user { username } } } } } }"""
    write = """mutation($p: ID!, $iid: String!, $policy: ID!) { issueSetEscalationPolicy(
        input: {projectPath: $p, iid: $iid, escalationPolicyId: $policy}) {
        errors issue { escalationStatus escalationPolicy { name } } } }"""
    async with asking(world, clock, options) as gitlab:
        iids = [str((await gitlab.post(ISSUES, INCIDENT)).body["iid"]) for _ in range(2)]
        project = (await gitlab.graphql(read, p="acme/checkout")).body["data"]["project"]
        policy = project["incidentManagementEscalationPolicies"]["nodes"][0]
        paged = (await gitlab.graphql(write, p="acme/checkout", iid=iids[0], policy=policy["id"])).body["data"]
        await gitlab.post(f"{ISSUES}/{iids[1]}/notes", {"body": "/page Shop"})

    assert policy["onCallUsers"] == [{"user": {"username": "bo"}}]
    assert paged["issueSetEscalationPolicy"]["errors"] == []
    assert [incident.policy for incident in gitlab.state.incidents] == [18, 18]


async def test_free_has_no_policies(gitlab: Gitlab) -> None:
    """On Free the list of policies is empty and /page does nothing."""
    query = '{project(fullPath:"acme/checkout"){incidentManagementEscalationPolicies{nodes{id}}}}'
    got = (await gitlab.graphql(query)).body["data"]["project"]

    assert got["incidentManagementEscalationPolicies"]["nodes"] == []
