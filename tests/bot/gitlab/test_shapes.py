"""GitLab's JSON becomes our words, in the forms of old and new servers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from backtrace_core.model import DeploymentStatus
from bot.gitlab.shapes import change_of_merge_request, deployment_of, moment
from tests.bot.sources.rows import BO, WEB, deployment, merge_request, sha


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-21T14:05:00.000Z", datetime(2026, 11, 21, 14, 5, tzinfo=UTC)),
        ("2026-11-21T15:05:00.000+01:00", datetime(2026, 11, 21, 14, 5, tzinfo=UTC)),
        ("2026-11-21T14:05:00", datetime(2026, 11, 21, 14, 5, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
        (5, None),
    ],
)
def test_times_are_utc(text: object, read: datetime | None):
    """Whatever the offset; what is no time is None."""
    assert moment(text) == read


def test_the_player_of_the_job_is_the_deployer():
    """The row's user only made the pipeline; who ran the manual job deployed."""
    row = deployment_of(deployment(502, "b", 1), "shop/web", WEB)

    assert row.deployer is not None
    assert (row.deployer.username, row.url) == ("vani", f"{WEB}/-/jobs/8502")


@pytest.mark.parametrize("status", ["created", "running", "blocked", "skipped"])
def test_what_has_not_finished_has_no_finish(status: str):
    """``updated_at`` is no finish time while the deployment goes on."""
    row = deployment_of(deployment(502, "b", 1, status=status, deployable=None), "shop/web", WEB)

    assert (row.status, row.finished_at) == (DeploymentStatus(status), None)


@pytest.mark.parametrize(
    ("merge", "squash", "main"), [("b", None, "b"), ("b", "c", "b"), (None, "c", "c"), (None, None, "e")]
)
def test_a_merge_request_is_all_its_commits(merge: str | None, squash: str | None, main: str):
    """Merge commit, squash commit, head of the branch: the first that there is leads."""
    row = merge_request(45, merge and sha(merge), squash_commit_sha=squash and sha(squash))
    change = change_of_merge_request(row, "shop/web")

    assert change.sha == sha(main)
    assert change.shas == {sha(letter) for letter in (merge, squash, "e") if letter}
    assert change.key == "shop/web!45"


@pytest.mark.parametrize(
    "more", [{"merge_user": None, "merged_by": BO}, {"merge_user": BO}, {"merge_user": BO, "merged_by": None}]
)
def test_old_and_new_servers_name_the_merger(more: dict[str, Any]):
    """``merged_by`` is deprecated, ``merge_user`` takes its place."""
    change = change_of_merge_request(merge_request(45, sha("b"), **more), "shop/web")

    assert change.merged_by is not None
    assert change.merged_by.username == "bo"


def test_labels_are_names():
    """Plain, or as objects with details."""
    change = change_of_merge_request(merge_request(45, sha("b"), labels=["a", {"name": "b", "id": 1}]), "shop/web")

    assert change.labels == ("a", "b")
