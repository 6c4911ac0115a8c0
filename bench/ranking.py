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
    Frame,
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
_FRAMES = (Frame("shop/tax.py", 10, "total"),)


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


def costly() -> dict[str, float]:
    """Seconds for one change each that is made to be slow: tables of ones and noughts, values that double line by line.

    Each is on the trace and has the error's name, so that its lines are looked at closely.
    """
    draw = random.Random(_SEED)  # noqa: S311 - the same numbers each time, no secret
    tables = [_hunk(100 * n, _row_of_bits(draw), _row_of_bits(draw)) for n in range(60)]
    first = _hunk(7000, ("tax = {'tax': old}",), ("tax = {'tax': new}",))
    doubling = ("use(x40, x40)", *(f"x{n} = x{n - 1} + x{n - 1}" for n in range(40, 0, -1)))
    return {"tables_s": _ranked_alone((*tables[1:], first)), "doubling_s": _ranked_alone((_hunk(10, (), doubling),))}


def _ranked_alone(hunks: tuple[Hunk, ...]) -> float:
    change = _change(0, "Work", "", (FileDiff("shop/tax.py", "shop/tax.py", hunks),))
    onset, row = Onset(_NOW, _NOW), deployment(1, _NOW - timedelta(minutes=5))
    scope = Scope(Service("web", PROJECT), "production", onset, _NOW - timedelta(days=3))
    harvest = Harvest(scope, None, (row,), (change,), (), (), _NOW)
    text = "KeyError: 'tax'"
    alert = Alert("bench", AlertStatus.FIRING, text, text, _NOW, onset, "f", frames=_FRAMES)
    began = time.perf_counter()
    rank((Candidate(change, row, ()),), alert, harvest)
    return round(time.perf_counter() - began, 3)


def _hunk(at: int, removed: tuple[str, ...], added: tuple[str, ...]) -> Hunk:
    old, new = (tuple(enumerate(texts, start=at)) for texts in (removed, added))
    return Hunk(at, len(old), at, len(new), "", new, old)


def _row_of_bits(draw: random.Random) -> tuple[str, ...]:
    return tuple(f"    [{', '.join(str(draw.randint(0, 1)) for _ in range(20))}]," for _ in range(10))


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
    slow = await asyncio.to_thread(costly)
    figures = {f"{figure}_{size}": value for size, row in rows.items() for figure, value in row.items()}
    keep("ranking", {**figures, **slow})
    return {"rows": rows, "costly": slow}


def table(found: Mapping[str, Any]) -> str:
    lines = [f"{'candidates':>10}{'files':>9}{'counting s':>12}{'ranking s':>11}{'peak MB':>9}"]
    for size, row in found["rows"].items():
        lines.append(f"{size:>10}{size * FILES:>9}{row['count_s']:>12.3f}{row['rank_s']:>11.3f}{row['peak_mb']:>9.0f}")
    thousand = found["rows"][1000]["rank_s"]
    lines.append(f"1,000 candidates in {thousand:.3f} s, bar 0.5: {'met' if thousand < 0.5 else 'NOT met'}")  # noqa: PLR2004
    lines += [
        f"one change made to be slow ({name.removesuffix('_s')}): {value:.3f} s"
        for name, value in found["costly"].items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(asyncio.run(run())))
