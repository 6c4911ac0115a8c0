"""``make contract``: are the embedded parties like the real ones? Exits 1 where they are not, or can't be compared."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from sandbox.gitlab import Exchange
from tests.contract.drive import exchanges
from tests.contract.golden import golden_mismatches
from tests.contract.reference import ReferenceMissingError, Specification
from tests.contract.rest import mismatches, outside
from tests.contract.slack_manifest import manifest_mismatches
from tests.contract.whole_bot import bot_exchanges


def main() -> int:
    try:
        specification = Specification()
    except ReferenceMissingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        recorded, golden = asyncio.run(_played(Path(folder)))
    wrong = [*dict.fromkeys(_wrong(specification, recorded)), *golden, *manifest_mismatches()]
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    left_out = sorted({name for exchange in recorded if (name := outside(specification, exchange))})
    names = ", ".join(left_out) or "none"
    sys.stdout.write(f"{len(recorded)} exchanges checked, operations outside the subset: {names}\n")
    return 1 if wrong else 0


async def _played(folder: Path) -> tuple[list[Exchange], list[str]]:
    recorded = [*await exchanges(folder), *await bot_exchanges(folder)]
    return recorded, await golden_mismatches(folder)


def _wrong(specification: Specification, recorded: list[Exchange]) -> list[str]:
    return [
        f"{exchange.request!r} -> {exchange.answer.status}: {what}"
        for exchange in recorded
        for what in mismatches(specification, exchange)
    ]


if __name__ == "__main__":
    sys.exit(main())
