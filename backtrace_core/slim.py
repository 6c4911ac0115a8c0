"""What a verdict keeps of its suspects: it is stored with each of them, and read at every button."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.model import Change, Suspect

MOST_PATHS = 300
"""Paths of one change; of very many the first."""


def slim(suspect: Suspect) -> Suspect:
    """Without the diffs and the descriptions, which no reader of a verdict needs."""
    candidate = suspect.candidate
    via = _without_text(candidate.via) if candidate.via is not None else None
    return replace(suspect, candidate=replace(candidate, change=_without_text(candidate.change), via=via))


def _without_text(change: Change) -> Change:
    files = tuple(replace(file, hunks=()) if file.hunks else file for file in change.files[:MOST_PATHS])
    return replace(change, files=files, description="")
