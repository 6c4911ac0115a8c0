"""Shared reads: nothing is fetched twice at the same time, what can't change is fetched once."""

import asyncio

import pytest

from bot.gitlab.client import GitLabClient, GitLabRefused
from bot.sources.cache import Cache
from bot.sources.reads import Reads
from tests.bot.gitlab.fake import FakeGitLab, Reply, client_of


@pytest.fixture
def reads(client: GitLabClient) -> Reads:
    return Reads(client, Cache())


async def test_nothing_is_fetched_twice_at_the_same_time(fake: FakeGitLab, reads: Reads):
    """Ten ask for the same at once: one request, one answer for all. Afterwards it is asked again."""
    fake.on("GET", "/version", Reply({"version": "19.4.0"}, delay_s=0.1))
    found = await asyncio.gather(*(reads.get("/version") for _ in range(10)))

    assert found == [{"version": "19.4.0"}] * 10
    assert len(fake.seen) == 1
    await reads.get("/version")
    assert len(fake.seen) == 2


async def test_other_questions_are_other_requests(fake: FakeGitLab, reads: Reads):
    """The query counts, and so does how much of a list is wanted."""
    fake.on("GET", "/x", Reply([], delay_s=0.1))
    await asyncio.gather(
        reads.list_all("/x", limit=5), reads.list_all("/x", limit=6), reads.list_all("/x", limit=5, state="merged")
    )

    assert len(fake.seen) == 3


async def test_an_error_reaches_all_and_is_not_kept(fake: FakeGitLab, reads: Reads):
    """Two waited for the same no; the third asks anew and gets a yes."""
    fake.on("GET", "/user", Reply({"message": "403 Forbidden"}, 403, delay_s=0.1), {"id": 1})
    both = await asyncio.gather(reads.get("/user"), reads.get("/user"), return_exceptions=True)

    assert [type(error) for error in both] == [GitLabRefused, GitLabRefused]
    assert await reads.get("/user") == {"id": 1}


async def test_who_gives_up_takes_nothing_from_the_others(fake: FakeGitLab, reads: Reads):
    """The first of two is canceled, the second still gets its answer."""
    fake.on("GET", "/user", Reply({"id": 1}, delay_s=0.2))
    first, second = asyncio.ensure_future(reads.get("/user")), asyncio.ensure_future(reads.get("/user"))
    await asyncio.sleep(0.05)
    first.cancel()

    assert await second == {"id": 1}
    assert len(fake.seen) == 1


async def test_when_all_gave_up_nobody_goes_on_asking(fake: FakeGitLab, reads: Reads):
    """A read that would be tried again is not, once nobody waits for it."""
    fake.on("GET", "/user", Reply(b"", 500, delay_s=0.1))
    only = asyncio.ensure_future(reads.get("/user"))
    await asyncio.sleep(0.05)
    only.cancel()
    await asyncio.sleep(0.4)

    assert len(fake.seen) == 1


async def test_what_cannot_change_is_asked_once(fake: FakeGitLab, reads: Reads):
    """Also by ten at once; an answer that is not worth keeping is asked for again."""
    fake.on("GET", "/x", [], [{"n": 1}])

    async def ask() -> object:
        return await reads.kept("x at 1f2e", lambda: reads.list_all("/x", limit=5), worth=bool)

    assert await ask() == []
    assert await asyncio.gather(*(ask() for _ in range(10))) == [[{"n": 1}]] * 10
    assert await ask() == [{"n": 1}]
    assert len(fake.seen) == 2


async def test_another_gitlab_has_other_facts(fake: FakeGitLab):
    """The same path may be another project on another instance: what was kept of one is not told of the other."""
    cache = Cache()
    fake.on("GET", "/x", [{"n": 1}])
    async with client_of(fake.url) as one, client_of(fake.url.replace("127.0.0.1", "localhost")) as other:
        for client in (one, other):
            reads = Reads(client, cache)
            await reads.kept("x at 1f2e", lambda reads=reads: reads.list_all("/x", limit=5))

    assert len(fake.seen) == 2
