"""The store: kept once, one rollback an environment, no second bot on the same files."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from backtrace_core.model import Alert, AlertStatus, Frame, Onset
from bot.cards import IncidentLink, IncidentState
from bot.store import (
    Action,
    Ending,
    Leg,
    Link,
    LockedError,
    NewIncident,
    NewRollback,
    Offer,
    Paper,
    Resolution,
    Store,
    Which,
    open_database,
)
from bot.store.database import migrate
from bot.store.tables import metadata

NOW = datetime(2026, 11, 20, 2, 6, tzinfo=UTC)
ALERT = Alert(
    sender="alertmanager",
    status=AlertStatus.FIRING,
    title="LoginErrorRateHigh",
    text="login error rate jumped 5x",
    received_at=NOW,
    onset=Onset(NOW - timedelta(minutes=15), NOW),
    fingerprint="f1",
    frames=(Frame("auth/session.py", 41, "expire"),),
)
INCIDENT = NewIncident("T-C-1", "T", "C", "1", NOW, alert=ALERT)
EU = Leg("eu", "shop/web", "production/eu", "deploy-eu", "production/eu", 501)
US = Leg("us", "shop/web", "production/us", "deploy-us", "production/us", 502)
ROLLBACK = NewRollback("T-C-1", "U1", "V1", "seen", NOW, (EU, US), frozenset({"eu", "us"}))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    database = open_database(tmp_path)
    yield Store(database)
    await database.close()


async def test_an_alert_comes_back_as_it_was(store: Store) -> None:
    """Frames, times and enums survive the trip through the database."""
    await store.incidents.keep("e1", INCIDENT)

    kept = await store.incidents.existing("T-C-1")
    assert kept.alert == ALERT
    assert kept.received_at == NOW
    assert kept.state is IncidentState.OPEN


async def test_a_repeated_delivery_is_kept_once(store: Store) -> None:
    """Fifty deliveries of one alert at once leave one incident, and one of them is told that it is new."""
    kept = await asyncio.gather(*(store.incidents.keep(f"e{n % 2}", INCIDENT) for n in range(50)))

    assert sum(kept) == 1
    assert await store.incidents.unanswered() == ("T-C-1",)


async def test_a_resolution_ends_what_the_fingerprint_opened_until_then(store: Store) -> None:
    """The alert and its re-notification are over; the one that fires again after the resolution is not."""
    later = NOW + timedelta(hours=1)
    for number, at in enumerate((NOW, NOW + timedelta(minutes=30), later + timedelta(seconds=1))):
        await store.incidents.keep(f"e{number}", replace(INCIDENT, id=f"T-C-{number}", received_at=at))

    assert set(await store.resolutions.resolve(Resolution("C", "f1", later))) == {"T-C-0", "T-C-1"}
    assert set(await store.resolutions.resolve(Resolution("C", "f1", later))) == {"T-C-0", "T-C-1"}, "delivered again"
    assert await store.resolutions.resolve(Resolution("C", "f1", later + timedelta(milliseconds=1))) == ()
    assert (await store.incidents.existing("T-C-2")).resolved_at is None


async def test_resolved_is_the_last_word(store: Store) -> None:
    """A rollback that ends after the alert cleared does not make the incident open again."""
    await store.incidents.keep("e1", INCIDENT)
    await store.resolutions.resolve(Resolution("C", "f1", NOW))
    await store.incidents.save_state("T-C-1", IncidentState.ROLLED_BACK)

    assert (await store.incidents.existing("T-C-1")).state is IncidentState.RESOLVED


async def test_marks_only_move_forward(store: Store) -> None:
    """An old message that arrives late does not make the bot read the channel again."""
    await store.incidents.mark("C", "1795351262.000100")
    await store.incidents.mark("C", "1795351261.000100")

    assert await store.incidents.last_mark("C") == "1795351262.000100"


async def test_one_rollback_at_a_time(store: Store) -> None:
    """Fifty submits at once, from as many modals, start one attempt; the others learn whose it is."""
    await store.incidents.keep("e1", INCIDENT)
    submits = [replace(ROLLBACK, view_id=f"V{n}", slack_user=f"U{n}") for n in range(50)]
    answers = await asyncio.gather(*(store.rollbacks.begin(new) for new in submits))

    assert sum(ours for _, ours in answers) == 1
    assert len({row.slack_user for rows, _ in answers for row in rows}) == 1


async def test_an_environment_of_another_incidents_rollback_is_in_the_way(store: Store) -> None:
    """Whichever of its jobs: one press at a time an environment. An environment that nobody uses is free."""
    await store.incidents.keep("e1", INCIDENT)
    await store.incidents.keep("e2", replace(INCIDENT, id="T-C-2"))
    await store.rollbacks.begin(replace(ROLLBACK, ticked=frozenset({"eu"})))
    other = replace(ROLLBACK, incident_id="T-C-2", view_id="V2")
    worker = replace(EU, job_name="deploy-worker")

    _, same_job = await store.rollbacks.begin(other)
    _, same_place = await store.rollbacks.begin(replace(other, legs=(worker,)))
    _, elsewhere = await store.rollbacks.begin(replace(other, ticked=frozenset({"us"})))
    assert (same_job, same_place, elsewhere) == (False, False, True)


async def test_the_table_itself_holds_one_active_row_a_leg(store: Store, tmp_path: Path) -> None:
    """Also for a program that does not look first."""
    await store.incidents.keep("e1", INCIDENT)
    await store.rollbacks.begin(ROLLBACK)
    connection = sqlite3.connect(tmp_path / "backtrace.sqlite")
    columns = "id, incident_id, attempt, project, environment, job_name, slack_user, target_id, seen, asked_at, active"
    row = ("x", "T-C-1", 9, "shop/web", "production/eu", "deploy-eu", "U2", 501, "seen", "2026-11-20", 1)

    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        connection.execute(f"INSERT INTO rollbacks ({columns}) VALUES ({','.join('?' * len(row))})", row)  # noqa: S608
    connection.close()


async def test_the_same_submit_twice_is_the_same_attempt(store: Store) -> None:
    """Slack may deliver a submit twice; that is not a second person pressing."""
    await store.incidents.keep("e1", INCIDENT)
    first, _ = await store.rollbacks.begin(ROLLBACK)
    again, ours = await store.rollbacks.begin(ROLLBACK)

    assert ours
    assert again == first
    assert [row.id for row in first] == ["T-C-1-rollback-1-1", "T-C-1-rollback-1-2"]


async def test_a_finished_rollback_frees_the_environment(store: Store) -> None:
    """After all legs of one attempt ended the next gets a number, and an id, of its own."""
    await store.incidents.keep("e1", INCIDENT)
    first, _ = await store.rollbacks.begin(ROLLBACK)
    await store.rollbacks.finish(first[0].id, "failed", "", NOW)
    _, too_early = await store.rollbacks.begin(replace(ROLLBACK, view_id="V2"))
    await store.rollbacks.finish(first[1].id, "failed", "", NOW)
    second, ours = await store.rollbacks.begin(replace(ROLLBACK, view_id="V2"))

    assert (too_early, ours) == (False, True)
    assert {row.press_id for row in second} == {"T-C-1-rollback-2"}


async def test_what_was_not_ticked_is_kept_as_left_out(store: Store) -> None:
    """It does not go back, holds nothing up, and is no leg that anybody waits for."""
    await store.incidents.keep("e1", INCIDENT)
    rows, _ = await store.rollbacks.begin(replace(ROLLBACK, ticked=frozenset({"us"})))

    assert [(row.environment, row.status) for row in rows] == [
        ("production/eu", "left_out"),
        ("production/us", "asked"),
    ]
    assert [row.environment for row in await store.rollbacks.legs(rows[0].press_id)] == ["production/us"]
    assert await store.rollbacks.running("other", (("shop/web", "production/eu"),)) is None


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        (("success", "success"), IncidentState.ROLLED_BACK),
        (("success", "failed"), IncidentState.PARTLY_ROLLED_BACK),
        (("stopped", "success"), IncidentState.PARTLY_ROLLED_BACK),
        (("failed", "stopped"), IncidentState.ROLLBACK_FAILED),
        (("stopped", "stopped"), IncidentState.ROLLBACK_STOPPED),
        (("changed", "changed"), IncidentState.ROLLING_BACK),
    ],
)
async def test_the_last_leg_decides_where_the_incident_stands(
    ends: tuple[str, str], state: IncidentState, store: Store
) -> None:
    """All of it went back, a part, or nothing; until then it is rolling back. What never began changes nothing."""
    await store.incidents.keep("e1", INCIDENT)
    rows, _ = await store.rollbacks.begin(ROLLBACK)
    await store.incidents.save_state("T-C-1", IncidentState.ROLLING_BACK)
    await store.rollbacks.finish(rows[0].id, ends[0], "", NOW)
    between = (await store.incidents.existing("T-C-1")).state
    await store.rollbacks.finish(rows[1].id, ends[1], "", NOW)

    assert between is IncidentState.ROLLING_BACK
    assert (await store.incidents.existing("T-C-1")).state is state


async def test_an_offer_is_what_the_modal_shows_now(store: Store) -> None:
    """Shown anew it is another; of a modal that nobody filled nothing is known, and old ones are forgotten."""
    await store.incidents.keep("e1", INCIDENT)
    offer = Offer("V1", "T-C-1", "U1", "seen", (EU, US), NOW)
    await store.offers.keep(offer)
    await store.offers.keep(replace(offer, seen="anew", legs=(EU,)))

    assert await store.offers.of("V1") == replace(offer, seen="anew", legs=(EU,))
    assert await store.offers.of("V2") is None
    await store.offers.forget(NOW + timedelta(days=1))
    assert await store.offers.of("V1") is None


async def test_actions_are_kept_before_they_are_done(store: Store) -> None:
    """A press is on record, unfinished, until its outcome is written to it."""
    await store.incidents.keep("e1", INCIDENT)
    action = Action("a1", "T-C-1", "assign", "U1", NOW)

    assert await store.actions.keep(action)
    assert not await store.actions.keep(action)
    assert await store.actions.unfinished() == (action,)

    await store.actions.finish("a1", Ending("done", "assigned", "https://gitlab.acme.test/1"), NOW)
    assert await store.actions.unfinished() == ()
    assert (await store.actions.of("T-C-1"))[0].says == "assigned"


async def test_excluded_changes_and_the_gitlab_incident_are_remembered(store: Store) -> None:
    """What people said of a suspect, and where the paper lies, survive a restart."""
    await store.incidents.keep("e1", INCIDENT)
    await store.incidents.exclude("T-C-1", "shop/web!45")
    await store.incidents.exclude("T-C-1", "shop/web!44")
    await store.incidents.save_gitlab_incident("T-C-1", IncidentLink("#9", "https://gitlab.acme.test/9"))

    kept = await store.incidents.existing("T-C-1")
    assert kept.excluded == {"shop/web!45", "shop/web!44"}
    assert kept.gitlab_incident == IncidentLink("#9", "https://gitlab.acme.test/9")


async def test_what_was_ruled_out_is_put_back(store: Store) -> None:
    """That one alone, and once more does nothing."""
    await store.incidents.keep("e1", INCIDENT)
    await store.incidents.exclude("T-C-1", "shop/web!45")
    await store.incidents.exclude("T-C-1", "shop/web!44")
    for _ in range(2):
        await store.incidents.put_back("T-C-1", "shop/web!45")

    assert (await store.incidents.existing("T-C-1")).excluded == {"shop/web!44"}


async def test_a_paper_and_the_link_to_it_are_kept_together(store: Store) -> None:
    """Between the two a run would take it for one that nobody is to be assigned to; a link that stands is left."""
    await store.incidents.keep("e1", INCIDENT)
    page = "https://gitlab.acme.test/shop/web/-/issues/8"
    paper = Paper("gitlab-41-8", "T-C-1", "shop/web", 8, 7734, page, NOW, assigns=True)
    assert await store.papers.keep(paper)
    assert (await store.incidents.existing("T-C-1")).gitlab_incident == IncidentLink("shop/web#8", page)

    assert not await store.papers.keep(replace(paper, url="https://gitlab.acme.test/other"))
    assert await store.papers.keep(replace(paper, id="gitlab-41-9", iid=9))
    assert (await store.incidents.existing("T-C-1")).gitlab_incident == IncidentLink("shop/web#8", page)


async def test_a_second_bot_on_the_same_files_is_refused(store: Store, tmp_path: Path) -> None:
    """Two bots would run the same durable steps twice."""
    with pytest.raises(LockedError, match="Another Backtrace is running"):
        open_database(tmp_path)


def test_a_rollback_of_an_older_release_is_a_press_of_one_leg(tmp_path: Path) -> None:
    """One that was under way as the bot was updated is found again, and still holds its environment."""
    path = tmp_path / "backtrace.sqlite"
    migrate(path, "0010")
    incident = ("T-C-1", "T", "C", "f", "open", "[]", "2026-11-20 02:06:00")
    row = ("T-C-1-production-1", "T-C-1", 1, "shop/web", "production", "U1", 501, "seen", "2026-11-20 02:07:00", 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO incidents (id, team, channel, fingerprint, state, excluded, received_at) "
            "VALUES (?,?,?,?,?,?,?)",
            incident,
        )
        columns = "id, incident_id, attempt, project, environment, slack_user, target_id, seen, asked_at, active"
        connection.execute(f"INSERT INTO rollbacks ({columns}) VALUES ({','.join('?' * len(row))})", row)  # noqa: S608
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT press_id, leg, label, how, active FROM rollbacks").fetchall()

    assert kept == [("T-C-1-production-1", 1, "production", "retry", 1)]


def test_links_of_an_older_release_are_on_record(tmp_path: Path) -> None:
    """From when they were made."""
    path = tmp_path / "backtrace.sqlite"
    migrate(path, "0015")
    row = ("U1", "T", 41, "mara", "sealed", "2026-11-20 04:00:00", "2026-11-20 02:00:00")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO gitlab_links (slack_user, team, gitlab_user_id, username, sealed, expires_at, linked_at) "
            "VALUES (?,?,?,?,?,?,?)",
            row,
        )
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT did, how, slack_user, gitlab_user_id, username, at FROM link_changes")
        assert kept.fetchall() == [("linked", "", "U1", 41, "mara", "2026-11-20 02:00:00")]


async def test_linking_another_user_is_on_record_as_both(store: Store) -> None:
    """The same one again is only linked anew; of several presses and links the newest are told."""
    link = Link("U1", "T", 41, "mara", "sealed", NOW, "api", NOW)
    for number, made in enumerate((link, link, replace(link, gitlab_user_id=42, username="kim"))):
        await store.links.keep(replace(made, linked_at=NOW + timedelta(minutes=number)), 0, "page")
    await store.links.end("U1", NOW + timedelta(minutes=5), "gone")

    entries = await store.audit.entries(Which(channel="C"))
    assert [(one.kind, one.way, one.username) for one in entries] == [
        ("linked", "page", "mara"),
        ("linked", "page", "mara"),
        ("unlinked", "replaced", "mara"),
        ("linked", "page", "kim"),
        ("unlinked", "gone", "kim"),
    ]
    newest = await store.audit.entries(Which(since=NOW + timedelta(minutes=1), limit=2))
    assert [one.username for one in newest] == ["kim", "kim"]


async def test_links_hide_no_press(store: Store) -> None:
    """In a week in which all of a shop link, the newest presses of a channel still stand in its record."""
    await store.incidents.keep("e1", INCIDENT)
    for number in range(3):
        at = NOW + timedelta(minutes=number)
        await store.actions.keep(Action(f"a{number}", "T-C-1", "claim", "U1", at))
    for number in range(4):
        made = Link(f"U{number}", "T", number, f"user-{number}", "sealed", NOW, "api", NOW + timedelta(hours=1))
        await store.links.keep(made, 0, "page")

    newest = await store.audit.entries(Which(channel="C", limit=2))
    assert [one.id for one in newest if one.kind == "claim"] == ["a1", "a2"]
    assert len([one for one in newest if one.kind == "linked"]) == 2


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    """The newest migration and the tables in the code are the same."""
    path = tmp_path / "new.sqlite"
    migrate(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


async def test_an_error_quotes_no_row(store: Store) -> None:
    """What the database refuses may be alert text or a response URL: the error, which is logged, keeps it to itself."""
    orphan = Action("a1", "no such incident", "assign", "U1", NOW, detail="https://hooks.slack.test/secret")

    with pytest.raises(IntegrityError) as caught:
        await store.actions.keep(orphan)
    assert "hooks.slack.test" not in str(caught.value)


async def test_the_file_is_written_ahead(store: Store, tmp_path: Path) -> None:
    """WAL lets readers go on while an alert is being kept."""
    await store.incidents.keep("e1", INCIDENT)
    connection = sqlite3.connect(tmp_path / "backtrace.sqlite")
    mode = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()

    assert mode == ("wal",)


async def test_a_write_that_is_cancelled_ends_as_cancelled(store: Store) -> None:
    """At a stop: as an error it would be taken for an outcome. Nothing of it is kept, and the next writer gets on."""
    await store.incidents.keep("e1", INCIDENT)
    under_way = asyncio.Event()

    async def write() -> None:
        async with store.database.writing() as connection:
            await connection.exec_driver_sql("UPDATE incidents SET failure = 'half'")
            under_way.set()
            await connection.exec_driver_sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n"
            )

    writing = asyncio.create_task(write())
    await under_way.wait()
    await asyncio.sleep(0)
    writing.cancel()

    with pytest.raises(asyncio.CancelledError):
        await writing
    await store.incidents.save_state("T-C-1", IncidentState.ROLLING_BACK)
    assert (await store.incidents.existing("T-C-1")).failure == ""
