"""The ranking's probabilities drawn: ``python -m bench.plots EVAL.json [--into docs]``.

``EVAL.json`` is what ``backtrace eval DIR --cv --json`` printed. With ``--culprits DIR`` in its place it is measured
here, by folds too, which takes minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Annotated, NamedTuple

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import BaseModel, Field, ValidationError

from backtrace_core.ranking_model import shipped
from evaluation.answers import ask, prepare
from evaluation.cases import CasesError, read_culprit_set
from evaluation.scoring import models_by_folds, report

CALIBRATION, RISK_COVERAGE = "calibration.svg", "risk-coverage.svg"
COMMAND = "backtrace eval DIR --cv --json > EVAL.json"
LABELS = "S+D"
_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "backtrace", "font.size": 9.0, "axes.grid": True, "grid.alpha": 0.3}
_SIZE = (5.6, 5.6)
"""Inches."""
_ROOM = 0.92

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(gt=0)]


class Bin(BaseModel):
    """Answers of about the same probability: the mean that was said, the share that came true."""

    said: Share
    true: Share
    count: Count


class Point(BaseModel):
    """So large a share of all lists is answered, and so large a share of these rightly."""

    coverage: Share
    precision: Share


class Lists(BaseModel):
    n: Count


class Calibration(BaseModel):
    bins: Annotated[list[Bin], Field(min_length=1)]
    risk_coverage: Annotated[list[Point], Field(min_length=1)]
    named: dict[str, Point]


class Report(BaseModel):
    """What is drawn of what ``backtrace eval --json`` prints."""

    same_deploy: dict[str, Lists]
    calibration: Calibration


class Drawn(NamedTuple):
    """``named`` is None where nobody was named: there is no precision then. ``lists``: how many have a culprit."""

    bins: list[Bin]
    curve: list[Point]
    named: Point | None
    lists: int


BAR = Point(coverage=0.25, precision=0.88)
"""What the ranking aims at (docs/ranking.md)."""


class NoReportError(ValueError):
    """What was given is no report of the ranking; the message says which command makes one."""


def read(path: Path) -> Drawn:
    """:raises NoReportError: when the file can't be read, or lacks a figure that is drawn."""
    try:
        return of_report(path.read_bytes())
    except (OSError, ValidationError, KeyError) as error:
        why = _first(error) if isinstance(error, ValidationError) else str(error)
        raise NoReportError(f"{path} is no report of the ranking ({why}); make one by `{COMMAND}`") from error


def of_report(printed: str | bytes) -> Drawn:
    """:raises ValidationError: when it is no JSON of that form. :raises KeyError: without figures of S+D."""
    found = Report.model_validate_json(printed)
    named = found.calibration.named[LABELS]
    return Drawn(
        bins=found.calibration.bins,
        curve=found.calibration.risk_coverage,
        named=named if named.coverage else None,
        lists=found.same_deploy[LABELS].n,
    )


def measured(folder: Path) -> Drawn:
    """By numbers that were learned from the other folds' repositories. :raises CasesError: without a culprit set."""
    found = read_culprit_set(folder)
    models = models_by_folds(prepare(found, shipped()), shipped())
    return of_report(json.dumps(report(ask(found, models), {}, {})))


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % of a share of ``count`` (Wilson 1927, J. Am. Stat. Assoc. 22): never outside of 0 to 1."""
    z = NormalDist().inv_cdf(0.975)
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def draw(found: Drawn, into: Path) -> tuple[Path, Path]:
    """Write both files, the same bytes for the same figures. :raises OSError: when the folder can't be written to."""
    into.mkdir(parents=True, exist_ok=True)
    with style.context(["default", _STYLE]):
        return _save(_calibration(found), into / CALIBRATION), _save(_risk_coverage(found), into / RISK_COVERAGE)


def _calibration(found: Drawn) -> Figure:
    counts = sorted({each.count for each in found.bins})
    each_bin = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    total = sum(each.count for each in found.bins)
    figure, axes = _axes("the first suspect's probability", "share of first suspects that were the culprit")
    axes.set_title(f"{total} answers in {len(found.bins)} bins of {each_bin}")
    axes.plot((0, 1), (0, 1), color="0.5", linestyle="--", linewidth=1, label="what is said comes true", gid="diagonal")
    for number, each in enumerate(found.bins, 1):
        _bin(axes, each, number)
    axes.plot((), (), "o-", color="C0", markersize=4, linewidth=1, label="came true, 95 % interval (Wilson)")
    axes.legend(loc="lower right")
    return figure


def _bin(axes: Axes, each: Bin, number: int) -> None:
    low, high = wilson(each.true, each.count)
    axes.plot((each.said, each.said), (low, high), color="C0", linewidth=1, gid=f"interval-{number}")
    axes.plot(each.said, each.true, "o", color="C0", markersize=4, clip_on=False, gid=f"bin-{number}")
    right = f"{round(each.true * each.count)}/{each.count}"
    # Over the interval; under it where there is no room.
    end, away, side = (high, 3, "bottom") if high < _ROOM else (low, -3, "top")
    text = axes.annotate(right, (each.said, end), (0, away), textcoords="offset points", rotation=90, fontsize=6)
    text.set(ha="center", va=side)


def _risk_coverage(found: Drawn) -> Figure:
    figure, axes = _axes("coverage: share of lists answered, the surest first", "precision of the first suspect")
    axes.set_title(f"{found.lists} lists with a culprit")
    shares = [each.coverage for each in found.curve], [each.precision for each in found.curve]
    axes.plot(*shares, "o-", color="C0", markersize=4, clip_on=False, label="by falling probability", gid="curve")
    _mark(axes, BAR, "bar", "P", "C2")
    if found.named is None:
        axes.plot((), (), "D", color="C3", label="named: nobody")
    else:
        _mark(axes, found.named, "named", "D", "C3")
    axes.legend(loc="lower left")
    return figure


def _mark(axes: Axes, at: Point, name: str, shape: str, color: str) -> None:
    label = f"{name}: {at.precision:.3g} at {at.coverage:.3g}"
    axes.plot(at.coverage, at.precision, shape, color=color, markersize=7, clip_on=False, label=label, gid=name)


def _axes(across: str, upwards: str) -> tuple[Figure, Axes]:
    figure = Figure(_SIZE, layout="constrained")
    axes = figure.add_subplot(xlim=(0, 1), ylim=(0, 1), xlabel=across, ylabel=upwards, aspect="equal")
    axes.patch.set_gid("frame")
    return figure, axes


def _save(figure: Figure, path: Path) -> Path:
    figure.savefig(path, format="svg", metadata={"Date": None})
    return path


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    return f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}".removeprefix(": ")


def main(arguments: Sequence[str] | None = None) -> int:
    """0: drawn; 1: nothing to draw, or nowhere (said on stderr)."""
    parser = argparse.ArgumentParser(prog="python -m bench.plots", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("report", nargs="?", type=Path, metavar="EVAL.json", help=f"made by: {COMMAND}")
    source.add_argument("--culprits", type=Path, metavar="DIR", help="measure on this culprit set")
    parser.add_argument("--into", type=Path, default=Path("docs"), metavar="DIR", help="where the drawings go (docs)")
    options = parser.parse_args(arguments)
    try:
        found = measured(options.culprits) if options.culprits else read(options.report)
        for path in draw(found, options.into):
            print(path)
    except (NoReportError, CasesError, OSError) as error:
        print(f"python -m bench.plots: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
