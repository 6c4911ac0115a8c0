"""How long the ranking takes: ``python -m bench.ranking``. A harvest's words are counted when it is gathered."""

from __future__ import annotations

import asyncio
import random
import resource
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from backtrace_core.evidence.context import corpus_for
from backtrace_core.model import (
    Alert,
    AlertStatus,
    Candidate,
    Change,
    ChangeKind,
    FileDiff,
    Harvest,
    Hunk,
    Onset,
    Scope,
    Service,
)
from backtrace_core.rank import rank
from bench.results import keep
from evaluation.as_harvest import PROJECT, deployment

SIZES = (250, 500, 1000, 2000, 4000)
FILES = 20
"""A change: so that 1,000 changes have 20,000 files."""
_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_LINES, _WORDS, _IN_ONE_DEPLOYMENT = 4, 4000, 10
_SEED = 20


def measure(size: int) -> dict[str, float]:
    """Seconds to count the words, seconds to rank, the process's peak memory in MB."""
    candidates, harvest, alert = made(size)
    began = time.perf_counter()
    corpus = corpus_for(candidates, harvest)
    for learned in ("having", "naming", "saying", "touching", "at_place", "subjects"):
        getattr(corpus, learned)
    counted = time.perf_counter()
    rank(candidates, alert, harvest, corpus=corpus)
    ranked = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"count_s": round(counted - began, 3), "rank_s": round(ranked - counted, 3), "peak_mb": round(peak, 1)}


def made(size: int) -> tuple[tuple[Candidate, ...], Harvest, Alert]:
    """So many candidates of twenty files each, ten a deployment; the later a word in the list, the seldomer."""
    draw = random.Random(_SEED)  # noqa: S311 - the same words each time, no secret
    words = [_word(draw) for _ in range(_WORDS)]
    weights = [1 / (place + 10) for place in range(_WORDS)]

    def some(count: int) -> list[str]:
        return draw.choices(words, weights, k=count)

    def file() -> FileDiff:
        path = f"{'/'.join(some(2))}/{'_'.join(some(2))}.py"
        added = tuple((line, " ".join(some(6))) for line in range(1, _LINES + 1))
        return FileDiff(path, path, (Hunk(1, 0, 1, _LINES, f"def {draw.choice(words)}():", added),))

    onset = Onset(_NOW, _NOW)
    scope = Scope(Service("web", PROJECT), "production", onset, _NOW - timedelta(days=3))
    rows = [deployment(n + 1, _NOW - timedelta(minutes=5 + n)) for n in range(-(-size // _IN_ONE_DEPLOYMENT))]
    changes = [
        _change(n, " ".join(some(6)), " ".join(some(30)), tuple(file() for _ in range(FILES))) for n in range(size)
    ]
    harvest = Harvest(scope, None, tuple(rows), tuple(changes), (), (), _NOW)
    title = " ".join(some(12))
    alert = Alert("bench", AlertStatus.FIRING, title, title, _NOW, onset, "f")
    return tuple(Candidate(c, rows[n // _IN_ONE_DEPLOYMENT], ()) for n, c in enumerate(changes)), harvest, alert


def _word(draw: random.Random) -> str:
    return "".join(draw.choice("bcdfghklmnprstvw") + draw.choice("aeiou") for _ in range(draw.randint(2, 4)))


def _change(number: int, title: str, description: str, files: tuple[FileDiff, ...]) -> Change:
    return Change(
        kind=ChangeKind.MERGE_REQUEST,
        project=PROJECT,
        iid=number + 1,
        sha=f"{number + 1:040x}",
        title=title,
        url=f"https://gitlab.example/{PROJECT}/-/merge_requests/{number + 1}",
        author=None,
        author_name="",
        merged_at=_NOW - timedelta(hours=1),
        description=description,
        files=files,
    )


async def run() -> dict[str, Any]:
    """Each size; kept under ``ranking``, the thousand's figures by themselves."""
    rows = {size: await asyncio.to_thread(measure, size) for size in SIZES}
    keep("ranking", {f"{figure}_{size}": value for size, row in rows.items() for figure, value in row.items()})
    return {"rows": rows}


def table(found: Mapping[str, Any]) -> str:
    lines = [f"{'candidates':>10}{'files':>9}{'counting s':>12}{'ranking s':>11}{'peak MB':>9}"]
    for size, row in found["rows"].items():
        lines.append(f"{size:>10}{size * FILES:>9}{row['count_s']:>12.3f}{row['rank_s']:>11.3f}{row['peak_mb']:>9.0f}")
    thousand = found["rows"][1000]["rank_s"]
    lines.append(f"1,000 candidates in {thousand:.3f} s, bar 0.5: {'met' if thousand < 0.5 else 'NOT met'}")  # noqa: PLR2004
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(asyncio.run(run())))
