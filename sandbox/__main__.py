"""``python -m sandbox``: the demo."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sandbox.demo import Wish, run
from sandbox.worlds import WORLDS, names


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 if everything came true, 1 if not, 2 for a command line that can't be used."""
    options = _parser().parse_args(argv)
    if options.list:
        for world in WORLDS:
            print(f"{world.name:<10} {world.summary}")
        return 0
    try:
        return asyncio.run(run(_wish(options), once=options.once))
    except ValueError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2


def _wish(options: argparse.Namespace) -> Wish:
    """:raises ValueError: where the options don't go together, with what to do."""
    if (options.repo is None) != (options.symptom is None):
        raise ValueError("--repo and --symptom go together: which repository, and what went wrong there")
    if options.repo is None and options.at:
        raise ValueError("--at goes with --repo: the worlds have their own time")
    if options.world not in names():
        raise ValueError(f"there is no world {options.world!r}; there are {', '.join(names())}")
    at = _moment(options.at) if options.at else None
    return Wish(options.world, options.repo, options.symptom or "", at, options.every, options.mode)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make demo ARGS=…", description="An embedded GitLab, an embedded Slack and the bot, on loopback."
    )
    parser.add_argument("--once", action="store_true", help="nobody at the keyboard: play the steps, print, end")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--world", default="login", metavar="NAME", help="which incident (default: %(default)s)")
    parser.add_argument("--list", action="store_true", help="list the worlds")
    which.add_argument("--repo", type=Path, metavar="PATH", help="make the world from a local git repository")
    parser.add_argument("--symptom", metavar="TEXT", help='what went wrong there, such as "login fails with KeyError"')
    parser.add_argument("--at", metavar="TIME", help="when it began, as 2026-11-20T14:00 (UTC)")
    parser.add_argument("--every", type=int, default=4, metavar="N", help="merge requests a deployment (default: 4)")
    parser.add_argument("--mode", choices=("http", "socket"), default="http", help="how Slack reaches the bot")
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"--at {text} is not a time: write it as 2026-11-20T14:00 (UTC)") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
