"""Merge requests: the list row and the single form."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab.records import Proposal
from sandbox.gitlab.repository import Commit, FileChange
from sandbox.gitlab.shapes.people import user_basic
from sandbox.gitlab.shapes.times import iso
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import MergeRequest


def bounds(state: GitLabState, change: MergeRequest) -> tuple[str, str]:
    """(base, start): where the source branch left the target, and the target's head just before the merge."""
    if change.base_sha is not None:
        return change.base_sha, change.base_sha
    merged = state.repository.commit(change.merge_commit_sha or change.squash_commit_sha or change.sha)
    start = str(merged.parents[0].id) if merged.parents else str(merged.id)
    return state.repository.merge_base(start, change.sha) or start, start


MOST_COUNTED = 1_000


def changed_files(state: GitLabState, change: MergeRequest) -> list[FileChange]:
    return state.repository.diff(bounds(state, change)[0], change.sha)


def _counted(files: int) -> str:
    """A string, since GitLab stops counting (docs.gitlab.com/api/merge_requests)."""
    return str(files) if files <= MOST_COUNTED else f"{MOST_COUNTED}+"


def commits(state: GitLabState, change: MergeRequest) -> list[Commit]:
    return state.repository.between(bounds(state, change)[0], change.sha)


def merge_request_row(state: GitLabState, change: MergeRequest) -> dict[str, Any]:
    return {
        **_identity(state, change),
        **_people(state, change),
        "merged_at": iso(change.merged_at),
        "closed_by": None,
        "closed_at": None,
        "target_branch": change.target_branch,
        "source_branch": change.source_branch,
        "user_notes_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "source_project_id": change.fork or state.project.id,
        "target_project_id": state.project.id,
        "labels": list(change.labels),
        **_merge_facts(change),
        "discussion_locked": None,
        "should_remove_source_branch": None,
        "force_remove_source_branch": True,
        "prepared_at": iso(change.created_at),
        "time_stats": time_stats(),
        "task_completion_status": {"count": 0, "completed_count": 0},
        "has_conflicts": False,
        "blocking_discussions_resolved": True,
        "approvals_before_merge": None,
    }


def _identity(state: GitLabState, change: MergeRequest) -> dict[str, Any]:
    short = f"!{change.iid}"
    return {
        "id": change.id,
        "iid": change.iid,
        "project_id": state.project.id,
        "title": change.title,
        "description": change.description,
        "state": "merged",
        "created_at": iso(change.created_at),
        "updated_at": iso(change.merged_at),
        "reference": short,
        "references": {"short": short, "relative": short, "full": f"{state.project.path}{short}"},
        "web_url": f"{state.url}/{state.project.path}/-/merge_requests/{change.iid}",
    }


def _people(state: GitLabState, change: MergeRequest) -> dict[str, Any]:
    author, merger = user_basic(state, change.author), user_basic(state, change.merged_by)
    return {
        "merged_by": merger,
        "merge_user": merger,
        "author": author,
        "assignees": [author],
        "assignee": author,
        "reviewers": [user_basic(state, username) for username in change.approved_by],
    }


def _merge_facts(change: MergeRequest) -> dict[str, Any]:
    squashed = change.squash_commit_sha is not None
    return {
        "draft": False,
        "imported": False,
        "imported_from": "none",
        "work_in_progress": False,
        "milestone": None,
        "merge_when_pipeline_succeeds": False,
        "merge_status": "can_be_merged",
        "detailed_merge_status": "not_open",
        "merge_after": None,
        "sha": change.sha,
        "merge_commit_sha": change.merge_commit_sha,
        "squash_commit_sha": change.squash_commit_sha,
        "squash": squashed,
        "squash_on_merge": squashed,
    }


def proposal_row(state: GitLabState, opened: Proposal) -> dict[str, Any]:
    """The row of one that was opened here."""
    author = user_basic(state, opened.author)
    assignees = [user_basic(state, username) for username in opened.assignees]
    head = str(state.repository.commit(opened.source_branch).id)
    told = MergeRequest(
        opened.id,
        opened.iid,
        opened.title,
        opened.description,
        opened.author,
        opened.author,
        opened.source_branch,
        opened.target_branch,
        opened.created_at,
        opened.merged_at or opened.created_at,
        head,
        None,
        None,
        tuple(opened.labels),
    )
    is_merged = opened.merged_at is not None
    return {
        **merge_request_row(state, told),
        "state": opened.state,
        "merged_by": author if is_merged else None,
        "merge_user": author if is_merged else None,
        "merged_at": iso(opened.merged_at),
        "author": author,
        "assignees": assignees,
        "assignee": assignees[0] if assignees else None,
        "detailed_merge_status": "mergeable",
    }


def proposal_single(state: GitLabState, opened: Proposal, level: int) -> dict[str, Any]:
    head = str(state.repository.commit(opened.source_branch).id)
    base = state.repository.merge_base(opened.target_branch, opened.source_branch) or head
    return {
        **proposal_row(state, opened),
        "subscribed": True,
        "changes_count": _counted(len(state.repository.diff(base, head))),
        "latest_build_started_at": None,
        "latest_build_finished_at": None,
        "first_deployed_to_production_at": None,
        "pipeline": None,
        "head_pipeline": None,
        "diff_refs": {"base_sha": base, "head_sha": head, "start_sha": base},
        "merge_error": None,
        "first_contribution": False,
        "user": {"can_merge": level >= 30},
    }


def merge_request_single(state: GitLabState, change: MergeRequest, level: int) -> dict[str, Any]:
    """``level``: the caller's role, which decides ``user.can_merge``."""
    base, start = bounds(state, change)
    return {
        **merge_request_row(state, change),
        "subscribed": False,
        "changes_count": _counted(len(changed_files(state, change))),
        "latest_build_started_at": iso(change.created_at),
        "latest_build_finished_at": iso(change.merged_at),
        "first_deployed_to_production_at": iso(_first_in_production(state, change)),
        "pipeline": None,
        "head_pipeline": None,
        "diff_refs": {"base_sha": base, "head_sha": change.sha, "start_sha": start},
        "merge_error": None,
        "first_contribution": False,
        "user": {"can_merge": level >= 30},
    }


def _first_in_production(state: GitLabState, change: MergeRequest) -> Any:
    places = (place.name for place in state.environments.values() if place.tier == "production")
    shipped = (state.links.of_merge_request(change.iid, name) for name in places)
    return min((row.finished_at for row in shipped if row and row.finished_at), default=None)


def time_stats() -> dict[str, Any]:
    return {
        "time_estimate": 0,
        "total_time_spent": 0,
        "human_time_estimate": None,
        "human_total_time_spent": None,
    }
