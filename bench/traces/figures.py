"""What came out of the cases: top-1 and top-3 of the bot and of each baseline, by kind, against the bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.traces.baselines import BASELINES
from bench.traces.programs import KINDS, LINE

OURS = "backtrace"
RANKERS = (OURS, *BASELINES)
OTHERS_BAR = 0.60
AT_HOME, ELSEWHERE = "on a frame's line", "elsewhere"


@dataclass(frozen=True, slots=True)
class Row:
    """One case. ``places``: by ranker the culprit's place, 1 the first; None where it is not in the order at all."""

    case: str
    title: str
    kind: str
    error: str
    outcome: str
    probability: float
    places: Mapping[str, int | None]

    @property
    def wrongly_named(self) -> bool:
        return self.outcome == "named" and self.places[OURS] != 1


def place_in(order: Sequence[int], number: int) -> int | None:
    return order.index(number) + 1 if number in order else None


def share(rows: Sequence[Row], ranker: str, most: int) -> float:
    """How often the culprit is among the first ``most``; 0 where there is no case."""
    hits = sum((row.places[ranker] or most + 1) <= most for row in rows)
    return round(hits / len(rows), 3) if rows else 0.0


def figures(rows: Sequence[Row], left_out: int) -> dict[str, Any]:
    """Flat, for ``results.json`` and for tests of the bars."""
    home, elsewhere = _groups(rows)
    found: dict[str, Any] = {"cases": len(rows), "left_out": left_out, "cases_line": len(home)}
    for name, some in (("all", rows), ("line", home), ("others", elsewhere), *_by_kind(rows)):
        for ranker in RANKERS:
            for most in (1, 3):
                found[f"{name}_{_key(ranker)}_top{most}"] = share(some, ranker, most)
    named = [row for row in rows if row.outcome == "named"]
    found |= {"named": len(named), "wrongly_named": sum(row.wrongly_named for row in named)}
    best = max(found[f"line_{_key(name)}_top1"] for name in BASELINES)
    found["bar_line"] = bool(home) and found[f"line_{OURS}_top1"] >= best
    found["bar_others"] = bool(elsewhere) and found[f"others_{OURS}_top1"] >= OTHERS_BAR
    return found


def _groups(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    return [row for row in rows if row.kind == LINE], [row for row in rows if row.kind != LINE]


def _by_kind(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    return [(kind, [row for row in rows if row.kind == kind]) for kind in KINDS if kind != LINE]


def _key(ranker: str) -> str:
    return ranker.lower().replace(" ", "_")


def table(rows: Sequence[Row], left_out: int) -> str:
    """The figures for people: top-1 and top-3 in per cent."""
    home, elsewhere = _groups(rows)
    lines = [f"{'traces: top-1 / top-3, %':<26}{'cases':>6}" + "".join(f"{name:>16}" for name in RANKERS)]
    groups = (("all", list(rows)), (AT_HOME, home), (ELSEWHERE, elsewhere))
    lines += [_line(name, some) for name, some in (*groups, *((f"  {k}", s) for k, s in _by_kind(rows)))]
    found = figures(rows, left_out)
    best = max(found[f"line_{_key(name)}_top1"] for name in BASELINES)
    lines += [
        "",
        f"{AT_HOME}: {found[f'line_{OURS}_top1']:.2f}, bar: the best baseline's {best:.2f}: {_met(found['bar_line'])}",
        f"{ELSEWHERE}: {found[f'others_{OURS}_top1']:.2f}, bar: {OTHERS_BAR:.2f}: {_met(found['bar_others'])}",
        f"named in {found['named']} of {len(rows)} cases, wrongly in {found['wrongly_named']}",
    ]
    if left_out:
        lines.append(f"{left_out} cases in JavaScript were left out: there is no node here (apt-get install nodejs)")
    return "\n".join(lines)


def _met(bar: object) -> str:
    return "met" if bar else "NOT met"


def _line(name: str, rows: Sequence[Row]) -> str:
    def cell(ranker: str) -> str:
        return f"{100 * share(rows, ranker, 1):.0f} / {100 * share(rows, ranker, 3):.0f}"

    return f"{name:<26}{len(rows):>6}" + "".join(f"{cell(ranker):>16}" for ranker in RANKERS)


def listed(rows: Sequence[Row], wanted: Callable[[Row], bool]) -> str:
    """A line a case: its kind, the culprit's place with each ranker, what the bot made of it, the error."""
    lines = [f"{'case':<18}{'kind':<15}" + "".join(f"{name:>14}" for name in RANKERS) + "  outcome"]
    for row in filter(wanted, rows):
        places = "".join(f"{row.places[ranker] or '-':>14}" for ranker in RANKERS)
        said = f"{row.outcome} ({row.probability:.2f})"
        lines.append(f"{row.case:<18}{row.kind:<15}{places}  {said:<19} {row.title} | {row.error}")
    return "\n".join(lines)
