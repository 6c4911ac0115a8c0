"""The checks before rolling forward again: what the rollback replaced, what of it was blamed, the presser's right."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from backtrace_core.contained import Answers, Asked
from backtrace_core.forward import brought_back, cautions_forward, choose_forward
from backtrace_core.hidden import unsafe_gaps
from backtrace_core.model import Caution, Change, Harvest, Place, RollbackLeg, RollbackPlan
from bot.plan_set import harvest_at
from bot.proof_words import resolved_words
from bot.sources.reading import UNANSWERED, why_unanswered
from bot.store import Incident, Rollback
from bot.store.offers import How
from bot.workflows.card_view import gone_back_of
from bot.workflows.checking import FORWARD_BY, Checked, checked_leg, unread
from bot.workflows.house import House
from bot.workflows.legs import still_back
from bot.workflows.pressing import refusal_of

_NOT_BACK = "Nothing was rolled back here that could be rolled forward again."
_BY_HAND = "It went back by hand: deploy {sha} (deployment {id}) again in the same way, as GitLab or the tool does it."
_IN_ANOTHER_WAY = "It went back in another way: it can go forward by itself, once the others have."
_FORWARD = {How.RETRY: How.FORWARD, How.PIPELINE: How.FORWARD_PIPELINE}
"""How a leg goes forward, by how it went back."""


async def check_forward(house: House, incident: Incident, slack_user: str) -> Checked:
    """Look at everything that rolling forward depends upon. Raises as :func:`check`."""
    refusal = await refusal_of(house, incident, slack_user)
    verdict = incident.verdict
    if refusal or verdict is None:
        return _refused(refusal or "The trace has no result yet.")
    gone = still_back(await house.store.rollbacks.of(incident.id))
    if not gone:
        return _refused(_NOT_BACK)
    harvest = await house.source.harvest(verdict.scope, verdict.alert)
    gaps = unsafe_gaps(harvest)
    if gaps:
        return _refused(*(unread(gap) for gap in gaps))
    blamed = await _blamed(house, incident, harvest)
    how = next((_FORWARD[row.how] for row in gone if row.how in _FORWARD), How.FORWARD)
    planned = await asyncio.gather(*(_leg(house, row, (harvest, blamed), how) for row in gone))
    legs = await asyncio.gather(*(checked_leg(house, leg, slack_user, verdict, FORWARD_BY[how]) for leg in planned))
    offered = [leg for leg in legs if leg.target is not None and not leg.why_not]
    refusals = () if offered else tuple(dict.fromkeys(leg.why_not for leg in legs if leg.why_not))
    cautions = (
        *await _why_not_now(house, incident),
        *dict.fromkeys(caution for leg in planned for caution in leg.plan.cautions),
        *dict.fromkeys(caution for leg in offered for caution in leg.against),
    )
    brings = {ref.key: ref for leg in offered for ref in leg.leg.plan.brings}
    plan = replace(planned[0].plan, cautions=tuple(cautions), brings=tuple(brings.values()))
    username = next((leg.username for leg in legs if leg.username), "")
    by_hand = not offered and any(row.how is How.LINK for row in gone)
    page = verdict.environment.url if by_hand and verdict.environment is not None else ""
    return Checked(plan, username, refusals, tuple(legs), how, page)


def _refused(*why: str) -> Checked:
    return Checked(None, "", why, how=How.FORWARD)


async def _blamed(house: House, incident: Incident, harvest: Harvest) -> tuple[Change, ...]:
    done = gone_back_of(await house.store.proofs.of(incident.id), incident.excluded)
    keys = {ref.key for ref in done.blamed} if done is not None else set()
    return tuple(change for change in harvest.changes if change.key in keys)


async def _leg(house: House, row: Rollback, known: tuple[Harvest, tuple[Change, ...]], how: How) -> RollbackLeg:
    (harvest, blamed), place = known, Place(row.project, row.environment)
    if _FORWARD.get(row.how, how) != how:
        return _stays(row, _IN_ANOTHER_WAY)
    try:
        there = await harvest_at(place, harvest, house.source)
    except UNANSWERED as error:
        return _stays(row, f"GitLab could not be asked what ran in {row.environment} ({why_unanswered(error)}).")
    gaps = unsafe_gaps(there)
    if gaps:
        return _stays(row, unread(gaps[0]))
    plan = choose_forward(there.deployments, row.job_name, row.deployment_id)
    if plan.target is None:
        return RollbackLeg(place, row.job_name, row.label, plan)
    if row.how is How.LINK:
        return _stays(row, _BY_HAND.format(sha=plan.target.sha[:8], id=plan.target.id))
    taken = {ref.key for ref in row.undoes}
    asked = {change.key: change for change in (*blamed, *(one for one in there.changes if one.key in taken))}
    changes = tuple(asked.values())
    lineage = await house.source.lineage(there, changes, (plan.target,))
    answers = Answers(Asked(targets=(plan.target,), changes=changes), lineage)
    cautions = cautions_forward(plan.target, blamed, answers)
    brings = brought_back(plan.target, row.undoes, changes, answers)
    return RollbackLeg(place, row.job_name, row.label, replace(plan, cautions=cautions, brings=brings))


def _stays(row: Rollback, why: str) -> RollbackLeg:
    place = Place(row.project, row.environment)
    return RollbackLeg(place, row.job_name, row.label, RollbackPlan(None, None, why_none=why))


async def _why_not_now(house: House, incident: Incident) -> tuple[Caution, ...]:
    """That the rollback helped."""
    done = gone_back_of(await house.store.proofs.of(incident.id), ())
    helped = resolved_words(done, incident.resolved_at) if incident.resolved_at is not None else ""
    return (Caution(f"It was resolved {helped}: going forward may bring the trouble back"),) if helped else ()
