"""The command that takes a merge request back, by how it was merged.

Merge methods: docs.gitlab.com/user/project/merge_requests/methods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backtrace_core.model import Change, ChangeKind
from bot.gitlab.client import GitLabClient
from bot.gitlab.paths import in_project

SHA = re.compile(r"[0-9a-f]{7,64}")


async def revert_command(client: GitLabClient, change: Change) -> str:
    """The command, or empty where there is none: a flag, a job, a merge request that GitLab tells too little of.

    :raises GitLabError: when the merge request can't be read.
    """
    if change.kind is ChangeKind.COMMIT:
        return commit_command(change.sha)
    if change.kind is not ChangeKind.MERGE_REQUEST or change.iid is None:
        return ""
    return command_of(await client.get(in_project(change.project, "merge_requests", change.iid)))


def command_of(row: Mapping[str, Any]) -> str:
    """From a merge request's row: a merge commit needs to be told which side stays, a squash is one commit, and a
    fast-forward is the range of its commits."""
    _, squashed, head = _shas(row)
    refs = row.get("diff_refs")
    base = str(refs.get("base_sha") or "") if isinstance(refs, Mapping) else ""
    one = merged_by(row)
    if one:
        return commit_command(one, "" if one == squashed else "-m 1 ")
    if SHA.fullmatch(base) and SHA.fullmatch(head):
        return f"git revert --no-edit {base}..{head}"
    return ""


def merged_by(row: Mapping[str, Any]) -> str:
    """The one commit that brought it, to be reverted as a whole; empty where it was several of a fast-forward."""
    merged, squashed, head = _shas(row)
    # Some servers repeat the squashed commit, or the head, as the merge commit of a fast-forward: it has one parent.
    return merged if merged and merged not in (squashed, head) else squashed


def _shas(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Merge commit, squashed commit, and head of the source branch."""
    merged, squashed, head = (str(row.get(f"{name}sha") or "") for name in ("merge_commit_", "squash_commit_", ""))
    return merged, squashed, head


def commit_command(sha: str, how: str = "") -> str:
    return f"git revert {how}{sha}" if SHA.fullmatch(sha) else ""
