"""How fast GitLab is asked: a limit of our own, one gate for all, and an account of the waiting."""

import asyncio
import time

import pytest

from bot.gitlab.client import GitLabClient, GitLabRefused, Patience
from bot.gitlab.pace import MINUTE_S, ClosedError, Pace, exhausted_for_s
from tests.bot.gitlab.fake import FakeGitLab, Reply, client_of


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_no_minute_has_more_than_its_share():
    """The third of two a minute waits until the first is a minute old; nobody waits before."""
    hand = Hand()
    pace = Pace(2, hand)
    await pace.turn(5)
    hand.now += 10
    await pace.turn(5)
    waiting = asyncio.ensure_future(pace.turn(5))
    await asyncio.sleep(0)

    assert not waiting.done()
    assert pace.waited_s(0) == 0
    hand.now += MINUTE_S
    assert pace.waited_s(0) == pytest.approx(MINUTE_S - 10)
    waiting.cancel()


async def test_each_waits_for_its_own_place():
    """Whoever comes while others wait gets the place after theirs, not the same one."""
    hand = Hand()
    pace = Pace(1, hand)
    await pace.turn(5)
    waiting = [asyncio.ensure_future(pace.turn(5)) for _ in range(3)]
    await asyncio.sleep(0)
    hand.now += 4 * MINUTE_S

    assert pace.waited_s(0) == pytest.approx(3 * MINUTE_S)
    for task in waiting:
        task.cancel()


async def test_what_went_late_counts_from_when_it_went(monkeypatch: pytest.MonkeyPatch):
    """A busy process wakes late; the next one's minute begins only then, or two would fall into one."""
    hand, late = Hand(), iter((7.0,))

    async def sleep(seconds: float) -> None:
        hand.now += seconds + next(late, 0.0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace, went = Pace(1, hand), []
    for _ in range(3):
        await pace.turn(5)
        went.append(hand.now)

    assert went == [1000, 1000 + MINUTE_S + 7, 1000 + 2 * MINUTE_S + 7]


async def test_a_write_does_not_wait_but_counts():
    """Somebody has pressed a button: it goes at once, and the reads after it find the minute fuller."""
    hand = Hand()
    pace = Pace(1, hand)
    pace.count()
    waiting = asyncio.ensure_future(pace.turn(5))
    await asyncio.sleep(0)

    assert not waiting.done()
    assert pace.taken == 2
    waiting.cancel()


async def test_a_gate_that_is_closed_for_long_is_not_waited_for():
    """Nobody waits a minute for a card because GitLab said so; the error says how long it is."""
    hand = Hand()
    pace = Pace(100, hand)
    pace.close(40)
    hand.now += 10

    with pytest.raises(ClosedError) as caught:
        await pace.turn(5)
    assert caught.value.wait_s == 30
    hand.now += 30
    await pace.turn(5)


async def test_waits_side_by_side_count_once():
    """Ten reads that wait for the same second have cost one second."""
    pace = Pace(100)
    began = time.monotonic()
    pace.close(0.1)
    await asyncio.gather(*(pace.turn(5) for _ in range(10)))

    assert 0.09 < pace.waited_s(began) <= time.monotonic() - began
    assert pace.waited_s(time.monotonic()) == 0


async def test_when_gitlab_says_later_all_wait(fake: FakeGitLab):
    """One read is told to wait and gives up; another one, of something else, is sent only when that time is over."""
    fake.on("GET", "/user", Reply(b"Retry later\n", 429, {"Retry-After": "0.4"}))
    fake.on("GET", "/version", {"version": "19.4.0"})
    async with client_of(fake.url) as client:
        client.patience = Patience(tries=1)
        with pytest.raises(GitLabRefused):
            await client.get("/user")
        before = time.monotonic()
        await client.get("/version")

    assert time.monotonic() - before >= 0.3


async def test_after_a_long_later_nothing_is_sent(fake: FakeGitLab, client: GitLabClient):
    """GitLab asked for a minute: until it is over, reads are refused here with the same status."""
    fake.on("GET", "/user", Reply(b"", 429, {"Retry-After": "60"}))
    fake.on("GET", "/version", {"version": "19.4.0"})
    with pytest.raises(GitLabRefused):
        await client.get("/user")

    with pytest.raises(GitLabRefused) as caught:
        await client.get("/version")
    assert caught.value.status == 429
    assert fake.sent("GET", "/version") == []


async def test_the_last_request_of_a_period_closes_the_gate(fake: FakeGitLab):
    """Nobody has to be refused first: GitLab says how many are left, and until when."""
    spent = {"RateLimit-Remaining": "0", "RateLimit-Reset": "1700000030", "Date": "Tue, 14 Nov 2023 22:13:20 GMT"}
    fake.on("GET", "/user", Reply({"id": 1}, headers=spent))
    async with client_of(fake.url) as client:
        await client.get("/user")
        with pytest.raises(GitLabRefused) as caught:
            await client.get("/user")

    assert caught.value.retry_after_s == pytest.approx(30, abs=1)
    assert len(fake.seen) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"RateLimit-Remaining": "1", "RateLimit-Reset": "1700000030"}, None),
        ({"RateLimit-Remaining": "0"}, None),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "soon", "Date": "Tue, 14 Nov 2023 22:13:20 GMT"}, None),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "1700000030", "Date": "?"}, None),
        (
            {"RateLimit-Remaining": "0", "RateLimit-Reset": "1600000000", "Date": "Tue, 14 Nov 2023 22:13:20 GMT"},
            0,
        ),
        ({}, None),
    ],
)
def test_rate_limit_headers_are_read_with_care(headers: dict[str, str], seconds: float | None):
    """By GitLab's clock, not ours; nonsense and the past close nothing."""
    assert exhausted_for_s(headers) == seconds
