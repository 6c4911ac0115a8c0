"""Writing to the repository: a new branch, and the revert of a commit on one (GITLAB.md 1.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pygit2

from sandbox.gitlab.answers import RefusalError
from sandbox.gitlab.repository import Commit, Repository
from sandbox.worlds.model import MergeRequest, User

CONFLICT = (
    "Sorry, we cannot revert this commit automatically. This commit may already have been reverted, or a more recent "
    "commit may have updated some of its content."
)


def create_branch(repository: Repository, name: str, sha: str) -> None:
    git = repository.to_write_in()
    git.branches.local.create(name, git[sha])


def revert(repository: Repository, commit: Commit, branch: str, change: MergeRequest | None) -> tuple[str, Any]:
    """The message and the tree of the revert, against the head of the branch. A merge goes by its first parent.

    ``change``: the merge request of which the commit is the merge.

    :raises RefusalError: 400 with ``conflict``, or with ``empty`` where nothing is left to take back.
    """
    git = repository.to_write_in()
    head = repository.commit(branch)
    mainline = 1 if len(commit.parents) > 1 else 0
    index = git.revert_commit(git[commit.id], git[head.id], mainline)
    if index.conflicts is not None:
        raise RefusalError(400, {"message": CONFLICT, "error_code": "conflict"})
    tree = index.write_tree(git)
    if tree == head.tree.id:
        raise RefusalError(400, {"message": CONFLICT, "error_code": "empty"})
    what = f"merge request !{change.iid}" if change is not None else f"commit {commit.id}"
    title = commit.message.split("\n", 1)[0]
    return f'Revert "{title}"\n\nThis reverts {what}', tree


def commit_on(repository: Repository, branch: str, made: tuple[str, Any], user: User, at: datetime) -> Commit:
    message, tree = made
    git = repository.to_write_in()
    by = pygit2.Signature(user.name, user.email, int(at.timestamp()), 0)
    head = repository.commit(branch)
    sha = git.create_commit(f"refs/heads/{branch}", by, by, message, tree, [head.id])
    return git[sha]
