"""Which lines of which version are worth a blame. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backtrace_core.evidence.trace_paths import by_depth, known_paths
from backtrace_core.frame_paths import is_own, stripped
from backtrace_core.history import began, broken_off, here, running, succeeded
from backtrace_core.model import Alert, Change, Deployment, Frame, Harvest

MOST_BLAMED = 5
"""Lines. The trouble is near the innermost frames; what is farther out says little and costs a request as well."""
MOST_GUESSED = 2


@dataclass(frozen=True, slots=True)
class Line:
    """``depth``: see ``Blame``. ``path`` is the repository's."""

    depth: int
    path: str
    number: int


def version_at_onset(harvest: Harvest) -> Deployment | None:
    """What was arriving as the trouble began, else what was live: the trace's line numbers are that version's.

    What broke off counts only where nothing ever succeeded: mostly it never ran here, and its lines have other numbers.
    """
    latest = harvest.scope.onset.latest
    rows = here(harvest)
    done = succeeded(rows)
    arriving = [row for row in (*running(rows), *done) if began(row) < latest and not _finished_by(row, harvest)]
    before = [row for row in done if _finished_by(row, harvest)]
    return next(iter((*arriving, *before, *(row for row in broken_off(rows) if began(row) < latest))), None)


def _finished_by(row: Deployment, harvest: Harvest) -> bool:
    return row.finished_at is not None and row.finished_at <= harvest.scope.onset.latest


def may_blame(alert: Alert) -> bool:
    """Whether the trace has a line of own code."""
    return any(_is_line(frame) for frame in alert.frames)


def lines_to_blame(alert: Alert, changes: Sequence[Change]) -> tuple[Line, ...]:
    """The innermost lines in files that the ``changes`` touch, as far as their paths are known.

    Where some are not known, also the few innermost frames' own paths: who changed a line of those may be among them.
    """
    if not may_blame(alert):
        return ()
    known = known_paths(file for change in changes for file in change.files)
    clear: list[Line] = []
    guesses: list[Line] = []
    for depth, frame in by_depth(alert.frames):
        if not _is_line(frame):
            continue
        meant = known.of(frame)
        if len(meant) == 1:
            clear.append(Line(depth, meant[0], frame.line or 0))
        elif not meant:
            guesses += _guessed(depth, frame)
    unknown = any(not change.files for change in changes)
    chosen = (*_once(clear), *(_once(guesses)[:MOST_GUESSED] if unknown else ()))
    return tuple(sorted(chosen[:MOST_BLAMED], key=lambda line: line.depth))


def _once(lines: Iterable[Line]) -> list[Line]:
    """Recursion passes a line many times; the innermost counts."""
    first: dict[tuple[str, int], Line] = {}
    for line in lines:
        first.setdefault((line.path, line.number), line)
    return list(first.values())


def _guessed(depth: int, frame: Frame) -> Iterator[Line]:
    for path in stripped(frame.file)[:MOST_GUESSED]:
        yield Line(depth, path, frame.line or 0)


def _is_line(frame: Frame) -> bool:
    return bool(frame.line) and is_own(frame.file)
