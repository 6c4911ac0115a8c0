"""The rows of a rollback: what belongs together is written together."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from bot.store import Store, open_database
from tests.bot.test_store import INCIDENT, NOW, ROLLBACK

DIES_AT_THE_SECOND = (
    "CREATE TRIGGER dies BEFORE UPDATE ON rollbacks WHEN NEW.leg = 2 AND NEW.finished_at IS NOT NULL "
    "BEGIN SELECT RAISE(ABORT, 'died'); END"
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    database = open_database(tmp_path)
    kept = Store(database)
    await kept.incidents.keep("e1", INCIDENT)
    yield kept
    await database.close()


async def test_legs_end_together_or_not_at_all(store: Store) -> None:
    """A bot that dies between the ends of two legs leaves both open: nobody looks for half an end."""
    rows, _ = await store.rollbacks.begin(ROLLBACK)
    async with store.database.writing() as connection:
        await connection.exec_driver_sql(DIES_AT_THE_SECOND)

    with pytest.raises(IntegrityError, match="died"):
        await store.rollbacks.finish_all({row.id: ("late", "too late") for row in rows}, NOW)
    assert [row.finished_at for row in await store.rollbacks.legs(rows[0].press_id)] == [None, None]

    async with store.database.writing() as connection:
        await connection.exec_driver_sql("DROP TRIGGER dies")
    await store.rollbacks.finish_all({row.id: ("late", "too late") for row in rows}, NOW)
    assert await store.rollbacks.unfinished() == ()


async def test_what_is_stopped_nobody_agrees_to(store: Store) -> None:
    """Also in the moment before its own run has found the word to stop."""
    rows, _ = await store.rollbacks.begin(ROLLBACK)
    press_id = rows[0].press_id
    await store.rollbacks.save_all({row.id: {"status": "waits"} for row in rows})
    await store.rollbacks.ask_to_stop(press_id, "U2")

    assert not await store.rollbacks.agree(press_id, "U3", NOW)
    assert {row.second_user for row in await store.rollbacks.legs(press_id)} == {""}


async def test_what_was_offered_anew_is_another_attempt(store: Store) -> None:
    """The world changed and changed back in one modal: its submit begins, and the same submit again is that attempt."""
    first, _ = await store.rollbacks.begin(ROLLBACK)
    await store.rollbacks.finish_all({row.id: ("changed", "") for row in first}, NOW)
    later = NOW + timedelta(minutes=1)
    anew = replace(ROLLBACK, offered_at=later, asked_at=later + timedelta(seconds=9))

    second, ours = await store.rollbacks.begin(anew)
    assert ours
    assert second[0].press_id != first[0].press_id
    await store.rollbacks.finish_all({row.id: ("changed", "") for row in second}, NOW)
    delivered_again, _ = await store.rollbacks.begin(replace(anew, asked_at=later + timedelta(seconds=12)))
    assert delivered_again[0].press_id == second[0].press_id
