"""The whole track: every case built, run, asked and ranked, several at once."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.results import keep
from bench.traces.asking import ask
from bench.traces.baselines import BASELINES
from bench.traces.cases import Name, all_names, build_case, left_out
from bench.traces.figures import OURS, Row, figures, place_in, table
from bench.traces.seen import seen_of

SEED = 1


def measure(names: Sequence[Name], seed: int) -> list[Row]:
    """One row a case, in the order of the names.

    :raises bench.traces.cases.NoCaseError: where a case can't be built.
    """
    # Not forked: clients' threads of a process before would be half there.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        return list(pool.map(partial(row_of, seed=seed), names, chunksize=4))


def row_of(name: Name, seed: int) -> Row:
    """Build one case, ask the bot and the baselines."""
    with tempfile.TemporaryDirectory(prefix="backtrace-traces-") as folder:
        case = build_case(name, seed, Path(folder))
        answer = asyncio.run(ask(case))
        seen = seen_of(case)
    orders = {OURS: answer.order, **{baseline: rule(seen) for baseline, rule in BASELINES.items()}}
    return Row(
        case=str(name),
        title=case.fault.title,
        kind=case.fault.kind,
        error=case.error[:80],
        outcome=answer.outcome,
        probability=round(answer.probability, 3),
        places={ranker: place_in(order, case.culprit_iid) for ranker, order in orders.items()},
    )


async def run() -> dict[str, Any]:
    """The whole track; its figures are kept in ``results.json``."""
    rows = await asyncio.to_thread(measure, all_names(), SEED)
    keep("traces", figures(rows, left_out()))
    return {"rows": rows, "left_out": left_out()}


def table_of(found: Mapping[str, Any]) -> str:
    return table(found["rows"], found["left_out"])
