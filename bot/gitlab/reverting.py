"""A merge request that takes a change back: its branch, one revert a commit, opened once.

GitLab reverts a commit onto a branch that is there already (docs.gitlab.com/api/commits: revert a commit); a merge goes
by its first parent. Each write looks first how far an earlier one came, so that any of it may be done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from backtrace_core.model import Change, ChangeKind
from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused, GitLabUnavailable
from bot.gitlab.paths import in_project
from bot.gitlab.revert import SHA, command_of, commit_command, merged_by

MOST_COMMITS = 20
"""Of a fast-forward. Each is a commit of its own on the new branch; of more, one command does it better."""
_STATES = ("opened", "merged")


class CannotRevertError(GitLabError):
    """GitLab can't take it back by itself. ``command`` does it by hand, on ``branch`` where that is not empty."""

    def __init__(self, why: str, command: str = "", branch: str = "") -> None:
        super().__init__(why)
        self.command = command
        self.branch = branch


@dataclass(frozen=True, slots=True)
class WayBack:
    """Which commits to revert, newest first, on which branch; ``command`` is the same by hand. ``author`` is the number
    of whoever GitLab says wrote it."""

    shas: tuple[str, ...]
    target: str
    command: str
    author: int | None = None


@dataclass(frozen=True, slots=True)
class NewRevert:
    """What is to be opened: ``branch`` is a name of its own, by which it is found again."""

    project: str
    branch: str
    way: WayBack
    title: str
    description: str
    assignee: int | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """``label`` is ``!47``; ``state`` GitLab's: opened, merged, closed. ``is_new``: it was opened just now."""

    label: str
    url: str
    state: str
    is_new: bool


async def way_back(client: GitLabClient, change: Change) -> WayBack:
    """How to take a change back, by how it was merged.

    :raises CannotRevertError: where one can't, with why.
    :raises GitLabError: when GitLab can't be asked.
    """
    if change.kind is ChangeKind.COMMIT:
        if not SHA.fullmatch(change.sha):
            raise CannotRevertError(f"nothing is known of {change.label} that could be reverted")
        row = await client.get(in_project(change.project))
        return WayBack((change.sha,), str(row.get("default_branch") or "main"), commit_command(change.sha))
    if change.kind is not ChangeKind.MERGE_REQUEST or change.iid is None:
        raise CannotRevertError(f"{change.called} is no merge request and no commit")
    row = await client.get(in_project(change.project, "merge_requests", change.iid))
    command, target = command_of(row), str(row.get("target_branch") or "")
    if not command or not target:
        raise CannotRevertError(f"GitLab does not tell by which commits {change.label} was merged")
    merged = merged_by(row)
    shas = (merged,) if merged else await _forwarded(client, change, command)
    author = row.get("author")
    wrote = author.get("id") if isinstance(author, Mapping) else None
    return WayBack(shas, target, command, wrote if isinstance(wrote, int) else None)


async def _forwarded(client: GitLabClient, change: Change, command: str) -> tuple[str, ...]:
    """The commits of a fast-forward, newest first."""
    path = in_project(change.project, "merge_requests", change.iid or 0, "commits")
    rows = await client.list_all(path, limit=MOST_COMMITS + 1)
    shas = tuple(str(row.get("id") or "") for row in rows)
    if len(rows) > MOST_COMMITS:
        raise CannotRevertError(f"{change.label} came by fast-forward with more than {MOST_COMMITS} commits", command)
    if any(len(row.get("parent_ids") or ()) > 1 for row in rows):
        raise CannotRevertError(f"{change.label} came by fast-forward with a merge among its commits", command)
    if not shas or not all(SHA.fullmatch(sha) for sha in shas):
        raise CannotRevertError(f"GitLab does not tell by which commits {change.label} was merged", command)
    return shas


async def open_revert(client: GitLabClient, new: NewRevert) -> Opened:
    """Open it, unless it stands already, whatever became of it. ``client`` has the token of whoever asked.

    :raises CannotRevertError: where GitLab does not revert by itself; the branch is left for doing it by hand.
    :raises OutcomeUnknown: some of it may be done: the next call finds it.
    """
    found = await standing_revert(client, new.project, new.branch)
    if found is not None:
        return found
    await _make_branch(client, new)
    for sha in new.way.shas[await _reverted(client, new) :]:
        await _revert(client, new, sha)
    return await _open(client, new)


async def standing_revert(client: GitLabClient, project: str, branch: str) -> Opened | None:
    """The merge request of that branch: an open or merged one, else one that somebody closed."""
    rows = await client.list_all(in_project(project, "merge_requests"), limit=20, source_branch=branch, state="all")
    found = sorted(rows, key=lambda row: (row.get("state") in _STATES, int(row["iid"])))
    return _opened(found[-1], is_new=False) if found else None


async def _make_branch(client: GitLabClient, new: NewRevert) -> None:
    branches = in_project(new.project, "repository", "branches")
    if await _has_branch(client, new):
        return
    try:
        await client.post(branches, {"branch": new.branch, "ref": new.way.target})
    except GitLabRefused as error:
        if error.status != HTTPStatus.BAD_REQUEST or not await _has_branch(client, new):
            raise


async def _has_branch(client: GitLabClient, new: NewRevert) -> bool:
    path = in_project(new.project, "repository", "branches")
    rows = await client.list_all(path, limit=100, search=new.branch)
    return any(row.get("name") == new.branch for row in rows)


async def _reverted(client: GitLabClient, new: NewRevert) -> int:
    """How many commits the branch has beyond its target: one for each revert that was made."""
    ends = {"from": new.way.target, "to": new.branch}
    row = await client.get(in_project(new.project, "repository", "compare"), **ends)
    commits = row.get("commits")
    return len(commits) if isinstance(commits, list) else 0


async def _revert(client: GitLabClient, new: NewRevert, sha: str) -> None:
    try:
        await client.post(in_project(new.project, "repository", "commits", sha, "revert"), {"branch": new.branch})
    except GitLabRefused as error:
        if error.status == HTTPStatus.BAD_REQUEST:
            why = f"GitLab can't revert {sha[:8]} by itself ({error})"
            raise CannotRevertError(why, new.way.command, new.branch) from error
        raise


async def _open(client: GitLabClient, new: NewRevert) -> Opened:
    body: dict[str, Any] = {
        "source_branch": new.branch,
        "target_branch": new.way.target,
        "title": new.title,
        "description": new.description,
        "remove_source_branch": True,
    }
    if new.assignee is not None:
        body["assignee_ids"] = [new.assignee]
    if new.labels:
        body["labels"] = [*new.labels]
    try:
        return _opened(await client.post(in_project(new.project, "merge_requests"), body), is_new=True)
    except GitLabRefused as error:
        found = await standing_revert(client, new.project, new.branch) if error.status == HTTPStatus.CONFLICT else None
        if found is None:
            raise
        return found


def _opened(row: Mapping[str, Any], *, is_new: bool) -> Opened:
    try:
        return Opened(f"!{int(row['iid'])}", str(row["web_url"]), str(row.get("state") or ""), is_new)
    except (KeyError, TypeError, ValueError) as error:
        raise GitLabUnavailable("a merge request has an unexpected form") from error
