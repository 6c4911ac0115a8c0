"""Throttled reads: GitLab's Retry-After is respected, and bounded."""

import time

import pytest

from bot.gitlab.client import GitLabClient, GitLabRefused
from bot.gitlab.wire import retry_after_s
from tests.bot.gitlab.fake import FakeGitLab, Reply


async def test_retry_after_is_respected(fake: FakeGitLab, client: GitLabClient):
    """A throttled read waits as long as GitLab asks, then goes on."""
    fake.on("GET", "/user", Reply(b"Retry later\n", 429, {"Retry-After": "0.4"}), {"id": 1})
    before = time.monotonic()

    assert await client.get("/user") == {"id": 1}
    assert time.monotonic() - before >= 0.4
    assert len(fake.seen) == 2


async def test_retry_after_is_bounded(fake: FakeGitLab, client: GitLabClient):
    """Nobody waits a minute for a card: a long Retry-After ends the read at once."""
    fake.on("GET", "/user", Reply(b"Retry later\n", 429, {"Retry-After": "60"}))
    before = time.monotonic()

    with pytest.raises(GitLabRefused) as caught:
        await client.get("/user")
    assert (caught.value.status, caught.value.retry_after_s) == (429, 60)
    assert time.monotonic() - before < 1
    assert len(fake.seen) == 1


async def test_endless_throttling_ends(fake: FakeGitLab, client: GitLabClient):
    """Three times "later" is enough."""
    fake.on("GET", "/user", Reply(b"", 429, {"Retry-After": "0"}))

    with pytest.raises(GitLabRefused):
        await client.get("/user")
    assert len(fake.seen) == 3


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "Sat, 21 Nov 2026 14:00:09 GMT", "Date": "Sat, 21 Nov 2026 14:00:00 GMT"}, 9),
        ({"Retry-After": "Sat, 21 Nov 2026 14:00:09 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None):
    """Whole seconds, fractions, HTTP dates; nonsense is no wait, never an error."""
    assert retry_after_s(headers) == seconds
