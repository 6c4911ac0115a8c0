"""What was taken back before the trouble began: its revert was live by then, and was not itself reverted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backtrace_core.model import Alert, Candidate, DeploymentStatus


def taken_back(candidates: Iterable[Candidate], alert: Alert) -> Mapping[str, Candidate]:
    """By the key of a change the candidate that took it back, live before ``alert.onset.earliest``.

    A revert of a revert brings the change back: then it is not here.
    """
    live = [candidate for candidate in candidates if candidate.change.reverts and _was_live(candidate, alert)]
    by_key = {candidate.change.key: candidate for candidate in live}
    reverters = {ref.key: candidate for candidate in live for ref in candidate.change.reverts}
    return {key: by for key, by in reverters.items() if _stands(by.change.key, by_key, reverters)}


def _stands(key: str, by_key: Mapping[str, Candidate], reverters: Mapping[str, Candidate]) -> bool:
    """Whether an even number of reverts lies upon it; a circle, which no history has, stands."""
    seen = {key}
    stands = True
    while key in reverters and (key := reverters[key].change.key) in by_key and key not in seen:
        seen.add(key)
        stands = not stands
    return stands


def _was_live(candidate: Candidate, alert: Alert) -> bool:
    deployment = candidate.deployment
    if deployment is None or deployment.status is not DeploymentStatus.SUCCESS or deployment.finished_at is None:
        return False
    return deployment.finished_at < alert.onset.earliest
