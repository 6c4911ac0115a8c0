"""What is confidential, or more private than the service itself, never leaves the source."""

from typing import Any

import pytest

from bot.gitlab.client import GitLabClient
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.sources.rows import P, harvest, issue, plan_project, project


@pytest.mark.parametrize(
    ("spoil", "kept"),
    [
        ({}, True),
        ({"confidential": True}, False),
        ({"confidential": None}, False),
        ({"web_url": None}, False),
        ({"project_id": 99}, False),
    ],
)
async def test_confidential_issues_never_leave(
    fake: FakeGitLab,
    client: GitLabClient,
    spoil: dict[str, Any],
    kept: bool,  # noqa: FBT001 - a column of the table
):
    """Confidential ones are dropped, also when the answer does not say; so are stubs, and unreadable projects'."""
    plan_project(fake)
    fake.on("GET", "/projects/99", Reply({"message": "404 Project Not Found"}, 404))
    fake.on("GET", f"{P}/merge_requests/45/closes_issues", [issue(1, title="the secret", **spoil)])
    found = await harvest(client)

    assert bool(found.changes[0].work_items) is kept
    assert ("the secret" in repr(found)) is kept


@pytest.mark.parametrize(
    ("own", "other", "kept"),
    [
        ("public", {"visibility": "private"}, False),
        ("internal", {"visibility": "private"}, False),
        ("public", {"visibility": "internal"}, False),
        ("private", {"visibility": "private"}, True),
        ("private", {"visibility": "public"}, True),
        ("public", {"visibility": "public", "issues_access_level": "private"}, False),
        ("public", {}, False),
    ],
)
async def test_more_private_projects_stay_private(
    fake: FakeGitLab,
    client: GitLabClient,
    own: str,
    other: dict[str, str],
    kept: bool,  # noqa: FBT001 - a column of the table
):
    """An issue of a project that is more private than the service's own never leaves the source."""
    plan_project(fake)
    fake.on("GET", P, project(own))
    fake.on(
        "GET", "/projects/99", {"id": 99, "path_with_namespace": "shop/plans", "web_url": "https://x.test", **other}
    )
    fake.on("GET", f"{P}/merge_requests/45/closes_issues", [issue(7, project_id=99, title="the secret")])
    found = await harvest(client)

    assert [item.project for item in found.changes[0].work_items] == (["shop/plans"] if kept else [])
    assert ("the secret" in repr(found)) is kept
