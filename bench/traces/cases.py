"""One case: thirty harmless merge requests and the one that breaks the program, and what it then really prints.

The same seed gives the same history. A plan is kept only where it is one: without the culprit the program prints what
it always printed, with it the fault's own error; every neighbour touches a file of the trace; and blame is at home, or
is not, as the fault's kind says.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

from backtrace_core.alerts.stack import frames_in
from backtrace_core.model import Frame
from bench.traces.edits import edit_between
from bench.traces.history import History, write_history
from bench.traces.programs import LINE, Fault, Program, Step, Tree, names, read_program
from bench.traces.running import Run, can_run, run
from bench.traces.tidying import python_edit
from bench.traces.tidying_script import script_edit

NEIGHBOURS = 30
VARIANTS = 2
"""Each fault comes that often, among other neighbours."""
_ATTEMPTS, _TRIES = 12, 400
_BY_HAND = 0.75
_PYTHON_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:: .*)?$")
_JAVASCRIPT_ERROR = re.compile(r"\w*Error(?: \[\w+\])?: ")


@dataclass(frozen=True, slots=True)
class Name:
    """Which case: enough to build it again with the seed."""

    program: str
    fault: int
    variant: int

    def __str__(self) -> str:
        return f"{self.program}-{self.fault:02}-{'abcdefgh'[self.variant]}"


@dataclass(frozen=True, slots=True)
class Case:
    """``culprit`` is an index into the history's merge requests; ``trace`` what the program printed."""

    name: Name
    program: Program
    fault: Fault
    history: History
    culprit: int
    trace: str

    @property
    def culprit_iid(self) -> int:
        return self.history.merged[self.culprit].iid

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Innermost last, the program's own files by their path in the repository, others as printed."""
        return own_frames(self.program, self.trace)

    @property
    def error(self) -> str:
        return error_of(self.program, self.trace)


class NoCaseError(Exception):
    """The fault and its neighbours could not be put together: the program's edits need work."""


def all_names(variants: int = VARIANTS) -> tuple[Name, ...]:
    """Those whose programs can run here."""
    programs = [program for program in map(_program, names()) if can_run(program)]
    return tuple(Name(p.name, f.number, v) for p in programs for f in p.faults for v in range(variants))


def left_out(variants: int = VARIANTS) -> int:
    """How many cases can't be built here, for want of an interpreter."""
    return sum(len(p.faults) * variants for p in map(_program, names()) if not can_run(p))


def kind_of(name: Name) -> str:
    return _program(name.program).faults[name.fault].kind


def build_case(name: Name, seed: int, folder: Path) -> Case:
    """:raises NoCaseError: where no plan of many holds."""
    program = _program(name.program)
    fault = program.faults[name.fault]
    alone = _alone(name.program, name.fault)
    for attempt in range(_ATTEMPTS):
        random = Random(f"{seed} {name} {attempt}")  # noqa: S311 - the same cases each time, no secret
        plan = _Plan(program, fault, _files_of(program, alone), random)
        broken = plan.run(error_of(program, alone.error)) if plan.grown() else None
        if broken is None:
            continue
        history = write_history(folder / "history.git", program.files, plan.versions, random)
        case = Case(name, program, fault, history, plan.culprit, broken.error)
        if is_at_home(case) == (fault.kind == LINE):
            return case
        shutil.rmtree(history.path)
    raise NoCaseError(f"{name}: {fault.title}")


def is_at_home(case: Case) -> bool:
    """Whether a line of a frame was last changed by the culprit."""
    own = case.history.merged[case.culprit].head
    lines = {(frame.file, frame.line) for frame in case.frames if frame.line}
    return any(case.history.blame(path, line) == own for path, line in lines)


class _Plan:
    """Grows one merge request after the other, with and without the culprit."""

    def __init__(self, program: Program, fault: Fault, touched: frozenset[str], random: Random) -> None:
        self._program, self._fault, self._touched, self._random = program, fault, touched, random
        self.culprit = random.randrange(NEIGHBOURS + 1)
        self.versions: list[tuple[str, Tree]] = []
        self._with: Tree = program.files
        self._without: Tree = program.files
        self._titles: set[str] = set()

    def grown(self) -> bool:
        """Whether there were enough neighbours."""
        steps = self._steps()
        for _ in range(_TRIES):
            if len(self.versions) == self.culprit:
                self._take(self._fault, self._fault.on(self._with), self._without)
            elif len(self.versions) <= NEIGHBOURS:
                self._try(next(steps))
            else:
                return True
        return False

    def run(self, error: str) -> Run | None:
        """The broken run; None where it is not the fault's own, or where the neighbours are not harmless."""
        sound, broken = run(self._program, self._without), run(self._program, self._with)
        if sound.status or sound.output != _sound(self._program.name).output:
            return None
        own = broken.status and _class_of(error_of(self._program, broken.error)) == _class_of(error)
        return broken if own else None

    def _steps(self) -> Iterator[Step | None]:
        by_hand = self._random.sample(self._program.harmless, len(self._program.harmless))
        while True:
            if by_hand and self._random.random() < _BY_HAND:
                yield by_hand.pop()
            else:
                yield self._made()

    def _made(self) -> Step | None:
        path = self._random.choice(sorted(self._touched & self._with.keys()))
        tidied = python_edit if path.endswith(".py") else script_edit
        found = tidied(self._with[path], self._random)
        if found is None:
            return None
        edit = edit_between(path, self._with[path], found[1])
        return Step(found[0], (edit,)) if edit is not None else None

    def _try(self, step: Step | None) -> None:
        if step is None or step.title in self._titles or not self._is_near(step):
            return
        try:
            after, sound = step.on(self._with), step.on(self._without)
            if len(self.versions) < self.culprit:
                self._fault.on(after)
        except ValueError:
            return
        if len(self.versions) < self.culprit or self._stands(after):
            self._take(step, after, sound)

    def _take(self, step: Step, after: Tree, sound: Tree) -> None:
        self._with, self._without = after, sound
        self._titles.add(step.title)
        self.versions.append((step.title, after))

    def _is_near(self, step: Step) -> bool:
        return any(path in self._touched for edit in step.edits for path in (edit.path, edit.renamed_from))

    def _stands(self, tree: Tree) -> bool:
        """Whether the culprit's lines are still as it wrote them."""
        lines = {line for text in tree.values() for line in text.splitlines()}
        return all(line in lines for line in self._fault.added)


def own_frames(program: Program, trace: str) -> tuple[Frame, ...]:
    """The frames of a trace, the program's own by their path in the repository."""
    root = f"{program.root}/"
    return tuple(
        Frame(frame.file.removeprefix("file://").removeprefix(root), frame.line, frame.function)
        for frame in frames_in(trace)
    )


def error_of(program: Program, trace: str) -> str:
    """``KeyError: 'lowered'``: the line that says what was raised."""
    lines = trace.strip().splitlines()
    if program.language == "python":
        return next((line for line in reversed(lines) if _PYTHON_ERROR.match(line)), "")
    return next((line for line in lines if _JAVASCRIPT_ERROR.match(line)), "")


def _class_of(error: str) -> str:
    return error.partition(":")[0]


def _files_of(program: Program, broken: Run) -> frozenset[str]:
    return frozenset(frame.file for frame in own_frames(program, broken.error) if frame.file in program.files)


@lru_cache
def _program(name: str) -> Program:
    return read_program(name)


@lru_cache
def _sound(name: str) -> Run:
    program = _program(name)
    return run(program, program.files)


@lru_cache
def _alone(name: str, fault: int) -> Run:
    """The fault without any neighbours.

    :raises NoCaseError: where it is none.
    """
    program = _program(name)
    broken = run(program, program.faults[fault].on(program.files))
    if not broken.status:
        raise NoCaseError(f"{name}: {program.faults[fault].title} breaks nothing")
    return broken
