"""The alert's stack trace passes a file, a function or the very lines that the change touches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Evidence, FileDiff, Frame, Hunk

RULE = "frame_in_hunk"
IN_HUNK, SAME_FUNCTION, NEAR, SAME_FILE = 9.0, 3.0, 2.5, 1.5
"""The line that raised is the line that changed: no nearness in time and no shared words outweigh that."""
_NEAR_LINES = 20
_FADES_OVER = 7
_LEAST = 0.2


def frame_in_hunk(candidate: Candidate, alert: Alert, _context: Context) -> Evidence | None:
    """The strongest meeting of a frame and a file; a frame counts less the farther it is from the innermost."""
    best: tuple[float, str, str] | None = None
    for depth, frame in enumerate(reversed(alert.frames)):
        faded = max(_LEAST, 1 - depth / _FADES_OVER)
        for weight, says, path in _meetings(frame, candidate):
            if best is None or weight * faded > best[0]:
                best = (weight * faded, says, path)
    if best is None:
        return None
    return Evidence(RULE, best[0], best[1], file_url(candidate.change, best[2]))


def _meetings(frame: Frame, candidate: Candidate) -> Iterator[tuple[float, str, str]]:
    where = f"{frame.file}:{frame.line}" if frame.line is not None else frame.file
    for file in candidate.change.files:
        if not same_file(frame.file, file.path):
            continue
        weight, what = _closeness(frame, file)
        yield weight, f"The stack trace passes {where}, {what}", file.path


def _closeness(frame: Frame, file: FileDiff) -> tuple[float, str]:
    if frame.line is not None and any(_inside(frame.line, hunk) for hunk in file.hunks):
        return IN_HUNK, "inside the lines that it changes"
    if frame.function and any(_in_function(frame.function, hunk) for hunk in file.hunks):
        return SAME_FUNCTION, f"and it changes {_short(frame.function)}"
    if frame.line is not None and any(_near(frame.line, hunk) for hunk in file.hunks):
        return NEAR, "a few lines from what it changes"
    return SAME_FILE, "a file that it changes"


def same_file(printed: str, path: str) -> bool:
    """Whether a trace's file is the changed one: the shorter path is the end of the longer.

    Traces print absolute paths, packages without the source folder, or a bare name; module names lack the ending.
    """
    frame, changed = _parts(printed), _parts(path)
    if not frame or not changed:
        return False
    if "." not in frame[-1]:
        changed = (*changed[:-1], changed[-1].partition(".")[0])
    shared = min(len(frame), len(changed))
    return frame[-shared:] == changed[-shared:]


@lru_cache(maxsize=20_000)
def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.replace("\\", "/").lower().split("/") if part not in ("", ".", ".."))


def _inside(line: int, hunk: Hunk) -> bool:
    return hunk.new_start <= line < hunk.new_start + max(1, hunk.new_count)


def _near(line: int, hunk: Hunk) -> bool:
    return hunk.new_start - _NEAR_LINES <= line < hunk.new_start + hunk.new_count + _NEAR_LINES


def _in_function(function: str, hunk: Hunk) -> bool:
    name = _short(function)
    lines = (hunk.heading, *(text for _, text in hunk.added), *(text for _, text in hunk.removed))
    return any(f"{name}(" in line or f"def {name}" in line or f"fn {name}" in line for line in lines)


def _short(function: str) -> str:
    """``com.acme.Cart.close`` -> ``close``; ``Shop\\Price->format`` -> ``format``."""
    for separator in ("::", "->", "#", "."):
        function = function.rpartition(separator)[2] or function
    return function.strip("() ")
