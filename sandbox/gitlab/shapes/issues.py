"""Issues, incidents, notes."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab.records import Issue, Note
from sandbox.gitlab.shapes.merge_requests import time_stats
from sandbox.gitlab.shapes.people import user_basic
from sandbox.gitlab.shapes.times import iso
from sandbox.gitlab.state import GitLabState


def web_url(state: GitLabState, issue: Issue) -> str:
    return f"{state.url}/{state.project.path}/-/issues/{issue.iid}"


def issue_entity(state: GitLabState, issue: Issue) -> dict[str, Any]:
    assignees = [user_basic(state, username) for username in issue.assignees]
    short = f"#{issue.iid}"
    return {
        "id": issue.id,
        "iid": issue.iid,
        "project_id": state.project.id,
        "title": issue.title,
        "description": issue.description,
        "state": issue.state,
        "created_at": iso(issue.created_at),
        "updated_at": iso(issue.updated_at),
        "closed_at": iso(issue.closed_at),
        "closed_by": user_basic(state, issue.closed_by) if issue.closed_by else None,
        "labels": list(issue.labels),
        "milestone": None,
        "assignees": assignees,
        "assignee": assignees[0] if assignees else None,
        "author": user_basic(state, issue.author),
        "type": issue.kind.upper(),
        "issue_type": issue.kind,
        "severity": issue.severity,
        "confidential": issue.confidential,
        "web_url": web_url(state, issue),
        "references": {"short": short, "relative": short, "full": f"{state.project.path}{short}"},
        **_counts(state, issue),
        **_constants(state, issue),
    }


def _counts(state: GitLabState, issue: Issue) -> dict[str, Any]:
    closing = sum(issue.iid in change.closes for change in state.merge_requests.values())
    return {
        "user_notes_count": len(issue.notes),
        "merge_requests_count": closing,
        "upvotes": 0,
        "downvotes": 0,
        "blocking_issues_count": 0,
    }


def _constants(state: GitLabState, issue: Issue) -> dict[str, Any]:
    api = f"{state.url}/api/v4/projects/{state.project.id}"
    return {
        "start_date": None,
        "due_date": None,
        "discussion_locked": None,
        "time_stats": time_stats(),
        "task_completion_status": {"count": 0, "completed_count": 0},
        "has_tasks": False,
        "task_status": "0 of 0 checklist items completed",
        "_links": {
            "self": f"{api}/issues/{issue.iid}",
            "notes": f"{api}/issues/{issue.iid}/notes",
            "award_emoji": f"{api}/issues/{issue.iid}/award_emoji",
            "project": api,
            "closed_as_duplicate_of": None,
        },
        "moved_to_id": None,
        "imported": False,
        "imported_from": "none",
        "service_desk_reply_to": None,
    }


def note_entity(state: GitLabState, issue: Issue, note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "type": None,
        "body": note.body,
        "author": user_basic(state, note.author),
        "created_at": iso(note.created_at),
        "updated_at": iso(note.updated_at),
        "system": False,
        "noteable_id": issue.id,
        "noteable_type": "Issue",
        "project_id": state.project.id,
        "resolvable": False,
        "confidential": note.internal,
        "internal": note.internal,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": issue.iid,
        "commands_changes": {},
    }
