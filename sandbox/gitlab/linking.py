"""Which merge requests a deployment shipped, as GitLab's worker finds out after success (GITLAB.md 1.2).

A merge request stays with the first deployment of an environment that shipped it, so rollbacks and re-deploys of
shipped code have none; neither have deployments of foldered environments outside production and staging.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.gitlab.records import Deployment
from sandbox.worlds.model import MergeRequest

if TYPE_CHECKING:
    from sandbox.gitlab.state import GitLabState

_PICKED = re.compile(r"\(cherry picked from commit ([0-9a-f]{40})\)")


class Links:
    def __init__(self, state: GitLabState) -> None:
        self._state = state
        self._done: set[int] = set()
        self._of: dict[tuple[str, int], int] = {}

    def of_deployment(self, deployment: Deployment) -> set[int]:
        """The iids of the merge requests that stand with this deployment."""
        return {iid for (_, iid), deployment_id in self._of.items() if deployment_id == deployment.id}

    def of_merge_request(self, iid: int, environment: str) -> Deployment | None:
        deployment_id = self._of.get((environment, iid))
        return self._state.deployments[deployment_id] if deployment_id is not None else None

    def settle(self, now: datetime) -> None:
        """Run the worker for the deployments whose delay is over."""
        if self._state.options.link_after is not None:
            self._run(now - timedelta(seconds=self._state.options.link_after))

    def run(self) -> None:
        self._run(self._state.now())

    def _run(self, finished_by: datetime) -> None:
        due = [
            (deployment.finished_at, deployment.id)
            for deployment in self._state.deployments.values()
            if deployment.status == "success" and deployment.id not in self._done and deployment.finished_at
        ]
        for finished_at, deployment_id in sorted(due):
            if finished_at <= finished_by:
                self._done.add(deployment_id)
                self._link(self._state.deployments[deployment_id], finished_at)

    def _link(self, deployment: Deployment, finished_at: datetime) -> None:
        if not self._trackable(deployment.environment):
            return
        shas = self._shipped(deployment, self._previous(deployment, finished_at))
        for change in self._state.merge_requests.values():
            if change.merged_at <= finished_at and _is_in(change, shas, deployment.ref):
                self._of.setdefault((deployment.environment, change.iid), deployment.id)

    def _trackable(self, environment: str) -> bool:
        tier = self._state.environments[environment].tier
        return "/" not in environment or tier in {"production", "staging"}

    def _previous(self, deployment: Deployment, at: datetime) -> Deployment | None:
        # By id among the successes, not by finish time and not bound to the ref: GitLab's own order.
        older = [
            other
            for other in self._state.deployments.values()
            if other.environment == deployment.environment
            and other.status == "success"
            and other.id < deployment.id
            and other.finished_at is not None
            and other.finished_at <= at
        ]
        return max(older, key=lambda other: other.id, default=None)

    def _shipped(self, deployment: Deployment, previous: Deployment | None) -> set[str] | None:
        """The commits since the previous success, with the origins of cherry-picks; None without a previous."""
        if previous is None:
            return None
        commits = self._state.repository.between(previous.sha, deployment.sha)
        picked = {sha for commit in commits for sha in _PICKED.findall(commit.message)}
        return {str(commit.id) for commit in commits} | picked


def _is_in(change: MergeRequest, shas: set[str] | None, ref: str) -> bool:
    # An environment's first deployment is linked to everything that was ever merged into its branch.
    return change.target_branch == ref if shas is None else bool(merged_as(change) & shas)


def merged_as(change: MergeRequest) -> set[str]:
    """The commits by which a merge request is known: merge, squash, or for a fast-forward the branch's head."""
    shas = {change.merge_commit_sha, change.squash_commit_sha} - {None}
    return {sha for sha in shas if sha} or {change.sha}
