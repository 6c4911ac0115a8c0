"""No secret in any log line or file: what the whole suite is scanned for, test by test (:mod:`tests.conftest`)."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from sandbox.gitlab import BOT_TOKEN, READ_TOKEN
from sandbox.slack.team import SlackTeam
from sandbox.stage import HOOK_SECRET, Stage

SHORTEST = 8
_TEAM = SlackTeam("T", (), ())
FIXED = frozenset((BOT_TOKEN, READ_TOKEN, HOOK_SECRET, _TEAM.bot_token, _TEAM.app_token, _TEAM.signing_secret))
"""Known to each bot that any test starts."""

_STAGES: list[Stage] = []
_LINES = logging.Formatter("%(levelname)s %(name)s: %(message)s")
_SCANNED = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".sqlite-journal", ".log", "lock")
_REPOSITORIES = frozenset(("objects", "refs", "hooks", ".git"))
_STILL_NEEDED = ("SELECT reply_to FROM incidents", "SELECT reply_to FROM pauses", "SELECT reply_to FROM link_attempts")


def watch(stage: Stage) -> None:
    """Let the test that runs now be scanned for what this stage knows as well."""
    _STAGES.append(stage)


def secrets_of(stage: Stage) -> frozenset[str]:
    """All that must be known to nobody else: each token, secret, trigger id and answer address that there was."""
    team, slack = stage.team, stage.slack.state
    states = stage.gitlab.states.values()
    hooks = [hook for state in states for hook in state.hooks.values()]
    known = (
        *(team.bot_token, team.app_token, team.signing_secret),
        *stage.environment().values(),
        *(token for state in states for token in state.tokens),
        *stage.gitlab.state.oauth.issued,
        *(hook.token for hook in hooks),
        *(hook.signing_token for hook in hooks),
        *addresses_of(stage),
        *slack.triggers,
    )
    return frozenset(secret for secret in known if secret and len(secret) >= SHORTEST)


def addresses_of(stage: Stage) -> frozenset[str]:
    """Where questions are answered. They are kept as long as that is to come, so SQLite's journal may hold one that was
    just forgotten, until it is written over; and of a bot that was killed the database, until the journal is taken in.
    """
    return frozenset(path.rpartition("/")[2] for path in stage.slack.state.response_urls)


class Ear(logging.Handler):
    """Hears every log line, as it would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(_LINES.format(record))


@contextlib.contextmanager
def overheard() -> Iterator[Ear]:
    """Listens as talkatively as the bot logs in production, and the bot's own loggers to all."""
    root, own, ear = logging.getLogger(), logging.getLogger("bot"), Ear()
    levels = root.level, own.level
    root.addHandler(ear)
    root.setLevel(logging.INFO)
    own.setLevel(logging.DEBUG)
    try:
        yield ear
    finally:
        root.removeHandler(ear)
        root.setLevel(levels[0])
        own.setLevel(levels[1])


def leaks(ear: Ear, folder: Path | None) -> list[str]:
    """A line for each secret that was logged or written, and forgets the stages."""
    addresses = frozenset[str]().union(*(addresses_of(stage) for stage in _STAGES))
    known = FIXED.union(*(secrets_of(stage) for stage in _STAGES))
    _STAGES.clear()
    logged = "\n".join(ear.lines)
    found = [f"{secret} was logged" for secret in known if secret in logged or secret in unquote(logged)]
    files = list(_files(folder))
    found += [line for file in files for line in _in_file(file, known - addresses)]
    for file in files:
        take_journal_in(file)
    return [*found, *(line for file in files if file.suffix == ".sqlite" for line in _in_file(file, addresses))]


def take_journal_in(file: Path) -> None:
    """As the next start does. Only of a bot that was killed is there a journal beside its database."""
    if file.suffix == ".sqlite" and file.with_name(f"{file.name}-wal").is_file():
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _files(folder: Path | None) -> Iterator[Path]:
    for place, folders, names in os.walk(folder) if folder else ():
        # A world's repository is no file of the bot's, and has thousands.
        folders[:] = [name for name in folders if name not in _REPOSITORIES]
        yield from (Path(place, name) for name in names if name.endswith(_SCANNED))


def _in_file(file: Path, known: frozenset[str]) -> Iterator[str]:
    try:
        written = file.read_bytes()
    except FileNotFoundError:
        # SQLite takes its own side files away.
        return
    found = [secret for secret in known if secret.encode() in written]
    needed = _addresses(file.parent / "backtrace.sqlite") if found else ""
    yield from (f"{secret} is in {file}" for secret in found if secret not in needed)


def _addresses(database: Path) -> str:
    """Where questions are still to be answered: the one secret that has to be kept, until then."""
    if not database.is_file():
        return ""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = [row for query in _STILL_NEEDED for row in connection.execute(query)]
    return "\n".join(str(address) for (address,) in rows if address)
