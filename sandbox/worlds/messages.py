"""What GitLab writes into the commits that it makes."""

from __future__ import annotations

from sandbox.worlds.story import Merge


def merge_message(merge: Merge, project: str, branch: str) -> str:
    """GitLab's default merge commit message (docs.gitlab.com/user/project/merge_requests/commit_templates)."""
    parts = [f"Merge branch '{merge.branch}' into '{branch}'", merge.title]
    if merge.closes:
        parts.append("Closes " + " and ".join(f"#{iid}" for iid in merge.closes))
    return "\n\n".join([*parts, f"See merge request {project}!{merge.iid}"])
