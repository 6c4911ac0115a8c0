"""Pages of a list: side by side where GitLab counts them, one after the other where it does not."""

import asyncio
import time

from bot.gitlab.client import GitLabClient
from tests.bot.gitlab.fake import FakeGitLab, Reply

NEXT = {"Link": '<http://elsewhere.invalid/api/v4/x?page=2>; rel="next"'}


def plan(fake: FakeGitLab, pages: int, *, counted: bool, delay_s: float = 0.0) -> None:
    more = {**NEXT, **({"X-Total-Pages": str(pages)} if counted else {})}
    answers = {
        str(page): Reply([{"n": page}], headers=more if page < pages else {}, delay_s=delay_s)
        for page in range(1, pages + 1)
    }
    fake.on_query("GET", "/x", "page", answers, [])


def asked(fake: FakeGitLab) -> list[str]:
    return [seen.query["page"] for seen in fake.sent("GET", "/x")]


async def test_counted_pages_are_read_side_by_side(fake: FakeGitLab, client: GitLabClient):
    """Six pages take two rounds, and come in their order."""
    plan(fake, 6, counted=True, delay_s=0.2)
    before = time.monotonic()
    rows = await client.list_all("/x", limit=1000)

    assert [row["n"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert fake.most_at_once == 5
    assert time.monotonic() - before < 6 * 0.2


async def test_pages_that_nobody_counted_are_followed(fake: FakeGitLab, client: GitLabClient):
    """Above ten thousand rows GitLab says only that there is a next page."""
    plan(fake, 4, counted=False)
    rows = await client.list_all("/x", limit=1000)

    assert [row["n"] for row in rows] == [1, 2, 3, 4]
    assert fake.most_at_once == 1


async def test_no_page_beyond_the_limit_is_asked_for(fake: FakeGitLab, client: GitLabClient):
    """Three hundred rows are three pages, however many there are."""
    plan(fake, 50, counted=True)
    await client.list_all("/x", limit=300)
    plan(fake, 50, counted=False)
    await client.list_all("/x", limit=300)

    assert sorted(asked(fake)) == sorted(["1", "2", "3"] * 2)


async def test_pages_can_be_asked_for_ahead(fake: FakeGitLab, client: GitLabClient):
    """Two pages at once, of which one may be too many; what follows is read as usual."""
    plan(fake, 1, counted=True)
    assert [row["n"] for row in await client.list_ahead("/x", {}, limit=300, at_once=2)] == [1]
    plan(fake, 4, counted=True)
    assert [row["n"] for row in await client.list_ahead("/x", {}, limit=1000, at_once=2)] == [1, 2, 3, 4]
    assert asked(fake)[:2] == ["1", "2"] or asked(fake)[:2] == ["2", "1"]


async def test_chosen_pages(fake: FakeGitLab, client: GitLabClient):
    """The second and the third, of which the third is beyond the end."""
    plan(fake, 2, counted=True)
    first, pages = await asyncio.gather(client.list_all("/x", limit=100), client.list_pages("/x", range(2, 4)))

    assert ([row["n"] for row in first], [row["n"] for row in pages]) == ([1], [2])
