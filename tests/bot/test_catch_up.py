"""Catching up: what was missed is read once, from where it was missed, and one bad channel disturbs no other."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.catch_up import MOST_MESSAGES, CatchUp
from bot.slack.client import make_client
from bot.slack.poster import Poster
from bot.store import NewIncident, Store, open_database
from sandbox.slack import Slack, serve_slack
from sandbox.slack.faults import Fault
from tests.bot.slack.conftest import ALERTS, FAST, OTHER, TEAM, Clock, team
from tests.bot.test_store import ALERT


class Taken:
    """Takes messages; refuses those in ``refused``, as a locked database does."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.refused: set[str] = set()

    async def __call__(self, _channel: str, message: Mapping[str, Any]) -> None:
        if message["text"] in self.refused:
            raise OSError("database is locked")
        self.texts.append(str(message["text"]))


@dataclass
class Bench:
    """An embedded Slack, a store, and who takes the messages."""

    slack: Slack
    store: Store
    clock: Clock
    taken: Taken = field(default_factory=Taken)

    async def start(self, *channels: str) -> CatchUp:
        """As a bot that starts on these files."""
        client = make_client(self.slack.state.team.bot_token, f"{self.slack.url}/api/")
        started = CatchUp(channels or (ALERTS,), self.store, Poster(client), self.clock)
        await started.begin()
        return started

    async def begun(self, *channels: str) -> CatchUp:
        """One that has read all that there is until now."""
        first = await self.start(*channels)
        await first.run(self.taken)
        return first

    async def post(self, text: str, thread_ts: str | None = None) -> str:
        self.clock.forward(1)
        return await self.slack.post_webhook(ALERTS, {"text": text, "thread_ts": thread_ts})


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    clock = Clock()
    database = open_database(tmp_path)
    async with serve_slack(team(), clock, FAST) as slack:
        yield Bench(slack, Store(database), clock)
    await database.close()


async def test_the_first_start_answers_from_its_own_moment_on(bench: Bench) -> None:
    """A channel's past is nobody's emergency; what comes between the start and the first reading is not lost."""
    await bench.post("long ago")
    bench.clock.forward(1)
    first = await bench.start()
    await bench.post("just now")
    await first.run(bench.taken)
    await (await bench.start()).run(bench.taken)

    assert bench.taken.texts == ["just now"]
    assert first.behind == ()


async def test_the_next_start_reads_what_came_since(bench: Bench) -> None:
    """Oldest first, from the last thing heard on, and not again at the start after that."""
    first = await bench.begun()
    await first.heard(ALERTS, await bench.post("heard"))
    await bench.post("one")
    await bench.post("two")
    await (await bench.start()).run(bench.taken)
    await (await bench.start()).run(bench.taken)

    assert bench.taken.texts == ["one", "two"]


async def test_what_is_heard_meanwhile_hides_nothing(bench: Bench) -> None:
    """A message that arrives before the history was read does not move the place from which it is read."""
    await bench.begun()
    await bench.post("missed")
    restarted = await bench.start()
    await restarted.heard(ALERTS, await bench.post("heard live"))
    await restarted.run(bench.taken)

    assert "missed" in bench.taken.texts


async def test_after_a_cut_connection_everything_is_read(bench: Bench) -> None:
    """A channel that was read once is read again only when something may be missing."""
    running = await bench.begun()
    await bench.post("missed")
    await running.run(bench.taken)
    assert bench.taken.texts == []

    running.missed()
    await running.run(bench.taken)
    assert bench.taken.texts == ["missed"]


async def test_a_channel_without_the_bot_stops_no_other(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """It is said once which channel waits for an invitation; the others are read."""
    await bench.begun(OTHER, ALERTS)
    await bench.post("missed")
    restarted = await bench.start(OTHER, ALERTS)
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="bot.catch_up"):
        await restarted.run(bench.taken)
        await restarted.run(bench.taken)

    assert bench.taken.texts == ["missed"]
    assert restarted.behind == (OTHER,)
    assert [record.getMessage() for record in caplog.records] == [
        f"Backtrace is not in channel {OTHER}: it hears nothing there until somebody invites it"
    ]


async def test_a_slack_that_fails_is_asked_again(bench: Bench) -> None:
    """The channel stays behind, and the next call reads all that was missed."""
    await bench.begun()
    await bench.post("missed")
    restarted = await bench.start()
    bench.slack.faults.add(Fault("conversations.history", "500"))
    await restarted.run(bench.taken)
    assert (bench.taken.texts, restarted.behind) == ([], (ALERTS,))

    await restarted.run(bench.taken)
    assert (bench.taken.texts, restarted.behind) == (["missed"], ())


async def test_what_cant_be_taken_comes_again(bench: Bench) -> None:
    """One message that fails keeps no later one back, and is read again, also by the next bot on these files."""
    await bench.begun()
    for text in ("one", "two", "three"):
        await bench.post(text)
    restarted = await bench.start()
    bench.taken.refused = {"two"}
    await restarted.run(bench.taken)
    assert (bench.taken.texts, restarted.behind) == (["one", "three"], (ALERTS,))

    bench.taken.refused = set()
    await (await bench.start()).run(bench.taken)
    assert bench.taken.texts == ["one", "three", "two", "three"]


async def test_what_is_missed_while_reading_is_read_next(bench: Bench) -> None:
    """A connection that breaks during the reading leaves the channel behind."""
    running = await bench.begun()

    async def cut(channel: str, message: Mapping[str, Any]) -> None:
        await bench.taken(channel, message)
        running.missed(channel)

    await bench.post("missed")
    running.missed()
    await running.run(cut)

    assert (bench.taken.texts, running.behind) == (["missed"], (ALERTS,))


async def test_of_too_many_the_newest_are_read(bench: Bench) -> None:
    """An absence of a week is not answered with a thousand cards."""
    await bench.begun()
    texts = [f"alert {number}" for number in range(MOST_MESSAGES + 3)]
    for text in texts:
        await bench.post(text)
    await (await bench.start()).run(bench.taken)

    assert bench.taken.texts == texts[3:]


async def test_threads_that_began_meanwhile_are_read(bench: Bench) -> None:
    """A channel's history has no answers: those of the threads in it are asked for, and come in their order."""
    await bench.begun()
    root = await bench.post("deploys")
    await bench.post("in the thread", root)
    await bench.post("after it")
    await (await bench.start()).run(bench.taken)

    assert bench.taken.texts == ["deploys", "in the thread", "after it"]


async def test_threads_of_open_incidents_are_read(bench: Bench) -> None:
    """A sender that says in the alert's own thread that it is over is heard, however old the alert is."""
    running = await bench.begun()
    root = await bench.post("alert")
    await bench.store.incidents.keep("e1", NewIncident("i1", TEAM, ALERTS, root, bench.clock(), alert=ALERT))
    await running.heard(ALERTS, await bench.post("heard"))
    await bench.post("it is over", root)
    await (await bench.start()).run(bench.taken)

    assert bench.taken.texts == ["it is over"]


async def test_a_thread_that_is_gone_stops_nothing(bench: Bench) -> None:
    """Somebody deleted the alert: the rest is read all the same."""
    await bench.begun()
    gone = NewIncident("i1", TEAM, ALERTS, "1700000000.000001", bench.clock(), alert=ALERT)
    await bench.store.incidents.keep("e1", gone)
    await bench.post("missed")
    restarted = await bench.start()
    await restarted.run(bench.taken)

    assert (bench.taken.texts, restarted.behind) == (["missed"], ())
