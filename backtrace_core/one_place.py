"""Which place goes back, where a service lives in several, and what stays as it is in the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backtrace_core.contained import Answers, Asked, Holds
from backtrace_core.history import live
from backtrace_core.model import Caution, Deployment, Harvest, Lineage, Place, RollbackPlan, Suspect
from backtrace_core.places import at, newest_place, places_in, places_of
from backtrace_core.rollback import choose_rollback, targets_to_ask, what_to_ask
from backtrace_core.targets import NOTHING_KNOWN, TargetFacts

MOST_ELSEWHERE = 8


@dataclass(frozen=True, slots=True)
class Leg:
    """The harvest narrowed to the place that goes back, and what git has to be asked about it."""

    harvest: Harvest
    asked: Asked


def one_place(harvest: Harvest, suspects: tuple[Suspect, ...]) -> Leg | RollbackPlan:
    """The place that the suspects reached first, or, without suspects, where something went live last.

    A plan instead, without a target: where going back in one place would not take all suspects away.
    """
    own = _own(suspects)
    if suspects and not own:
        return RollbackPlan(None, None, why_none=_of_others(suspects))
    suspects, found = own, places_of(own)
    if len(found) > 1:
        return RollbackPlan(None, None, why_none=_several(found, harvest))
    place = found[0] if found else newest_place(harvest)
    if place is None:
        return RollbackPlan(None, None, why_none="No earlier successful deployment is known.")
    narrow = at(harvest, place)
    asked = what_to_ask(narrow, suspects)
    return Leg(narrow, replace(asked, elsewhere=_elsewhere(harvest, place)) if asked.changes else asked)


def plan_for(
    leg: Leg, suspects: tuple[Suspect, ...], lineage: Lineage, facts: TargetFacts = NOTHING_KNOWN
) -> RollbackPlan:
    """Where to go back to, with what else the suspects are live in. ``lineage`` is git's answer to ``leg.asked``."""
    plan = choose_rollback(leg.harvest, _own(suspects), lineage, leg.asked, facts)
    theirs = _theirs(suspects) if plan.target is not None else ()
    cautions = (*plan.cautions, *_stays(leg, Answers(leg.asked, lineage), plan), *theirs)
    return replace(plan, cautions=cautions)


def targets_of(leg: Leg, suspects: tuple[Suspect, ...], lineage: Lineage, facts: TargetFacts) -> tuple[Deployment, ...]:
    """Of which deployments the jobs have to be looked at before the plan is made."""
    return targets_to_ask(leg.harvest, _own(suspects), lineage, leg.asked, facts)


def _own(suspects: tuple[Suspect, ...]) -> tuple[Suspect, ...]:
    return tuple(suspect for suspect in suspects if suspect.candidate.service is None)


def _of_others(suspects: tuple[Suspect, ...]) -> str:
    names = sorted({suspect.candidate.service or "" for suspect in suspects})
    them = "them" if len(suspects) > 1 else "it"
    return f"Another service shipped {them}, {' and '.join(names)}: going back is for those who run it."


def _theirs(suspects: tuple[Suspect, ...]) -> Iterator[Caution]:
    for candidate in (suspect.candidate for suspect in suspects):
        if candidate.service is not None:
            says = f"{candidate.change.label} belongs to {candidate.service}: going back here leaves it there"
            yield Caution(says, candidate.change.url)


def _elsewhere(harvest: Harvest, place: Place) -> tuple[Deployment, ...]:
    """What is live in the other environments of the same project; another project does not have its commits."""
    others = (other for other in places_in(harvest) if other != place and other.project == place.project)
    found = (live(at(harvest, other).deployments) for other in others)
    return tuple(row for row in found if row is not None)[:MOST_ELSEWHERE]


def _stays(leg: Leg, answers: Answers, plan: RollbackPlan) -> Iterator[Caution]:
    then = ": going back here leaves it there" if plan.target is not None else ""
    for row in leg.asked.elsewhere:
        for holds, verb in ((Holds.YES, "is"), (Holds.UNKNOWN, "may be")):
            labels = [change.label for change in leg.asked.changes if answers.holds(row, change) is holds]
            if labels:
                where = f"{row.environment} (deployment {row.id})"
                yield Caution(f"{', '.join(labels)} {verb} live in {where} too{then}", row.url)


def _several(found: tuple[Place, ...], harvest: Harvest) -> str:
    single = len({place.project for place in found}) == 1
    names = [place.environment if single else f"{place.project} ({place.environment})" for place in found]
    what = "environments" if single else "projects"
    reached = f"These changes reached several {what} of {harvest.scope.service.name}: {', '.join(names)}."
    return f"{reached} None goes back alone."
