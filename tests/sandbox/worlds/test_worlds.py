"""What holds in every told world."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pygit2
import pytest

from sandbox.worlds import build, names
from sandbox.worlds.model import World
from tests.sandbox.worlds.conftest import T0
from tests.sandbox.worlds.history import contains, files_at, first_parents, landed, opened, shas_of

every_world = pytest.mark.parametrize("name", names())
every_named_culprit = pytest.mark.parametrize(
    "name", [name for name in names() if name not in ("outage", "thin", "flag")]
)


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    """Who mistypes a name learns which worlds there are."""
    with pytest.raises(ValueError, match=r"no world 'logni'; there are: login"):
        build("logni", T0, tmp_path)


@every_world
def test_every_sha_resolves(worlds: dict[str, World], name: str) -> None:
    """No deployment and no merge request names a commit that git does not have."""
    world = worlds[name]
    repository = opened(world)

    assert all(sha in repository for sha in shas_of(world))
    assert repository.head.shorthand == world.project.default_branch


@every_world
def test_the_same_moment_gives_the_same_shas(worlds: dict[str, World], name: str, tmp_path: Path) -> None:
    """A world is a function of its moment: shas, ids and times repeat, and another moment gives other shas."""
    again = build(name, T0, tmp_path / "again")
    later = build(name, T0 + timedelta(days=1), tmp_path / "later")

    assert again.merge_requests == worlds[name].merge_requests
    assert again.deployments == worlds[name].deployments
    assert again.expect == worlds[name].expect
    assert not set(shas_of(later)) & set(shas_of(again))


@every_world
def test_the_story_ends_with_the_alert(worlds: dict[str, World], name: str) -> None:
    """Nothing is merged, created or finished after the alert, and times of one thing stand in order."""
    world = worlds[name]

    for change in world.merge_requests:
        assert change.created_at < change.merged_at <= T0
    for deployment in world.deployments:
        times = [deployment.created_at, deployment.started_at, deployment.finished_at]
        known = [time for time in times if time is not None]
        assert known == sorted(known)
        assert known[-1] <= T0
    assert all(issue.created_at < (issue.closed_at or T0) <= T0 for issue in world.issues)
    assert all(commit.commit_time <= T0.timestamp() for commit in first_parents(world))


@every_world
def test_ids_are_unique_and_grow(worlds: dict[str, World], name: str) -> None:
    """Ids are global and grow with creation; a pipeline may have several jobs, a job one deployment."""
    world = worlds[name]
    by_creation = sorted(world.deployments, key=lambda d: (d.created_at, d.id))

    assert [d.id for d in by_creation] == sorted({d.id for d in world.deployments})
    assert [d.job_id for d in by_creation] == sorted({d.job_id for d in world.deployments})
    assert [d.iid for d in by_creation] == list(range(1, len(by_creation) + 1))
    assert len({change.id for change in world.merge_requests}) == len(world.merge_requests)
    assert [change.iid for change in world.merge_requests] == sorted({c.iid for c in world.merge_requests})


@every_world
def test_everybody_who_acts_is_known(worlds: dict[str, World], name: str) -> None:
    """Authors, mergers, deployers and pressers are users of the world; who presses is in Slack and may deploy."""
    world = worlds[name]
    users = {user.username: user for user in world.users}
    acting = {change.author for change in world.merge_requests} | {c.merged_by for c in world.merge_requests}
    acting |= {deployment.user for deployment in world.deployments} | {issue.author for issue in world.issues}
    acting |= {d.played_by for d in world.deployments if d.played_by}
    pressers = {step.user for step in world.script if step.kind in {"press", "submit"}}

    assert acting <= set(users)
    assert all(users[name].slack_id and users[name].access_level >= 40 for name in pressers)
    assert len({user.slack_id for user in world.users if user.slack_id}) == sum(not u.bot for u in world.users)


@every_world
def test_closed_work_items_are_said_to_be_closed(worlds: dict[str, World], name: str) -> None:
    """A merge request that closes a work item says so in its description, as GitLab needs it."""
    world = worlds[name]
    issues = {issue.iid: issue for issue in world.issues}

    for change in world.merge_requests:
        for iid in change.closes:
            assert f"Closes #{iid}" in change.description
            assert issues[iid].closed_at == change.merged_at
            assert issues[iid].created_at < change.created_at


@every_world
def test_merge_commits_join_the_branch_to_main(worlds: dict[str, World], name: str) -> None:
    """A merge commit's second parent is the branch's head or its squash; the first parent is the main line."""
    world = worlds[name]
    repository = opened(world)
    line = {str(commit.id) for commit in first_parents(world)}

    for change in world.merge_requests:
        assert landed(change) in line
        if change.merge_commit_sha:
            commit = repository[change.merge_commit_sha].peel(pygit2.Commit)
            assert str(commit.parent_ids[1]) == (change.squash_commit_sha or change.sha)
            assert commit.message.startswith(f"Merge branch '{change.source_branch}' into 'main'\n\n{change.title}\n\n")


@every_named_culprit
def test_going_back_leaves_the_culprit_behind(worlds: dict[str, World], name: str) -> None:
    """The suspect's deployment contains the culprit; the target is a success without it and the newest such."""
    world = worlds[name]
    assert world.expect is not None
    shipped = world.expect.via or world.expect.culprit
    culprit = next(change for change in world.merge_requests if change.iid == shipped)
    production = [d for d in world.deployments if d.environment == world.environments[0].name]
    bad = next(d for d in production if d.id == world.expect.deployment)
    free = [d for d in production if d.status == "success" and not contains(world, d, culprit)]
    newest = max(free, key=lambda d: d.finished_at or T0)

    assert contains(world, bad, culprit)
    assert (newest.id, newest.sha[:8]) == (world.expect.target, world.expect.sha)


@every_world
def test_python_files_are_python(worlds: dict[str, World], name: str) -> None:
    """What is deployed could run: every Python file of every deployed commit compiles."""
    world = worlds[name]

    for sha in {deployment.sha for deployment in world.deployments}:
        for path, text in files_at(world.project.repository, sha).items():
            if path.endswith(".py"):
                compile(text, f"{sha[:8]}:{path}", "exec")
