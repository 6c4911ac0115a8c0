"""Whether a GitLab has timelines for incidents, by what its GraphQL says of itself."""

from pathlib import Path
from typing import Any

import pytest

from bot.gitlab.client import GitLabClient
from bot.gitlab.timeline import has_timeline
from sandbox.gitlab import BOT_TOKEN, serve_gitlab
from tests.bot.gitlab.fake import FakeGitLab, Reply, client_of
from tests.sandbox.gitlab.small_world import T0, small_world


async def test_a_gitlab_with_timelines_says_so(tmp_path: Path) -> None:
    """The embedded one has the mutation that writes to them."""
    async with (
        serve_gitlab(small_world(tmp_path), lambda: T0) as running,
        client_of(running.url, token=BOT_TOKEN) as client,
    ):
        assert await has_timeline(client) is True


@pytest.mark.parametrize(
    ("answer", "has"),
    [
        ({"data": {"__type": None}}, False),
        ({"errors": [{"message": "introspection is off"}], "data": None}, None),
        (Reply(b"", 502), None),
    ],
)
async def test_one_without_or_one_that_does_not_tell(
    answer: Any,
    has: bool | None,  # noqa: FBT001 - a row of the table
    fake: FakeGitLab,
    client: GitLabClient,
) -> None:
    """A type that is not there is an answer; everything else is none."""
    fake.on("POST", "/api/graphql", answer)

    assert await has_timeline(client) is has
