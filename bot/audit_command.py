"""``backtrace audit``: every press on record, a JSON object a line, beside a bot that may be at work."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import in_view
from bot.names import usernames_of
from bot.settings import SettingsError, config_path
from bot.trace_settings import load_for_record

if TYPE_CHECKING:
    from bot.store import AuditEntry, Link, Request

PRINTED, FAILED, UNUSABLE = 0, 1, 2
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser("audit", help="print who pressed what and what came of it, a JSON object a line")
    command.add_argument("--config", type=Path, help="the settings file (default: $BACKTRACE_CONFIG or backtrace.toml)")
    command.add_argument("--since", type=_since, help="an ISO time, or how long ago: 30m, 24h, 90d (default: all)")


def _since(text: str) -> datetime | timedelta:
    if text[:-1].isdecimal() and text[-1:] in _UNITS and len(text) < 7:  # noqa: PLR2004 - no number that overflows
        return int(text[:-1]) * _UNITS[text[-1]]
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        message = f"{text!r} is neither an ISO time such as 2026-11-22T14:05 nor 30m, 24h, 90d"
        raise argparse.ArgumentTypeError(message) from None


def run(options: argparse.Namespace, env: Mapping[str, str], now: datetime) -> int:
    """0: all was printed; 1: there is nothing to read, and why is said on stderr; 2: the settings can't be used."""
    from sqlalchemy.exc import DBAPIError

    from bot.store import NoDatabaseError

    since = now - options.since if isinstance(options.since, timedelta) else options.since
    try:
        settings = load_for_record(config_path(env, options.config))
    except SettingsError as error:
        print(
            "Backtrace can't read its record. Please mend:",
            *(f"  - {p}" for p in error.problems),
            sep="\n",
            file=sys.stderr,
        )
        return UNUSABLE
    try:
        entries, links = asyncio.run(_read(settings.data, since))
    except NoDatabaseError as error:
        print(error, file=sys.stderr)
        return FAILED
    except DBAPIError as error:
        print(f"{settings.data} can't be read: {error.orig}", file=sys.stderr)
        return FAILED
    usernames = usernames_of(settings.people, links)
    for entry in entries:
        print(json.dumps(as_object(entry, usernames), ensure_ascii=False))
    return PRINTED


async def _read(folder: Path, since: datetime | None) -> tuple[tuple[AuditEntry, ...], tuple[Link, ...]]:
    from bot.store import AuditStore, LinkStore, Which, open_to_read

    database = open_to_read(folder)
    try:
        return await AuditStore(database).entries(Which(since=since)), await LinkStore(database).all()
    finally:
        await database.close()


def as_object(entry: AuditEntry, usernames: Mapping[str, str]) -> dict[str, Any]:
    """One press as JSON has it; times are ISO 8601 in UTC. ``usernames`` maps Slack member ids to GitLab usernames."""
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "did": entry.kind,
        "slack_user": entry.slack_user,
        "gitlab_user": entry.username or usernames.get(entry.slack_user, ""),
        "gitlab_user_id": entry.gitlab_user_id,
        "incident": entry.incident_id,
        "project": entry.project,
        "environment": entry.environment,
        "target_id": entry.target_id,
        "how": entry.how or entry.way,
        "second_user": entry.second_user,
        "stopped_by": entry.stopped_by,
        "in_view": json.loads(in_view.as_json(entry.facts)),
        "result": entry.result,
        "says": entry.says,
        "url": entry.url,
        "finished_at": entry.finished_at.isoformat() if entry.finished_at else None,
        "gitlab": [_asked(request) for request in entry.requests],
    }


def _asked(request: Request) -> dict[str, Any]:
    return {
        "at": request.at.isoformat(),
        "request": request.request,
        "answer": request.answer or None,
        "answered_at": request.answered_at.isoformat() if request.answered_at else None,
    }
