"""Whether what could not be read may hide the culprit, or make going back a leap in the dark."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from backtrace_core.evidence.file_kinds import is_written_elsewhere
from backtrace_core.model import Alert, Candidate, Change, FileDiff, Gap, Harvest

_LISTS = ("deployment", "environment", "merge request", "compare")
_NEEDED_TO_GO_BACK = ("deployment", "environment", "compare")
_OF = " of "
_LATELY = timedelta(hours=6)


def hides_candidates(gap: Gap) -> bool:
    """A list that names what was deployed is missing, or is not whole. Those before the window don't matter."""
    what = gap.what.lower()
    return any(word in what for word in _LISTS) and not what.startswith("older")


def unsafe_gaps(harvest: Harvest) -> tuple[Gap, ...]:
    """Without these nobody knows what is live, what is under way, or what was deployed: nothing may be started."""
    return tuple(gap for gap in harvest.gaps if _is_unsafe(gap))


def _is_unsafe(gap: Gap) -> bool:
    """The kind of the gap stands before ``of``. Rows that a limit cut off are the oldest, and no failure."""
    if gap.why.startswith("only the newest"):
        return False
    kind, _, of = gap.what.lower().partition(_OF)
    return any(word in kind for word in _NEEDED_TO_GO_BACK) or (kind == "commits" and of.startswith("deployment"))


def unread(candidates: Iterable[Candidate], alert: Alert) -> Candidate | None:
    """The first candidate of the last hours of which no file, or not the text, could be read."""
    for candidate in candidates:
        if candidate.deployment is None:
            continue  # a flag and a job have no files
        finished = candidate.deployment.finished_at
        if candidate.service is not None:
            continue  # another service's: its files are not read on purpose
        late = finished is None or alert.onset.earliest - finished <= _LATELY
        files = candidate.change.files
        if late and (not files or all(file.text_missing for file in files)):
            return candidate
    return None


def left_unread(harvest: Harvest) -> bool:
    """Whether diffs were not asked for, since there were too many: nobody can help that."""
    return any(gap.what.startswith("diff") and gap.why.startswith("only") for gap in harvest.gaps)


def is_unread(change: Change) -> bool:
    """Whether part of it is not known: no file is, or the text of one was kept back or not asked for."""
    return not change.files or any((file.text_missing or file.text_skipped) and _is_read(file) for file in change.files)


def _is_read(file: FileDiff) -> bool:
    """Nobody reads what tools or others wrote."""
    return not (file.generated or is_written_elsewhere(file.path))
