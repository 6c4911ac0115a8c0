"""What a presser had in view, as it is kept on record: ids and keys, no titles and no texts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from backtrace_core.model import RollbackLeg, RollbackPlan, Verdict


@dataclass(frozen=True, slots=True)
class Suspected:
    """A change that the card named, with its probability (0 to 1)."""

    change: str
    probability: float


@dataclass(frozen=True, slots=True)
class Leading:
    """Where one of several legs leads."""

    project: str
    environment: str
    job: str
    label: str
    target: int | None = None
    target_sha: str = ""
    live: int | None = None
    live_sha: str = ""
    cancels: int | None = None


@dataclass(frozen=True, slots=True)
class InView:
    """``target``, ``live`` and ``cancels`` are deployments: where it leads, from what, what is cancelled first.

    ``undoes`` and ``brings`` are keys of changes, ``cautions`` and ``refusals`` sentences as they were shown, ``stays``
    what could not go with it. Of a card ``outcome`` and ``suspects`` are set, of a dialog the rest.
    """

    outcome: str = ""
    suspects: tuple[Suspected, ...] = ()
    refusals: tuple[str, ...] = ()
    target: int | None = None
    target_sha: str = ""
    live: int | None = None
    live_sha: str = ""
    cancels: int | None = None
    undoes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    legs: tuple[Leading, ...] = ()
    stays: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()


NOTHING = InView()
_JSON = TypeAdapter(InView)


def as_json(seen: InView) -> str:
    """What was not set is left out."""
    return _JSON.dump_json(seen, exclude_defaults=True).decode()


def from_json(text: str) -> InView:
    return _JSON.validate_json(text)


def of_card(verdict: Verdict | None) -> InView:
    """What the card says when one of its buttons is pressed."""
    if verdict is None:
        return NOTHING
    named = tuple(Suspected(one.candidate.change.key, round(one.probability, 3)) for one in verdict.named)
    seen = of_plan(verdict.rollback) if verdict.rollback else NOTHING
    return replace(seen, outcome=verdict.outcome.value, suspects=named)


def of_modal(plan: RollbackPlan | None, legs: Sequence[RollbackLeg], refusals: Sequence[str]) -> InView:
    """What the modal says: the set as one plan, where there are several where each leg leads, why it can't be done."""
    seen = of_plan(plan) if plan is not None else NOTHING
    each = tuple(map(_leads, legs)) if plan is not None and len(legs) > 1 else ()
    return replace(seen, refusals=tuple(refusals), legs=each)


def of_leg(leg: RollbackLeg, whole: RollbackPlan, stays: Sequence[str]) -> InView:
    """What the modal says of one leg; the cautions are those of the whole. ``stays``: what can't go with it."""
    return replace(of_plan(replace(leg.plan, cautions=whole.cautions)), stays=tuple(stays))


def _leads(leg: RollbackLeg) -> Leading:
    seen, place = of_plan(leg.plan), leg.place
    return Leading(
        place.project,
        place.environment,
        leg.job,
        leg.label,
        seen.target,
        seen.target_sha,
        seen.live,
        seen.live_sha,
        seen.cancels,
    )


def of_plan(plan: RollbackPlan) -> InView:
    """Where going back leads, from what, what it takes away, what speaks against it."""
    target, live, cancel = plan.target, plan.replaces, plan.cancel
    return InView(
        target=target.id if target else None,
        target_sha=target.sha if target else "",
        live=live.id if live else None,
        live_sha=live.sha if live else "",
        cancels=cancel.id if cancel else None,
        undoes=tuple(one.key for one in plan.undoes),
        cautions=tuple(one.says for one in plan.cautions),
        brings=tuple(one.key for one in plan.brings),
    )
