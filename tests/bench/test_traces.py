"""The stack-trace track: programs really break, neighbours don't break them, and the same seed gives the same case."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pygit2
import pytest

from bench.traces.asking import ask
from bench.traces.baselines import BASELINES
from bench.traces.cases import NEIGHBOURS, Name, all_names, build_case, is_at_home, kind_of, left_out
from bench.traces.edits import edit_between
from bench.traces.programs import KINDS, LINE, edits_of, names, read_program
from bench.traces.running import can_run, run
from bench.traces.seen import seen_of
from bench.traces.tidying import python_edit
from bench.traces.tidying_script import script_edit
from bench.traces.worlds import alert_text

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="programs in JavaScript need node")


def first_of(kind: str, programs: Sequence[str]) -> Name:
    return next(name for name in all_names() if name.program in programs and kind_of(name) == kind)


PYTHON = [first_of(kind, ("ledger", "checkout")) for kind in KINDS]
ONE = PYTHON[0]


@pytest.mark.parametrize("name", PYTHON, ids=kind_of)
def test_a_case_of_each_kind_is_what_its_kind_says(name: Name, tmp_path: Path) -> None:
    """Thirty neighbours, all of them on the trace's files; blame is at home where the fault is on a frame's line."""
    case = build_case(name, 1, tmp_path)
    git = pygit2.Repository(str(case.history.path))
    frames = {frame.file for frame in case.frames}
    touched = [
        {file for patch in git.diff(f"{one.head}^", one.head) for file in (patch.delta.old_file.path,)}
        for n, one in enumerate(case.history.merged)
        if n != case.culprit
    ]

    assert len(case.history.merged) == NEIGHBOURS + 1
    assert all(paths & frames for paths in touched)
    assert is_at_home(case) is (case.fault.kind == LINE)
    assert case.error in case.trace


@needs_node
@pytest.mark.parametrize("program", ["gateway", "planner"])
def test_node_really_prints_the_trace(program: str, tmp_path: Path) -> None:
    """Its frames have the container's paths, and the fault's line is among them."""
    case = build_case(first_of(LINE, (program,)), 1, tmp_path)

    assert f"{case.program.root}/" in case.trace
    assert case.error.startswith("TypeError: ")
    assert is_at_home(case)


def test_the_same_seed_gives_the_same_case(tmp_path: Path) -> None:
    """Shas, authors, numbers and trace; another seed gives other neighbours."""
    first, again, other = (build_case(ONE, seed, tmp_path / str(n)) for n, seed in enumerate((1, 1, 2)))

    assert (first.history.merged, first.culprit, first.trace) == (again.history.merged, again.culprit, again.trace)
    assert {one.title for one in first.history.merged} != {one.title for one in other.history.merged}


def test_a_trace_has_no_path_of_the_machine_that_ran_it(tmp_path: Path) -> None:
    """Own code stands in the container's folder, the language's in that of its image, packages below it."""
    case = build_case(first_of("rename", ("checkout",)), 1, tmp_path)
    files = [line.split('"')[1] for line in case.trace.splitlines() if line.lstrip().startswith('File "')]

    assert files
    assert {file.startswith(("/srv/checkout/", "/usr/local/lib/python3.11/", "<")) for file in files} == {True}


@pytest.mark.parametrize("program", names())
def test_all_harmless_edits_together_are_harmless(program: str) -> None:
    """By hand as many as fit together, then forty that are made: the program prints what it printed."""
    read = read_program(program)
    if not can_run(read):
        pytest.skip("programs in JavaScript need node")
    tree, random = dict(read.files), Random(7)  # noqa: S311 - always the same edits
    for step in random.sample(read.harmless, len(read.harmless)):
        try:
            tree = step.on(tree)
        except ValueError:
            continue
    sources = sorted(path for path in tree if path.endswith((".py", ".js", ".mjs")))
    for _ in range(40):
        path = random.choice(sources)
        found = (python_edit if path.endswith(".py") else script_edit)(tree[path], random)
        tree[path] = found[1] if found else tree[path]
    before, after = run(read, read.files), run(read, tree)

    assert (after.status, after.output) == (0, before.output)
    assert tree != read.files


async def test_the_bot_is_asked_by_its_own_way(tmp_path: Path) -> None:
    """The alert is read as from Slack, and all 31 merge requests are candidates by one deployment."""
    case = build_case(ONE, 1, tmp_path)
    answer = await ask(case)

    assert sorted(answer.order) == [one.iid for one in case.history.merged]
    assert answer.alert is not None
    assert len(answer.alert.frames) == len(case.frames)
    assert answer.ranking is not None
    assert len({suspect.candidate.deployment for suspect in answer.ranking.suspects}) == 1


def test_the_baselines_see_the_culprit_s_line(tmp_path: Path) -> None:
    """Blame by git: one of the lines is the culprit's; each rule orders only merge requests of the case."""
    case = build_case(ONE, 1, tmp_path)
    seen = seen_of(case)
    numbers = {one.iid for one in case.history.merged}

    assert case.culprit_iid in {line.number for line in seen.lines}
    assert len(seen.changes) == NEIGHBOURS + 1
    for rule in BASELINES.values():
        assert set(rule(seen)) <= numbers


def test_at_least_120_cases_half_of_them_at_home() -> None:
    """With those that can't run here."""
    all_of_them = [Name(name, fault.number, 0) for name in names() for fault in read_program(name).faults]
    lines = [name for name in all_of_them if kind_of(name) == LINE]

    assert len(all_of_them) >= 120
    assert 2 * len(lines) >= len(all_of_them)
    assert {kind_of(name) for name in all_of_them} == set(KINDS)


def test_without_node_cases_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made up for them."""
    with_all = len(all_names()) + left_out()
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert left_out() > 0
    assert len(all_names()) + left_out() == with_all
    assert {name.program for name in all_names()} == {"checkout", "digest", "dispatch", "ledger"}


def test_an_edit_finds_its_place_in_another_version() -> None:
    """With as little context as makes it clear; where the text is twice there, with more."""
    before = "a\nx\nb\nc\nx\nd\n"
    edit = edit_between("f", before, "a\nx\nb\nc\ny\nd\n")

    assert edit is not None
    assert edit.hunks == ((" c", "-x", "+y", " d"),)


def test_a_patch_is_read_with_its_renames() -> None:
    """A renamed file may change too; a new one has only lines that come."""
    first, second = edits_of("rename a.txt b.txt\n-old\n+new\nfile c.txt\n+all\n")

    assert (first.renamed_from, first.path, first.hunks) == ("a.txt", "b.txt", (("-old", "+new"),))
    assert (second.renamed_from, second.path) == ("", "c.txt")


def test_the_alert_s_heading_says_the_error(tmp_path: Path) -> None:
    """And the trace stands below it as it was printed."""
    case = build_case(ONE, 1, tmp_path)
    heading, _, rest = alert_text(case).partition("\n")

    assert heading == f":rotating_light: checkout production: {case.error}"
    assert rest.strip("`") == case.trace.strip()
