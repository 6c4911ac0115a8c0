"""``backtrace trace``: the whole read-only part, from a terminal, against any GitLab."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from backtrace_core.alerts.stack import frames_in
from backtrace_core.alerts.terms import error_terms
from backtrace_core.model import WINDOW, Alert, AlertStatus, Onset, Outcome, Scope, Verdict
from backtrace_core.others import scopes_beside
from backtrace_core.question import UNKNOWN_ONSET
from backtrace_core.scope import Catalog, environment_of_service
from bot.settings import SettingsError, config_path
from bot.trace_report import as_json, as_text
from bot.trace_settings import TraceSettings, load_for_trace

if TYPE_CHECKING:
    from bot.gitlab.client import GitLabClient

FOUND, FAILED, UNUSABLE, NOTHING_NAMED = 0, 1, 2, 3
_TICK_S = 0.2
_LONGEST_TITLE = 150
_CLOCKS_APART = timedelta(minutes=5)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser("trace", help="trace one symptom and print the verdict; nothing is written anywhere")
    command.add_argument("--config", type=Path, help="the settings file; only [gitlab] and [[service]] are needed")
    command.add_argument("--service", required=True, help="a service of the settings: its name, an alias, its project")
    command.add_argument("--environment", required=True, help="one of the service's environments")
    command.add_argument("--symptom", required=True, help="what fails: an error, an endpoint, a stack trace")
    command.add_argument(
        "--at",
        type=_moment,
        help="when it was noticed, as an ISO time, of this machine's zone if it has none (default: now)",
    )
    command.add_argument("--json", action="store_true", help="the verdict as JSON, see docs/trace-json.md")


def _moment(text: str) -> datetime:
    try:
        # Without a zone it is this machine's time, as a person at a terminal means it.
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        message = f"{text!r} is no ISO time such as 2026-11-22T14:05 or 2026-11-22T14:05+01:00"
        raise argparse.ArgumentTypeError(message) from None


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0: a change or a shortlist is named; 3: no change explains it, or not enough evidence; 1: failed; 2: unusable."""
    try:
        settings = load_for_trace(config_path(env, options.config), env)
    except SettingsError as error:
        print("Backtrace can't trace. Please mend:", *(f"  - {p}" for p in error.problems), sep="\n", file=sys.stderr)
        return UNUSABLE
    asked = _asked(options, settings.catalog)
    if isinstance(asked, str):
        print(asked, file=sys.stderr)
        return UNUSABLE
    return asyncio.run(_trace(settings, asked, options))


def _asked(options: argparse.Namespace, catalog: Catalog) -> tuple[Alert, Scope] | str:
    """What to look for and where; or why that can't be."""
    service = catalog.find(options.service)
    if service is None:
        known = ", ".join(entry.name for entry in catalog.services)
        return f"There is no service {options.service!r} in the settings; there are: {known}."
    environment = environment_of_service(service, options.environment)
    if environment is None:
        return f"{service.name} has no environment {options.environment!r}; it has: {', '.join(service.environments)}."
    now = datetime.now(UTC)
    at = options.at or now
    if at > now + _CLOCKS_APART:
        return f"--at {at:%Y-%m-%d %H:%M} UTC has not come yet: it is {now:%Y-%m-%d %H:%M} UTC."
    onset = Onset(at - UNKNOWN_ONSET, at)
    alert = Alert(
        sender="terminal",
        status=AlertStatus.FIRING,
        title=options.symptom.partition("\n")[0][:_LONGEST_TITLE],
        text=options.symptom,
        received_at=at,
        onset=onset,
        fingerprint=hashlib.sha256(options.symptom.encode(errors="replace")).hexdigest()[:32],
        service=service.name,
        environment=options.environment,
        error_terms=error_terms(options.symptom, options.symptom),
        frames=frames_in(options.symptom),
    )
    return alert, Scope(service, environment, onset, onset.earliest - WINDOW)


async def _trace(settings: TraceSettings, asked: tuple[Alert, Scope], options: argparse.Namespace) -> int:
    from bot.gitlab.client import GitLabError
    from bot.investigate import investigate
    from bot.sources.gitlab import GitLabSource
    from bot.wiring import make_gitlab, utc_now

    alert, scope = asked
    beside = scopes_beside(scope, settings.catalog.services)
    gitlab = make_gitlab(settings.gitlab, settings.token)
    try:
        async with _progress(gitlab, scope, sys.stderr):
            known = settings.catalog.libraries
            labels = settings.gitlab.incident_labels
            source = GitLabSource(gitlab, utc_now, incident_labels=labels, libraries=known)
            verdict = await investigate(alert, scope, source, frozenset(), beside)
    except GitLabError as error:
        print(f"GitLab could not be read: {error}", file=sys.stderr)
        return FAILED
    finally:
        await gitlab.close()
    print(json.dumps(as_json(verdict), indent=2) if options.json else as_text(verdict))
    return _exit_code(verdict)


def _exit_code(verdict: Verdict) -> int:
    return FOUND if verdict.outcome in (Outcome.NAMED, Outcome.SHORTLIST) else NOTHING_NAMED


@asynccontextmanager
async def _progress(gitlab: GitLabClient, scope: Scope, out: TextIO) -> AsyncIterator[None]:
    """One line that is written over; where nobody watches it grow, once is enough."""
    what = f"Reading {scope.service.project}, {scope.environment} …"
    print(what, end="", file=out, flush=True)
    ticking = asyncio.create_task(_tick(gitlab, what, out)) if out.isatty() else None
    try:
        yield
    finally:
        if ticking is not None:
            ticking.cancel()
        print(file=out)


async def _tick(gitlab: GitLabClient, what: str, out: TextIO) -> None:
    began = monotonic()
    while True:
        print(f"\r{what} {gitlab.pace.taken} requests, {monotonic() - began:.1f} s", end="", file=out, flush=True)
        await asyncio.sleep(_TICK_S)
