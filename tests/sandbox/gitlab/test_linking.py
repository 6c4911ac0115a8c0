"""By which commits a merge request counts as shipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pygit2
import pytest

from sandbox.gitlab import GitLabState
from sandbox.worlds.model import MergeRequest, World
from tests.sandbox.gitlab.asking import Clock


def state_with(world: World, clock: Clock, change: Callable[[MergeRequest], MergeRequest]) -> GitLabState:
    """The state of ``world`` with !88 changed, after the worker ran."""
    merged = tuple(change(mr) if mr.iid == 88 else mr for mr in world.merge_requests)
    state = GitLabState(replace(world, merge_requests=merged), clock)
    state.link_now()
    return state


def shipped(state: GitLabState) -> set[int]:
    return state.links.of_deployment(state.deployments[502])


@pytest.mark.parametrize(
    ("known_by", "linked"),
    [
        ({"squash_commit_sha": "bad", "merge_commit_sha": None}, True),
        ({"sha": "bad", "merge_commit_sha": None}, True),
        ({"merge_commit_sha": "0" * 40}, False),
    ],
)
def test_merge_squash_or_head(world: World, clock: Clock, known_by: dict[str, str | None], linked: bool) -> None:  # noqa: FBT001
    """A squash commit counts, a fast-forwarded head as well; a merge commit outside the range does not."""
    bad = next(told.sha for told in world.deployments if told.id == 502)
    names = {key: bad if value == "bad" else value for key, value in known_by.items()}
    state = state_with(world, clock, lambda change: replace(change, **names))

    assert (88 in shipped(state)) is linked


def test_a_cherry_pick_counts(world: World, clock: Clock, tmp_path: Path) -> None:
    """A commit that says where it was picked from ships the merge request of its origin."""
    git = pygit2.Repository(str(world.project.repository))
    bad = git[next(told.sha for told in world.deployments if told.id == 502)]
    good = next(told.sha for told in world.deployments if told.id == 501)
    message = f"Share the pool\n\n(cherry picked from commit {bad.id})\n"
    picked = str(git.create_commit(None, bad.author, bad.committer, message, bad.tree.id, [good]))
    moved = tuple(replace(told, sha=picked) if told.id == 502 else told for told in world.deployments)
    state = state_with(replace(world, deployments=moved), clock, lambda change: change)

    assert shipped(state) == {88}


def test_previous_is_by_id(world: World, clock: Clock) -> None:
    """Of two successes the one with the smaller id is the previous one, even if it finished later.

    The younger pipeline's deployment finished first: it is the first of the environment, so everything is its.
    """
    first, second, other = world.deployments
    late = replace(first, finished_at=world.t0)
    state = GitLabState(replace(world, deployments=(late, second, other)), clock)
    clock.on(5)
    state.link_now()

    assert shipped(state) == {86, 87, 88}
    assert state.links.of_deployment(state.deployments[501]) == set()
