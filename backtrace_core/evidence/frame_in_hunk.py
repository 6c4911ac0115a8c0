"""The alert's stack trace passes a file, a function or the very lines that the change touches."""

from __future__ import annotations

import re

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.links import file_url
from backtrace_core.frame_paths import same_file
from backtrace_core.model import Alert, Candidate, Evidence, Family, FileDiff, Frame, Hunk
from backtrace_core.raised import short_name

RULE = "frame_in_hunk"
IN_HUNK, SAME_FUNCTION, NEAR, SAME_FILE = 4.5, 2.0, 1.5, 1.0
"""Believed: on made programs that really break, the line that raised is often one that an innocent change touched."""
_NEAR_LINES = 20
_BESIDE = 1
_INSIDE, _RIGHT_BESIDE = "inside", "right beside"
_FADES_OVER = 7
_LEAST = 0.2
ASKS = 0.6
"""Left of a line where the error says that a file, a module or a table is missing: the line only asked for it."""


def frame_in_hunk(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """The strongest meeting of a frame and a file; a frame counts less the farther it is from the innermost."""
    best: tuple[float, str, str] | None = None
    for file in candidate.change.files:
        for depth, frame in context.trace.passes(file.path):
            weight, what = _closeness(frame, file)
            if weight == IN_HUNK and _is_old(depth, frame, file, context):
                weight, what = NEAR, "near what it changes, in a line that is older"
            if weight == IN_HUNK and _is_of_another(candidate, depth, file, context):
                weight, what = NEAR, "near what it changes, though another change wrote that line"
            weight *= faded(depth) * (ASKS if context.raised.not_there else 1.0)
            if best is None or weight > best[0]:
                best = (weight, f"The stack trace passes {_where(frame)}, {what}", file.path)
    if best is None:
        return None
    return Evidence(RULE, best[0], best[1], file_url(candidate.change, best[2]), Family.PLACE)


def _is_of_another(candidate: Candidate, depth: int, file: FileDiff, context: Context) -> bool:
    """Whether blame says that another candidate wrote the line: a hunk has lines around those that it changes."""
    known = context.corpus.words
    blamed = {b.change for b in context.blames if b.depth == depth and b.path in (file.path, file.old_path)}
    return candidate.change.key not in blamed and any(key in known for key in blamed if key is not None)


def _is_old(depth: int, frame: Frame, file: FileDiff, context: Context) -> bool:
    """Whether blame knows the line, as no candidate's, and the change itself shows it as none of its own."""
    blamed = [b for b in context.blames if b.depth == depth and b.path in (file.path, file.old_path)]
    own = any(number == frame.line for hunk in file.hunks for number, _ in hunk.added)
    return bool(blamed) and not own and all(b.change not in context.corpus.words for b in blamed)


def faded(depth: int) -> float:
    """How much a frame still says; ``depth`` counts own code from the innermost frame."""
    return max(_LEAST, 1 - depth / _FADES_OVER)


def _where(frame: Frame) -> str:
    return f"{frame.file}:{frame.line}" if frame.line is not None else frame.file


def _closeness(frame: Frame, file: FileDiff) -> tuple[float, str]:
    is_old = file.renamed_file and not same_file(frame.file, file.path)
    met = [_meets(frame.line, hunk, is_old) for hunk in file.hunks] if frame.line is not None else []
    if any(met):
        return IN_HUNK, f"{_INSIDE if _INSIDE in met else _RIGHT_BESIDE} the lines that it changes"
    if frame.function and any(_in_function(frame.function, hunk) for hunk in file.hunks):
        return SAME_FUNCTION, f"and it changes {short_name(frame.function)}"
    if frame.line is not None and any(_near(frame.line, *_range(hunk, is_old)) for hunk in file.hunks):
        return NEAR, "a few lines from what it changes"
    return SAME_FILE, "a file that it changes"


def _range(hunk: Hunk, is_old: bool) -> tuple[int, int]:  # noqa: FBT001 (a trace may know the old name)
    """First line and number of lines, in the file that the frame means."""
    return (hunk.old_start, hunk.old_count) if is_old else (hunk.new_start, hunk.new_count)


def _meets(line: int, hunk: Hunk, is_old: bool) -> str:  # noqa: FBT001
    """Whether the hunk changes that line, or one right beside it: around these it has lines as they were."""
    if not _inside(line, *_range(hunk, is_old)):
        return ""
    own = [number for number, _ in (hunk.removed if is_old else hunk.added)]
    if line in own or not (hunk.added or hunk.removed):
        return _INSIDE
    beside = any(abs(line - number) <= _BESIDE for number in own) or (not hunk.added and line in _gaps(hunk))
    return _RIGHT_BESIDE if beside else ""


def _gaps(hunk: Hunk) -> set[int]:
    """The new lines between which one is gone, where none was added."""
    first = hunk.new_start + (not hunk.new_count)
    after = (first + number - hunk.old_start - gone for gone, (number, _) in enumerate(hunk.removed))
    return {line for place in after for line in (place - 1, place)}


def _inside(line: int, start: int, count: int) -> bool:
    return start <= line < start + max(1, count)


def _near(line: int, start: int, count: int) -> bool:
    return start - _NEAR_LINES <= line < start + count + _NEAR_LINES


def _in_function(function: str, hunk: Hunk) -> bool:
    head = re.compile(rf"\b(?:def|fn|func|function|fun|sub)\s+(?:\([^)]*\)\s*)?{re.escape(short_name(function))}\b")
    called = re.compile(rf"(?<![\w.]){re.escape(short_name(function))}\(")
    lines = (*(text for _, text in hunk.added), *(text for _, text in hunk.removed))
    return bool(called.search(hunk.heading)) or any(head.search(line) for line in (hunk.heading, *lines))
