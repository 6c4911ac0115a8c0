"""Whether what could not be read may hide the culprit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from backtrace_core.model import Alert, Candidate, Gap

_LISTS = ("deployment", "environment", "merge request", "compare")
_LATELY = timedelta(hours=6)


def hides_candidates(gap: Gap) -> bool:
    """A list that names what was deployed is missing, or is not whole. Those before the window don't matter."""
    what = gap.what.lower()
    return any(word in what for word in _LISTS) and not what.startswith("older")


def unread(candidates: Iterable[Candidate], alert: Alert) -> Candidate | None:
    """The first candidate of the last hours of which no file, or not the text, could be read."""
    for candidate in candidates:
        finished = candidate.deployment.finished_at
        late = finished is None or alert.onset.earliest - finished <= _LATELY
        files = candidate.change.files
        if late and (not files or all(file.text_missing for file in files)):
            return candidate
    return None
