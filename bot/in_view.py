"""What a presser had in view, as it is kept on record: ids and keys, no titles and no texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from backtrace_core.model import RollbackLeg, RollbackPlan, Verdict


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


def of_modal(plan: RollbackPlan | None, legs: Sequence[RollbackLeg], refusals: Sequence[str]) -> dict[str, Any]:
    """What the modal says: the set as one plan, where there are several where each leg leads, why it can't be done."""
    seen: dict[str, Any] = {"refusals": [*refusals]} if refusals else {}
    if plan is None:
        return seen
    each = {"legs": [_leads(leg) for leg in legs]} if len(legs) > 1 else {}
    return seen | of_plan(plan) | each


def of_leg(leg: RollbackLeg, whole: RollbackPlan, stays: Sequence[str]) -> dict[str, Any]:
    """What the modal says of one leg; the cautions are those of the whole. ``stays``: what can't go with it."""
    return of_plan(replace(leg.plan, cautions=whole.cautions)) | ({"stays": [*stays]} if stays else {})


def _leads(leg: RollbackLeg) -> dict[str, Any]:
    place = {"project": leg.place.project, "environment": leg.place.environment, "job": leg.job, "label": leg.label}
    return place | _ids(leg.plan)


def of_plan(plan: RollbackPlan) -> dict[str, Any]:
    """Where going back leads, from what, what it takes away, what speaks against it."""
    says = {"undoes": [one.key for one in plan.undoes], "cautions": [one.says for one in plan.cautions]}
    return _ids(plan) | says


def _ids(plan: RollbackPlan) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    if plan.target is not None:
        seen |= {"target": plan.target.id, "target_sha": plan.target.sha}
    if plan.replaces is not None:
        seen |= {"live": plan.replaces.id, "live_sha": plan.replaces.sha}
    if plan.cancel is not None:
        seen["cancels"] = plan.cancel.id
    return seen
