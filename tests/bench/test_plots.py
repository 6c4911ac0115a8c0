"""The plots of the ranking, drawn from a small report whose figures are known; read back from the SVG."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bench.plots import CALIBRATION, COMMAND, RISK_COVERAGE, main, wilson
from evaluation.command import Wanted, evaluate
from tests.evaluation.shelf import write

SVG = "{http://www.w3.org/2000/svg}"
Where = tuple[float, float]

BINS = [(0.05, 0.0, 12), (0.3, 0.25, 12), (0.55, 0.6364, 11), (0.97, 1.0, 11)]
CURVE = [(0.5, 0.9), (1.0, 0.4783)]


def made(**named: float) -> dict[str, Any]:
    return {
        "same_deploy": {"S+D": {"n": 23}},
        "calibration": {
            "bins": [{"said": said, "true": true, "count": count} for said, true, count in BINS],
            "risk_coverage": [{"coverage": coverage, "precision": precision} for coverage, precision in CURVE],
            "named": {"S+D": named or {"coverage": 0.131, "precision": 0.891}},
        },
        "intervals": {"named.coverage": [float("-inf"), float("inf")]},  # as eval prints of a single repository
    }


def drawn(folder: Path, report: dict[str, Any]) -> tuple[ET.Element, ET.Element]:
    source = folder / "eval.json"
    source.write_text(json.dumps(report), encoding="utf-8")
    assert main([str(source), "--into", str(folder / "docs")]) == 0
    calibration, risk = (ET.parse(folder / "docs" / name).getroot() for name in (CALIBRATION, RISK_COVERAGE))  # noqa: S314 - our own file
    return calibration, risk


def texts(svg: ET.Element) -> set[str]:
    return {"".join(each.itertext()) for each in svg.iter(f"{SVG}text")}


def places(svg: ET.Element, gid: str) -> list[Where]:
    """Where the marks, or else the line's points, of an element stand, in the units of the axes."""
    across, upwards = zip(*_points(svg, "frame"), strict=True)
    left, right, top, bottom = min(across), max(across), min(upwards), max(upwards)
    return [((x - left) / (right - left), (bottom - y) / (bottom - top)) for x, y in _points(svg, gid)]


def _points(svg: ET.Element, gid: str) -> list[Where]:
    (group,) = (each for each in svg.iter(f"{SVG}g") if each.get("id") == gid)
    marks = [(float(each.attrib["x"]), float(each.attrib["y"])) for each in group.iter(f"{SVG}use")]
    lines = " ".join(each.attrib["d"] for each in group.iter(f"{SVG}path"))
    return marks or [(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", lines)]


def near(*expected: Where) -> list[Any]:
    return [pytest.approx(each, abs=1e-3) for each in expected]


def test_the_bins_stand_where_their_figures_say(tmp_path: Path) -> None:
    """What was said across, what came true upwards, with Wilson's interval and the count; the diagonal whole."""
    svg, _ = drawn(tmp_path, made())

    assert svg.tag == f"{SVG}svg"
    assert places(svg, "diagonal") == near((0, 0), (1, 1))
    for number, (said, true, count) in enumerate(BINS, 1):
        low, high = wilson(true, count)
        assert places(svg, f"bin-{number}") == near((said, true))
        assert places(svg, f"interval-{number}") == near((said, low), (said, high))
    assert texts(svg) >= {"46 answers in 4 bins of 11 to 12", "0/12", "3/12", "7/11", "11/11"}


def test_the_curve_the_named_and_the_bar(tmp_path: Path) -> None:
    """Each stands at its coverage and precision, and the legend says the two that are compared."""
    _, svg = drawn(tmp_path, made())

    assert svg.tag == f"{SVG}svg"
    assert places(svg, "curve") == near(*CURVE)
    assert places(svg, "named") == near((0.131, 0.891))
    assert places(svg, "bar") == near((0.25, 0.88))
    assert texts(svg) >= {"23 lists with a culprit", "named: 0.891 at 0.131", "bar: 0.88 at 0.25"}


def test_who_names_nobody_has_no_precision(tmp_path: Path) -> None:
    """No point at nought: the legend says it."""
    _, svg = drawn(tmp_path, made(coverage=0.0, precision=0.0))

    assert "named" not in {each.get("id") for each in svg.iter(f"{SVG}g")}
    assert "named: nobody" in texts(svg)


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    """A plot that is drawn again changes only where a figure did."""
    folders = [tmp_path / name for name in ("once", "again", "other")]
    for folder, coverage in zip(folders, (0.131, 0.131, 0.2), strict=True):
        folder.mkdir()
        drawn(folder, made(coverage=coverage, precision=0.891))
    once, again, other = ([(each / "docs" / n).read_bytes() for n in (CALIBRATION, RISK_COVERAGE)] for each in folders)

    assert once == again
    assert (once[0] == other[0], once[1] == other[1]) == (True, False)


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_s_interval(right: int, count: int, low: float, high: float) -> None:
    """As Newcombe 1998 (Statistics in Medicine 17, table I) has it; wrong answers mirror right ones."""
    assert wilson(right / count, count) == pytest.approx((low, high), abs=5e-5)
    assert wilson(1 - right / count, count) == pytest.approx((1 - high, 1 - low), abs=5e-5)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        ("no JSON", "Invalid JSON"),
        ("[]", "should be an object"),
        ('{"same_deploy": {}}', "calibration: Field required"),
        (json.dumps({**made(), "same_deploy": {}}), "S+D"),
        (json.dumps({**made(), "calibration": {**made()["calibration"], "bins": []}}), "calibration.bins"),
        (json.dumps(made(coverage=1.31, precision=0.9)), "less than or equal to 1"),
    ],
)
def test_what_is_no_report_is_said(
    content: str | None, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, on stderr what it lacks and the command that makes one; nothing is drawn."""
    source = tmp_path / "eval.json"
    if content is not None:
        source.write_text(content, encoding="utf-8")

    assert main([str(source), "--into", str(tmp_path / "docs")]) == 1
    err = capsys.readouterr().err
    assert why in err
    assert COMMAND in err
    assert not (tmp_path / "docs").exists()


@pytest.mark.timeout(300)
def test_what_eval_prints_is_what_is_measured_here(tmp_path: Path) -> None:
    """The printed report and the culprit set itself give the same drawings, of all fifteen cases' both lists."""
    culprits, printed = write(tmp_path / "set"), io.StringIO()
    assert evaluate(culprits, Wanted(by_folds=True, as_objects=True), printed) == 0
    calibration, _ = drawn(tmp_path, json.loads(printed.getvalue()))

    assert main(["--culprits", str(culprits), "--into", str(tmp_path / "here")]) == 0
    assert "30 answers in 10 bins of 3" in texts(calibration)
    for name in (CALIBRATION, RISK_COVERAGE):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "docs" / name).read_bytes()


def test_without_a_culprit_set_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1, and which file is missing."""
    assert main(["--culprits", str(tmp_path), "--into", str(tmp_path / "docs")]) == 1
    assert "is missing" in capsys.readouterr().err
