"""What was taken back before the trouble began: its revert was live by then, and was not itself reverted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backtrace_core.model import Alert, Candidate, DeploymentStatus


def taken_back(candidates: Iterable[Candidate], alert: Alert) -> Mapping[str, Candidate]:
    """By the key of a change the candidate that took it back, live before ``alert.onset.earliest`` in the same place.

    A revert of a revert brings the change back: then it is not here.
    """
    several = {candidate.change.key: candidate for candidate in candidates}
    reverters: dict[str, list[Candidate]] = {}
    for by in several.values():
        for ref in by.change.reverts if _was_live(by, alert) else ():
            if _same_place(by, several.get(ref.key)):
                reverters.setdefault(ref.key, []).append(by)
    standing = {
        key: [by for by in bys if _stands(by.change.key, reverters, frozenset())] for key, bys in reverters.items()
    }
    return {key: bys[0] for key, bys in standing.items() if bys}


def _same_place(one: Candidate, other: Candidate | None) -> bool:
    mine, theirs = one.deployment, other.deployment if other is not None else None
    if mine is None or theirs is None:
        return False
    return (mine.project, mine.environment) == (theirs.project, theirs.environment)


def _stands(key: str, reverters: Mapping[str, list[Candidate]], seen: frozenset[str]) -> bool:
    """Whether no revert of it stands; a circle, which no history has, ends at its second round."""
    if key in seen:
        return True
    return not any(_stands(by.change.key, reverters, seen | {key}) for by in reverters.get(key, ()))


def _was_live(candidate: Candidate, alert: Alert) -> bool:
    deployment = candidate.deployment
    if deployment is None or deployment.status is not DeploymentStatus.SUCCESS or deployment.finished_at is None:
        return False
    return deployment.finished_at < alert.onset.earliest
