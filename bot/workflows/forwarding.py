"""The checks before rolling forward again: what the rollback replaced, what of it was blamed, the presser's right."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from backtrace_core.contained import Answers, Asked
from backtrace_core.forward import cautions_forward, choose_forward
from backtrace_core.hidden import unsafe_gaps
from backtrace_core.model import Caution, Change, Harvest, Place, RollbackLeg, RollbackPlan
from bot.plan_set import harvest_at
from bot.proof_words import resolved_words
from bot.sources.reading import UNANSWERED, why_unanswered
from bot.store import Incident, Rollback
from bot.store.offers import How
from bot.workflows.card_view import gone_back_of
from bot.workflows.checking import Checked, checked_leg, unread
from bot.workflows.house import House
from bot.workflows.legs import still_back
from bot.workflows.pressing import refusal_of

ROLL_FORWARD = "roll_forward"
"""The kind of the press."""
_NOT_BACK = "Nothing was rolled back here that could be rolled forward again."
_BY_PIPELINE = "It went back by a pipeline of its own: start the pipeline for the newer version in GitLab."
_BY_HAND = "It went back by hand: deploy the newer version again in the same way."
_OTHERWISE = {How.PIPELINE: _BY_PIPELINE, How.LINK: _BY_HAND}
"""Of the ways that no deploy job went, why nothing is retried."""


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
    planned = await asyncio.gather(*(_leg(house, row, harvest, blamed) for row in gone))
    legs = await asyncio.gather(*(checked_leg(house, leg, slack_user, verdict) for leg in planned))
    offered = [leg for leg in legs if leg.target is not None and not leg.why_not]
    refusals = () if offered else tuple(dict.fromkeys(leg.why_not for leg in legs if leg.why_not))
    cautions = (
        *await _why_not_now(house, incident),
        *dict.fromkeys(caution for leg in planned for caution in leg.plan.cautions),
        *dict.fromkeys(caution for leg in offered for caution in leg.against),
    )
    plan = replace(planned[0].plan, cautions=tuple(cautions))
    username = next((leg.username for leg in legs if leg.username), "")
    return Checked(plan, username, refusals, tuple(legs), How.FORWARD)


def _refused(*why: str) -> Checked:
    return Checked(None, "", why, how=How.FORWARD)


async def _blamed(house: House, incident: Incident, harvest: Harvest) -> tuple[Change, ...]:
    done = gone_back_of(await house.store.proofs.of(incident.id), incident.excluded)
    keys = {ref.key for ref in done.blamed} if done is not None else set()
    return tuple(change for change in harvest.changes if change.key in keys)


async def _leg(house: House, row: Rollback, harvest: Harvest, blamed: tuple[Change, ...]) -> RollbackLeg:
    place = Place(row.project, row.environment)
    if row.how in _OTHERWISE:
        return _stays(row, _OTHERWISE[row.how])
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
    lineage = await house.source.lineage(there, blamed, (plan.target,))
    answers = Answers(Asked(targets=(plan.target,), changes=blamed), lineage)
    cautions = cautions_forward(plan.target, blamed, answers)
    return RollbackLeg(place, row.job_name, row.label, replace(plan, cautions=cautions))


def _stays(row: Rollback, why: str) -> RollbackLeg:
    place = Place(row.project, row.environment)
    return RollbackLeg(place, row.job_name, row.label, RollbackPlan(None, None, why_none=why))


async def _why_not_now(house: House, incident: Incident) -> tuple[Caution, ...]:
    """That the rollback helped."""
    done = gone_back_of(await house.store.proofs.of(incident.id), ())
    helped = resolved_words(done, incident.resolved_at) if incident.resolved_at is not None else ""
    return (Caution(f"It was resolved {helped}: going forward may bring the trouble back"),) if helped else ()
