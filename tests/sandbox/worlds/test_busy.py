"""The busy world: as big as it says, the same every time, and true to git."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.gitlab.options import GitLabOptions
from sandbox.gitlab.repository import Repository
from sandbox.gitlab.state import GitLabState
from sandbox.worlds import busy
from sandbox.worlds.model import World

T0 = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return busy.build(T0, tmp_path_factory.mktemp("busy"))


def test_it_is_as_big_as_it_says(world: World):
    """Twenty deployments of the last day after one before it, two hundred merge requests, two thousand files."""
    day = [row for row in world.deployments if row.finished_at and row.finished_at > T0 - timedelta(hours=24)]
    repository = Repository(world.project.repository)
    files = repository.diff(world.deployments[0].sha, world.deployments[-1].sha)

    assert (len(world.deployments), len(day), len(world.merge_requests), len(files)) == (21, 20, 200, 2_000)
    assert all(row.finished_at and row.finished_at < T0 for row in world.deployments)


def test_each_merge_request_changes_ten_files(world: World):
    """Its branch against where it left off, and its merge against what was there before."""
    repository = Repository(world.project.repository)
    for change in world.merge_requests[::40]:
        assert len(repository.changes_of(change.sha)) == len(repository.changes_of(change.merge_commit_sha or "")) == 10


def test_each_deployment_ships_ten_merge_requests(world: World):
    """As GitLab's own worker finds it out; the culprit comes with the deployment that the world says."""
    state = GitLabState(world, lambda: T0, GitLabOptions(link_after=0.0))
    state.link_now()
    shipped = [state.links.of_deployment(row) for row in state.deployments.values()]

    assert [len(iids) for iids in shipped] == [0, *[10] * 20]
    bad = state.deployments[world.expect.deployment or 0]
    assert world.expect.culprit in state.links.of_deployment(bad)


def test_the_same_moment_gives_the_same_shas(world: World, tmp_path: Path):
    """Whatever the folder."""
    again = busy.build(T0, tmp_path)

    assert [row.sha for row in again.deployments] == [row.sha for row in world.deployments]
    assert again.merge_requests == world.merge_requests


def test_the_trace_in_the_alert_points_at_the_culprits_line(world: World):
    """The line that the alert prints is the one that the culprit wrote."""
    text = str(world.alert.firing["attachments"][0]["text"])
    path, _, rest = text.partition('File "/srv/mono/')[2].partition('", line ')
    line = int(rest.partition(",")[0])
    content = Repository(world.project.repository).file(path, world.deployments[-1].sha).decode().splitlines()

    assert "settled_refunds" in content[line - 1]
