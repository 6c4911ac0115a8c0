"""The store of messages: joined in one transaction, parted, over."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from backtrace_core.joining import Relation
from backtrace_core.model import Alert, Service
from backtrace_core.scope import Catalog
from bot.arrivals import rule_of
from bot.cards import IncidentState
from bot.store import Joined, NewIncident, Resolution, Store, open_database
from bot.store.database import MIGRATIONS, migrate
from bot.store.rows import alert_json
from tests.bot.test_store import ALERT, NOW

WEB = replace(ALERT, service="web", environment="production")
CATALOG = Catalog((Service("web", "shop/web"), Service("payments", "shop/payments")))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    database = open_database(tmp_path)
    yield Store(database)
    await database.close()


async def join(store: Store, ts: str, alert: Alert, thread: str | None = None) -> Joined:
    new = NewIncident(f"T-C-{ts}", "T", "C", thread or ts, alert.received_at, alert=alert)
    return await store.messages.join(f"e{ts}", new, ts, rule_of(alert, CATALOG, timedelta(minutes=30)))


def after(minutes: int, fingerprint: str, sender: str = "alertmanager") -> Alert:
    return replace(WEB, received_at=NOW + timedelta(minutes=minutes), fingerprint=fingerprint, sender=sender)


async def test_fifty_at_once_open_one_incident(store: Store) -> None:
    """Which of them opens it is chance; all others find it, since deciding and writing are one transaction."""
    joined = await asyncio.gather(*(join(store, str(n), after(0, f"f{n}")) for n in range(50)))

    (incident_id,) = {one.incident_id for one in joined}
    rows = await store.messages.of(incident_id)
    assert (len(rows), sum(one.relation is Relation.OPENS for one in rows)) == (50, 1)
    assert sum(one.unanswered for one in joined) == 1
    assert len(await store.incidents.unanswered()) == 1


async def test_delivered_again_it_is_where_it_was(store: Store) -> None:
    """Also when it would be decided in another way by then."""
    await join(store, "1", after(0, "f1"))
    first = await join(store, "2", after(1, "f2"))

    assert await join(store, "2", after(1, "f2")) == first
    assert len(await store.messages.of("T-C-1")) == 2


async def test_one_run_is_asked_for_by_all_that_wait(store: Store) -> None:
    """By the name of the oldest that is untold; what comes after the line was told asks for another run."""
    await join(store, "1", after(0, "f1"))
    assert {(await join(store, str(n), after(n, f"f{n}"))).untold for n in (2, 3, 4)} == {"2"}
    line = await store.messages.begin_line("T-C-1")
    assert (await join(store, "5", after(5, "f5"))).untold == "2"
    assert [one.ts for one in await store.messages.begin_line("T-C-1")] == ["2", "3", "4"], "begun, and not told"
    await store.messages.told(line[0].line or "", NOW)

    assert (await join(store, "6", after(6, "f6"))).untold == "5"


async def test_what_is_no_message_of_slacks_opens_and_is_joined(store: Store) -> None:
    """A GitLab incident has no thread; a Slack alert of the same service joins it, and not the other way round by
    having no thread in common."""
    paper = NewIncident("gitlab-17-4", "T", "C", None, NOW, alert=after(0, "g1", "gitlab"))
    other = replace(paper, id="gitlab-17-5", alert=replace(after(1, "g2", "gitlab"), service="payments"))
    window = timedelta(minutes=30)
    for one in (paper, other):
        assert one.alert is not None
        joined = await store.messages.join(one.id, one, one.id, rule_of(one.alert, CATALOG, window))
        assert (joined.unanswered, joined.incident_id) == (True, one.id)

    assert (await join(store, "7", after(2, "f7"))).incident_id == "gitlab-17-4"


async def test_a_sender_that_never_resolves_holds_nothing_open(store: Store) -> None:
    """One that has said so of anything does, while it was heard within a day."""
    await join(store, "1", after(0, "f1"))
    await join(store, "2", after(1, "f2"))
    await join(store, "3", after(2, "s1", "sentry"))
    at = NOW + timedelta(minutes=10)

    assert await store.resolutions.resolve(Resolution("C", "f1", at)) == ("T-C-1",)
    assert (await store.incidents.existing("T-C-1")).state is IncidentState.OPEN
    await store.resolutions.resolve(Resolution("C", "f2", at))
    assert (await store.incidents.existing("T-C-1")).resolved_at == at


async def test_what_is_left_after_a_split_may_be_over(store: Store) -> None:
    """Only what was parted held it open."""
    await join(store, "1", after(0, "f1"))
    await join(store, "2", after(1, "f2"))
    at = NOW + timedelta(minutes=10)
    await store.resolutions.resolve(Resolution("C", "f1", at))
    message = await store.messages.get("C", "2")
    assert message is not None
    own = NewIncident("T-C-2", "T", "C", "2", at, alert=message.alert)
    assert await store.messages.split([message], own) == "T-C-2"

    assert (await store.incidents.existing("T-C-1")).resolved_at == at
    assert (await store.incidents.existing("T-C-2")).resolved_at is None
    assert await store.messages.split_from("T-C-1") == ("T-C-2",)
    assert (await join(store, "3", after(12, "f2"))).incident_id == "T-C-2"


async def test_what_could_not_be_looked_at_is_looked_at_so_often(store: Store) -> None:
    """Each try has a name of its own, so that its run is begun; after the last one it counts as looked at."""
    await join(store, "1", after(0, "f1"))
    other = replace(after(1, "f2"), title="MailBacklog", error_terms=("MailBacklog",))
    await join(store, "2", other)
    row = (await store.messages.unlooked("T-C-1"))[-1]
    assert (row.ts, row.relation) == ("2", Relation.PERHAPS_ANOTHER)
    names = []
    for _ in range(3):
        await store.looks.again([row], 3, NOW)
        names += [name for _, name in await store.looks.waiting()]

    assert names == ["2-1", "2-2"]
    assert await store.messages.unlooked("T-C-1") == ()


def test_alerts_of_earlier_releases_are_messages_of_their_incidents(tmp_path: Path) -> None:
    """So that edits, resolutions and what fires again find them; questions are none."""
    path = tmp_path / "old.sqlite"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    engine.dispose()
    row = "INSERT INTO incidents (id, team, channel, thread_ts, fingerprint, alert, question, state, received_at)"
    values = (alert_json(WEB), "2026-11-20 02:06:00.000000")
    with closing(sqlite3.connect(path)) as old:
        old.execute(f"{row} VALUES ('T-C-1.5', 'T', 'C', '1.5', 'f1', ?, NULL, 'open', ?)", values)
        old.execute(f"{row} VALUES ('T-C-q1', 'T', 'C', NULL, 'q', ?, 'login', 'open', ?)", values)
        old.commit()
    migrate(path)

    with closing(sqlite3.connect(path)) as new:
        rows = new.execute("SELECT ts, incident_id, sender, relation, alert FROM messages").fetchall()
    assert [row[:4] for row in rows] == [("1.5", "T-C-1.5", "alertmanager", "opens")]
    assert json.loads(rows[0][4])["title"] == WEB.title
