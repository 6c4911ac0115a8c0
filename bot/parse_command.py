"""``backtrace parse``: what is read from Slack messages, and why a message is no alert. Nothing is asked of anybody."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from backtrace_core.alerts import Reading, read_message
from backtrace_core.alerts.whence import whence
from backtrace_core.model import Alert, AlertStatus
from backtrace_core.scope import Catalog, scope_of, why_no_scope
from bot.settings import SettingsError
from bot.trace_settings import load_catalog

FINE, FAILED, UNUSABLE = 0, 1, 2


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser("parse", help="print what is read from Slack messages, one JSON object a line")
    command.add_argument("file", metavar="FILE.jsonl", help="Slack message events, one a line; - is the standard input")
    command.add_argument("--explain", action="store_true", help="say who read each message, and what from where")
    command.add_argument("--config", type=Path, help="the settings file, for its services (default: none is known)")


def run(options: argparse.Namespace) -> int:
    """0: every line was read; 1: some line holds no message; 2: the file or the settings can't be used."""
    try:
        catalog = load_catalog(options.config) if options.config is not None else Catalog(())
        opened = nullcontext(sys.stdin) if options.file == "-" else Path(options.file).open(encoding="utf-8")  # noqa: SIM115 - closed below
    except SettingsError as error:
        print("Backtrace can't parse. Please mend:", *(f"  - {p}" for p in error.problems), sep="\n", file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        print(f"{options.file} can't be read: {error.strerror or error}", file=sys.stderr)
        return UNUSABLE
    with opened as lines:
        try:
            return _print_all(lines, catalog, options)
        except UnicodeDecodeError:
            print(f"{options.file} is no text in UTF-8.", file=sys.stderr)
            return UNUSABLE
        except BrokenPipeError:
            # Whoever reads has enough (head); Python would complain again as it closes the pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FINE


def _print_all(lines: Iterable[str], catalog: Catalog, options: argparse.Namespace) -> int:
    code = FINE
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        event = _event(line)
        if isinstance(event, str):
            print(f"Line {number}: {event}", file=sys.stderr)
            code = FAILED
            continue
        reading = read_message(event, catalog)
        if options.explain:
            print(*_explained(number, reading, event), *_place(reading.alert, catalog), sep="\n", end="\n\n")
        else:
            print(json.dumps(as_object(reading.alert)))
    return code


def _event(line: str) -> Mapping[str, Any] | str:
    """The message event of a line, alone or in what is around it; or why there is none."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"it is no JSON ({error})."
    if isinstance(given, dict) and given.get("type") == "event_callback":
        given = given.get("event")
    elif isinstance(given, dict) and "ts" not in given and isinstance(given.get("message"), dict):
        given = given["message"]
    if isinstance(given, dict) and "ts" not in given and isinstance(given.get("messages"), list):
        return "it is an answer of Slack's with several messages: give each of its messages a line."
    return given if isinstance(given, dict) else "it is no object with a Slack message event."


def as_object(alert: Alert | None) -> dict[str, Any]:
    """The alert as JSON has it; times are ISO 8601 in UTC."""
    if alert is None:
        return {"is_alert": False}
    return {
        "is_alert": True,
        "sender": alert.sender,
        "status": alert.status.value,
        "title": alert.title,
        "service": alert.service,
        "environment": alert.environment,
        "started_at": alert.started_at.isoformat() if alert.started_at else None,
        "severity": alert.severity.name.lower() if alert.severity else None,
        "error_terms": list(alert.error_terms),
        "stack_frames": [{"file": f.file, "line": f.line, "function": f.function} for f in alert.frames],
        "suspect_commits": list(alert.suspect_commits),
        "fingerprint": alert.fingerprint,
    }


def _explained(number: int, reading: Reading, event: Mapping[str, Any]) -> Iterator[str]:
    who = f"the reader {reading.reader}" if reading.reader else "no reader"
    if reading.alert is None:
        yield f"Line {number}: no alert, by {who}. {_plain(reading.why_none)}"
        return
    alert = reading.alert
    yield f"Line {number}: {alert.status.value}, by {who}"
    for part, value in _parts(alert):
        place = whence(event, value)
        yield f"  {part}: {_plain(value)}{f'  <- {_plain(place)}' if place else '  (worked out)'}"
    yield f"  onset: {alert.onset.earliest.isoformat()} to {alert.onset.latest.isoformat()}"


def _place(alert: Alert | None, catalog: Catalog) -> Iterator[str]:
    """What a card would be about; without settings nobody can tell. GitLab, which knows more environments, is not
    asked."""
    if alert is None or not catalog.services:
        return
    scope = scope_of(alert, catalog)
    if scope is None:
        yield f"  no card: {_plain(why_no_scope(alert, catalog)) or 'it is not clear which service this is about.'}"
    elif alert.status is AlertStatus.RESOLVED:
        yield f"  no card of its own; it ends what fired in: {_plain(scope.service.name)}, {_plain(scope.environment)}"
    else:
        yield f"  a card about: {_plain(scope.service.name)}, {_plain(scope.environment)}"


def _parts(alert: Alert) -> Iterator[tuple[str, str]]:
    yield "title", alert.title
    yield from ((name, value) for name in ("service", "environment") if (value := getattr(alert, name)))
    if alert.started_at is not None:
        yield "started_at", alert.started_at.isoformat()
    if alert.severity is not None:
        yield "severity", alert.severity.name.lower()
    yield from (("error term", term) for term in alert.error_terms)
    yield from (("frame", frame.file) for frame in alert.frames)
    yield from (("suspect commit", sha) for sha in alert.suspect_commits)


def _plain(text: str) -> str:
    """One line, without what a terminal obeys."""
    return "".join(c if c.isprintable() else " " for c in text)[:300]
