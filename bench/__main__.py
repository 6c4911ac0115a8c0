"""All benches: ``python -m bench``. A new one is a module with ``run`` and ``table``, and a line in :data:`BENCHES`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple

from bench import latency, parse, ranking
from bench.traces import track


class Bench(NamedTuple):
    """``run`` measures and keeps its figures in ``results.json``; ``table`` shows them."""

    name: str
    run: Callable[[], Coroutine[Any, Any, dict[str, Any]]]
    table: Callable[[Mapping[str, Any]], str]


BENCHES = (
    Bench("latency", latency.run, latency.table),
    Bench("parse", parse.run, parse.table),
    Bench("ranking", ranking.run, ranking.table),
    Bench("traces", track.run, track.table_of),
)


def main() -> int:
    for bench in BENCHES:
        found = asyncio.run(bench.run())
        print(bench.table(found), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
