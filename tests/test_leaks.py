"""The scan for secrets finds them, wherever they were left."""

import logging
import sqlite3
from pathlib import Path

import pytest

from sandbox.gitlab import BOT_TOKEN
from sandbox.stage import HOOK_SECRET
from tests.leaks import Ear, leaks, secrets_of, take_journal_in
from tests.scenarios.looking import alert_card
from tests.scenarios.stage import scene


@pytest.mark.parametrize("logger", ["bot.slack.front", "urllib3.connectionpool", ""])
def test_a_logged_secret_is_found(logger: str, ear: Ear) -> None:
    """In the bot's own lines and in those of a library; also in an address, and in a traceback."""
    logging.getLogger(logger).warning("asked with %s", HOOK_SECRET)
    logging.getLogger(logger).info("GET /x?token=glpat%2Dbacktrace")
    try:
        raise ValueError("xoxb-backtrace is not accepted")
    except ValueError:
        logging.getLogger(logger).exception("failed")

    assert sorted(leaks(ear, None)) == [f"{one} was logged" for one in (BOT_TOKEN, HOOK_SECRET, "xoxb-backtrace")]
    ear.lines.clear()


@pytest.mark.parametrize("name", ["backtrace.sqlite", "steps.sqlite", "cache.sqlite", "bot.log", "steps.sqlite-wal"])
def test_a_written_secret_is_found(name: str, tmp_path: Path, ear: Ear) -> None:
    """In each kind of file that a bot leaves."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / name).write_bytes(b"\x00\x01" + BOT_TOKEN.encode() + b"\xff")

    found = leaks(ear, tmp_path) if not name.endswith("backtrace.sqlite") else _in_row(folder, ear)
    assert found == [f"{BOT_TOKEN} is in {folder / name}"]
    (folder / name).unlink()


def _in_row(folder: Path, ear: Ear) -> list[str]:
    (folder / "backtrace.sqlite").unlink()
    connection = sqlite3.connect(folder / "backtrace.sqlite")
    for table in ("incidents", "pauses", "link_attempts"):
        connection.execute(f"CREATE TABLE {table} (reply_to TEXT, title TEXT)")
    connection.execute("INSERT INTO incidents VALUES (?, ?)", ("https://hooks.slack.com/x", BOT_TOKEN))
    connection.commit()
    connection.close()
    return leaks(ear, folder)


async def test_a_stages_own_secrets_are_looked_for(tmp_path: Path, ear: Ear) -> None:
    """Those that it made up while it ran, such as the id of a press: planted in the bot's data, they are found."""
    async with scene("login", tmp_path) as play:
        card = await alert_card(play)
        await play.stage.slack.press(play.stage.slack_id("mara"), play.stage.alerts, card["ts"], "backtrace:roll_back")
        (trigger,) = play.stage.slack.state.triggers
        stage = play.stage
    assert trigger in secrets_of(stage)
    planted = tmp_path / "data" / "planted.log"
    planted.write_text(f"pressed: {trigger}\n", encoding="utf-8")

    assert leaks(ear, tmp_path) == [f"{trigger} is in {planted}"]
    planted.unlink()


@pytest.mark.parametrize(("is_kept", "found"), [(False, 0), (True, 1)])
def test_what_was_forgotten_before_a_kill_is_no_leak(tmp_path: Path, *, is_kept: bool, found: int) -> None:
    """A database that was cut off still holds an address that its journal has taken away; not one that stayed."""
    database = tmp_path / "backtrace.sqlite"
    secret = "hYvJSrXkhWl8br8FkFf8eZRz"
    writes = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=WAL", "secure_delete=ON"):
        writes.execute(f"PRAGMA {pragma}")
    writes.execute("CREATE TABLE answered (title TEXT)")
    writes.execute("INSERT INTO answered VALUES (?)", (secret,))
    writes.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if not is_kept:
        writes.execute("UPDATE answered SET title = ''")
    assert secret.encode() in database.read_bytes()

    take_journal_in(database)
    assert database.read_bytes().count(secret.encode()) == found
    writes.close()
