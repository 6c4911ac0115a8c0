"""Each change once among the candidates: twice, it would take its own probability away."""

from __future__ import annotations

from collections.abc import Iterable

from backtrace_core.model import Candidate, ChangeKind


def once(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The first of each key. A commit that a merge request among them brought is that merge request."""
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        first.setdefault(candidate.change.key, candidate)
    merged = [c.change for c in first.values() if c.change.kind is ChangeKind.MERGE_REQUEST]
    brought = {(change.project, sha) for change in merged for sha in (change.sha, *change.shas)}
    return tuple(c for c in first.values() if not _is_brought(c, brought))


def _is_brought(candidate: Candidate, brought: set[tuple[str, str]]) -> bool:
    change = candidate.change
    return change.kind is ChangeKind.COMMIT and (change.project, change.sha) in brought
