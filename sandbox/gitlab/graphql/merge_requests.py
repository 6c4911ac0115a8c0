"""Merge requests in GraphQL: no hunks, and no way from a deployment to them."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab.graphql.context import Context, Fields, Info, connection, gid, labels, user
from sandbox.gitlab.routing import REPORTER
from sandbox.gitlab.shapes import merge_requests as shapes
from sandbox.gitlab.shapes.times import iso
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import MergeRequest


def merge_requests(info: Info, **arguments: Any) -> Fields | None:
    context: Context = info.context
    if context.level < REPORTER:
        return None
    wanted = set(arguments.get("iids") or ())
    changes = (change for change in context.state.merge_requests.values() if not wanted or str(change.iid) in wanted)
    return connection((_merge_request(context.state, change) for change in changes), arguments.get("first"))


def _merge_request(state: GitLabState, change: MergeRequest) -> Fields:
    files = shapes.changed_files(state, change)
    additions, deletions = sum(file.additions for file in files), sum(file.deletions for file in files)
    summary = {"fileCount": len(files), "additions": additions, "deletions": deletions}
    return {
        "id": gid("MergeRequest", change.id),
        "iid": str(change.iid),
        "title": change.title,
        "description": change.description,
        "state": "merged",
        "webUrl": f"{state.url}/{state.project.path}/-/merge_requests/{change.iid}",
        "createdAt": iso(change.created_at),
        "mergedAt": iso(change.merged_at),
        "mergeCommitSha": change.merge_commit_sha,
        "diffHeadSha": change.sha,
        "commitCount": len(shapes.commits(state, change)),
        "author": user(state, change.author),
        "mergeUser": user(state, change.merged_by),
        "approvedBy": {"nodes": [user(state, username) for username in change.approved_by]},
        "labels": labels(state, change.labels),
        "diffStatsSummary": {**summary, "changes": additions + deletions},
        "diffStats": [
            {"path": file.new_path, "additions": file.additions, "deletions": file.deletions} for file in files
        ],
    }
