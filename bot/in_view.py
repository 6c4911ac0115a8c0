"""What a presser had in view, as it is kept on record: ids and keys, no titles and no texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backtrace_core.model import RollbackPlan, Verdict


def of_card(verdict: Verdict | None) -> Mapping[str, Any]:
    """What the card says when one of its buttons is pressed."""
    if verdict is None:
        return {}
    suspects = [
        {"change": suspect.candidate.change.key, "probability": round(suspect.probability, 3)}
        for suspect in verdict.named
    ]
    seen: dict[str, Any] = {"outcome": verdict.outcome.value, "suspects": suspects}
    return seen | (of_plan(verdict.rollback) if verdict.rollback else {})


def of_plan(plan: RollbackPlan | None, refusals: Sequence[str] = ()) -> dict[str, Any]:
    """What the modal says: where going back leads, from what, what it takes away, what speaks against it."""
    seen: dict[str, Any] = {"refusals": [*refusals]} if refusals else {}
    if plan is None:
        return seen
    if plan.target is not None:
        seen |= {"target": plan.target.id, "target_sha": plan.target.sha}
    if plan.replaces is not None:
        seen |= {"live": plan.replaces.id, "live_sha": plan.replaces.sha}
    if plan.cancel is not None:
        seen["cancels"] = plan.cancel.id
    return seen | {"undoes": [one.key for one in plan.undoes], "cautions": [one.says for one in plan.cautions]}
