"""Asking a world's repository, for the tests here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pygit2
from pygit2.enums import SortMode

from sandbox.worlds.model import Deployment, MergeRequest, World


def opened(world: World) -> pygit2.Repository:
    return pygit2.Repository(str(world.project.repository))


def shas_of(world: World) -> Iterator[str]:
    """Every sha that the world names."""
    for deployment in world.deployments:
        yield deployment.sha
    for change in world.merge_requests:
        yield from (sha for sha in (change.sha, change.merge_commit_sha, change.squash_commit_sha) if sha)


def landed(change: MergeRequest) -> str:
    """The commit by which the default branch got the change."""
    return change.merge_commit_sha or change.squash_commit_sha or change.sha


def contains(world: World, deployment: Deployment, change: MergeRequest) -> bool:
    sha = pygit2.Oid(hex=landed(change))
    tip = pygit2.Oid(hex=deployment.sha)
    return sha == tip or opened(world).descendant_of(tip, sha)


def paths_of(world: World, change: MergeRequest) -> frozenset[str]:
    """The files that the change touched on the default branch."""
    diff = _diff(world, change)
    return frozenset(delta.new_file.path for delta in diff.deltas)


def diff_of(world: World, change: MergeRequest) -> str:
    return _diff(world, change).patch or ""


def _diff(world: World, change: MergeRequest) -> pygit2.Diff:
    commit = opened(world)[landed(change)].peel(pygit2.Commit)
    return commit.parents[0].tree.diff_to_tree(commit.tree)


def first_parents(world: World) -> list[pygit2.Commit]:
    repository = opened(world)
    walker = repository.walk(repository.head.target, SortMode.TOPOLOGICAL)
    walker.simplify_first_parent()
    return list(walker)


def files_at(path: Path, sha: str) -> dict[str, str]:
    tree = pygit2.Repository(str(path))[sha].peel(pygit2.Tree)
    return dict(_files(tree, ""))


def _files(tree: pygit2.Tree, folder: str) -> Iterator[tuple[str, str]]:
    for entry in tree:
        if isinstance(entry, pygit2.Tree):
            yield from _files(entry, f"{folder}{entry.name}/")
        elif isinstance(entry, pygit2.Blob):
            yield f"{folder}{entry.name}", entry.data.decode()
