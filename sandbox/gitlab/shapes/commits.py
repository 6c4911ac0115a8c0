"""Commits, diffs, blame. Everything comes from git."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pygit2.enums import DeltaStatus

from sandbox.gitlab.repository import Blame, Commit, FileChange, moment
from sandbox.gitlab.shapes.times import iso_local
from sandbox.gitlab.state import GitLabState

LARGEST_PATCH = 200 * 1024
"""GitLab.com's limit for one file, in bytes."""

_GENERATED = ("uv.lock", "poetry.lock", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "Gemfile.lock", "go.sum")


def title(commit: Commit) -> str:
    return str(commit.message.split("\n", 1)[0])


def commit_short(commit: Commit) -> dict[str, Any]:
    """The form in blame."""
    return {
        "id": str(commit.id),
        "parent_ids": [str(parent) for parent in commit.parent_ids],
        "message": commit.message,
        "authored_date": iso_local(moment(commit.author)),
        "author_name": commit.author.name,
        "author_email": commit.author.email,
        "committed_date": iso_local(moment(commit.committer)),
        "committer_name": commit.committer.name,
        "committer_email": commit.committer.email,
    }


def commit_basic(state: GitLabState, commit: Commit) -> dict[str, Any]:
    sha = str(commit.id)
    trailers = dict(commit.message_trailers)
    return {
        **commit_short(commit),
        "short_id": sha[:8],
        "created_at": iso_local(moment(commit.committer)),
        "title": title(commit),
        "trailers": trailers,
        "extended_trailers": {key: [value] for key, value in trailers.items()},
        "web_url": f"{state.url}/{state.project.path}/-/commit/{sha}",
    }


def commit_detail(state: GitLabState, commit: Commit) -> dict[str, Any]:
    changes = state.repository.changes_of(str(commit.id))
    additions, deletions = (sum(change.additions for change in changes), sum(change.deletions for change in changes))
    return {
        **commit_basic(state, commit),
        "stats": {"additions": additions, "deletions": deletions, "total": additions + deletions},
        "status": None,
        "project_id": state.project.id,
        "last_pipeline": None,
    }


def diff_entity(change: FileChange) -> dict[str, Any]:
    """Without ``unidiff`` the text starts at ``@@``; binary files and those above the size limit have none."""
    too_large = len(change.text.encode()) > LARGEST_PATCH
    return {
        "diff": "" if too_large else change.text,
        "collapsed": False,
        "too_large": too_large,
        "new_path": change.new_path,
        "old_path": change.old_path,
        "a_mode": change.old_mode,
        "b_mode": change.new_mode,
        "new_file": change.status == DeltaStatus.ADDED,
        "renamed_file": change.status == DeltaStatus.RENAMED,
        "deleted_file": change.status == DeltaStatus.DELETED,
        "generated_file": None,
    }


def merge_request_diff(change: FileChange) -> dict[str, Any]:
    """Generated files come collapsed, without text."""
    if not change.new_path.endswith(_GENERATED):
        return diff_entity(change)
    return {**diff_entity(change), "diff": "", "collapsed": True, "generated_file": True}


def blame_runs(runs: Iterable[Blame]) -> list[dict[str, Any]]:
    return [{"commit": commit_short(run.commit), "lines": list(run.lines)} for run in runs]
