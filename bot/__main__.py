"""The command line: serve, trace, parse, audit, manifest, check, key; and eval, fit, which measure the ranking."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bot import audit_command, check_command, parse_command, trace_command
from bot.settings import Settings, SettingsError, config_path, load

_M_ARENA_MAX = -8
"""``mallopt``'s, as glibc's malloc.h has it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (2: the settings, or the command line, can't be used)."""
    options = _parser().parse_args(argv)
    if options.command in _WITHOUT_SETTINGS:
        return _WITHOUT_SETTINGS[options.command](options)
    try:
        settings = load(config_path(os.environ, options.config), os.environ)
    except SettingsError as error:
        print("Backtrace can't start. Please mend:", *(f"  - {p}" for p in error.problems), sep="\n", file=sys.stderr)
        return 2
    return check_command.run(settings) if options.command == "check" else _serve(settings)


def _key() -> int:
    from bot.linking.vault import new_key

    print(new_key())
    return 0


def _measure(options: argparse.Namespace) -> int:
    from evaluation.command import Wanted, evaluate, fit

    if options.command == "fit":
        return fit(options.folder)
    wanted = Wanted(by_folds=options.cv, as_objects=options.json, cases=options.cases, facts=options.facts)
    return evaluate(options.folder, wanted)


def _serve(settings: Settings) -> int:
    from bot.wiring import StartError, serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # It tells at each start which database it looks at, and how.
    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)
    _collect_seldom()
    _keep_little()
    try:
        asyncio.run(serve(settings))
    except StartError as error:
        print(f"Backtrace can't start: {error}", file=sys.stderr)
        return 2
    return 0


def _collect_seldom() -> None:
    """A harvest is many small objects in no circles: by default Python goes through them again and again meanwhile."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _keep_little() -> None:
    """Let the threads share two stores of freed memory: by default glibc keeps one for each of them, mostly empty."""
    with suppress(OSError, AttributeError):  # other libraries of C have no such setting, and no need of it
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _manifest(options: argparse.Namespace) -> int:
    from bot.slack.manifest import as_yaml, manifest

    if options.socket and options.url:
        print("--url belongs to the HTTP form: in Socket Mode Slack calls no address. Leave one out.", file=sys.stderr)
        return 2
    if options.url and not options.url.startswith("https://"):
        print("--url must begin with https://: Slack calls no other address.", file=sys.stderr)
        return 2
    form = manifest(socket=options.socket, url=options.url)
    print(json.dumps(form, indent=2) + "\n" if options.json else as_yaml(form), end="")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backtrace", description="Traces an alert to the merge request behind it.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, says in (("serve", "run the bot"), ("check", "check the settings and GitLab's token, start nothing")):
        command = commands.add_parser(name, help=says)
        command.add_argument(
            "--config", type=Path, help="the settings file (default: $BACKTRACE_CONFIG or backtrace.toml)"
        )
    commands.add_parser("key", help="print a new key for BACKTRACE_TOKEN_KEYS")
    trace_command.add_to(commands)
    parse_command.add_to(commands)
    audit_command.add_to(commands)
    measure = commands.add_parser("eval", help="measure the ranking on a set of real culprits")
    measure.add_argument("folder", type=Path, metavar="DIR", help="holds cases.jsonl.gz and changes.jsonl.gz")
    measure.add_argument("--cv", action="store_true", help="fit anew in 5 folds by repository; score what was held out")
    measure.add_argument("--cases", action="store_true", help="print each case's rank, probability and top facts")
    measure.add_argument(
        "--facts", action="store_true", help="derive each printed fact anew, and count those that hold"
    )
    measure.add_argument("--json", action="store_true", help="as JSON instead of a table")
    learn = commands.add_parser("fit", help="make the ranking's learned numbers again from a set of real culprits")
    learn.add_argument("folder", type=Path, metavar="DIR", help="holds cases.jsonl.gz and changes.jsonl.gz")
    manifest = commands.add_parser("manifest", help="print the Slack app manifest that fits")
    manifest.add_argument("--socket", action="store_true", help="the Socket Mode form")
    manifest.add_argument("--url", help="the public address of the bot, for the HTTP form")
    manifest.add_argument("--json", action="store_true", help="as JSON instead of YAML")
    return parser


_WITHOUT_SETTINGS: dict[str, Callable[[argparse.Namespace], int]] = {
    "manifest": _manifest,
    "trace": lambda options: trace_command.run(options, os.environ),
    "parse": parse_command.run,
    "audit": lambda options: audit_command.run(options, os.environ, datetime.now(UTC)),
    "key": lambda _options: _key(),
    "eval": _measure,
    "fit": _measure,
}
"""These read themselves what they need of the settings, if anything."""


if __name__ == "__main__":
    sys.exit(main())
