"""The checks before a rollback: the set as the world is now, each target's newest job, the presser's right."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from backtrace_core.evidence.spans import without_ages
from backtrace_core.flags import flag_places
from backtrace_core.model import Caution, Deployment, Gap, GoingBack, Outcome, RollbackLeg, RollbackPlan, Verdict
from bot import in_view
from bot.cards import LegView, RollbackView
from bot.gitlab import rollback as gitlab_rollback
from bot.investigate import Replanned, replan
from bot.preflight import against_now, flags_now
from bot.rights import Place
from bot.slack import modal
from bot.slack.forward_modal import forward_modal
from bot.store import Incident, Leg, Offer
from bot.store.offers import How
from bot.ways import way_of
from bot.workflows.house import House
from bot.workflows.hows import pipeline_ready
from bot.workflows.past import past_of, with_links
from bot.workflows.pressing import refusal_of

FORWARD_BY = {How.FORWARD: GoingBack.RETRY, How.FORWARD_PIPELINE: GoingBack.PIPELINE}


@dataclass(frozen=True, slots=True)
class CheckedLeg:
    """A leg with its target's newest job, and why this person can't let it go back now, if not.

    ``against``: what speaks against it at this moment. ``username``: who they are in GitLab. ``ref``:
    the branch or tag that runs.
    """

    leg: RollbackLeg
    newest_job_id: int | None = None
    why_not: str = ""
    against: tuple[Caution, ...] = ()
    username: str = ""
    ref: str = ""

    @property
    def key(self) -> str:
        """The same for the same deploy job of the same environment, short enough for a tick."""
        place = self.leg.place
        return _digest((place.project, place.environment, self.leg.job))

    @property
    def key_of_row(self) -> tuple[str, str, str]:
        """By which the leg's row is found: project, environment, job."""
        return self.leg.place.project, self.leg.place.environment, self.leg.job

    @property
    def target(self) -> Deployment | None:
        return self.leg.plan.target

    @property
    def seen(self) -> tuple[object, ...]:
        plan = self.leg.plan
        ids = (row.id if row is not None else None for row in (plan.target, plan.replaces, plan.cancel))
        return (self.key, *ids, self.newest_job_id, self.ref, bool(self.why_not))


@dataclass(frozen=True, slots=True)
class Checked:
    """What a press or a submit finds: the set as of now, and why nothing of it can go back, if nothing can. ``how`` it
    goes: back, or forward again. ``page``: where people do in GitLab what is refused here."""

    plan: RollbackPlan | None
    username: str
    refusals: tuple[str, ...] = ()
    legs: tuple[CheckedLeg, ...] = ()
    how: How = How.RETRY
    page: str = ""

    @property
    def offered(self) -> tuple[CheckedLeg, ...]:
        return () if self.refusals else tuple(leg for leg in self.legs if leg.target is not None and not leg.why_not)

    @property
    def stays(self) -> tuple[str, ...]:
        """The labels of what can't go with what is offered."""
        offered = self.offered
        return tuple(leg.leg.label for leg in self.legs if leg not in offered)

    @property
    def seen(self) -> str:
        """Stands for all that the presser decides upon: a different value means that the world has changed."""
        now = {caution for leg in self.legs for caution in leg.against}
        told = self.plan.cautions if self.plan is not None else ()
        # Of the moment's cautions what stands before the colon: who waits first, and why it was not read, move on.
        said = (one.says.partition(":")[0] if one in now else without_ages(one.says) for one in told)
        return _digest((*(leg.seen for leg in self.legs), *sorted(said)))


def _digest(parts: Iterable[object]) -> str:
    return hashlib.sha256(repr([*parts]).encode()).hexdigest()[:16]


async def check(house: House, incident: Incident, slack_user: str) -> Checked:
    """Look at everything that this person's rollback depends upon.

    :raises GitLabError: when it can't be looked at; nothing may be started then.
    """
    username = house.settings.people.get(slack_user, "")
    refusal = await refusal_of(house, incident, slack_user)
    if refusal:
        return Checked(None, username, (refusal,))
    if incident.verdict is None:
        return Checked(None, username, ("The trace has no result yet.",))
    past = await past_of(house, incident, incident.verdict.scope)
    replanned = await replan(incident.verdict, house.source, past)
    plan = await with_links(house, replanned.plan) if replanned.plan is not None else None
    if replanned.gaps:
        return Checked(plan, username, tuple(unread(gap) for gap in replanned.gaps))
    if plan is None or plan.target is None:
        return Checked(plan, username, _no_target(plan))
    way = incident.verdict.scope.service.rollback
    legs, flags = await asyncio.gather(
        asyncio.gather(*(checked_leg(house, leg, slack_user, incident.verdict, way) for leg in replanned.legs)),
        _flags(house, incident.verdict, replanned),
    )
    offered = [leg for leg in legs if leg.target is not None and not leg.why_not]
    refusals = () if offered else tuple(dict.fromkeys(leg.why_not for leg in legs if leg.why_not))
    against = dict.fromkeys((*(caution for leg in offered for caution in leg.against), *flags))
    plan = replace(plan, cautions=(*against, *plan.cautions))
    username = next((leg.username for leg in legs if leg.username), "")
    return Checked(plan, username, refusals, tuple(legs))


def _no_target(plan: RollbackPlan | None) -> tuple[str, ...]:
    """Why there is none; where it was told by cautions, with these."""
    if plan is None or not plan.why_none:
        return ("There is no deployment to go back to.",)
    cancel = f"Deployment {plan.cancel.id} has not ended: cancel it in GitLab, if it is to stop." if plan.cancel else ""
    return (plan.why_none, *filter(None, (cancel,)), *(caution.says for caution in plan.cautions))


async def checked_leg(house: House, leg: RollbackLeg, slack_user: str, verdict: Verdict, way: GoingBack) -> CheckedLeg:
    """A leg with its target's newest job, and this person's right. ``way``: how its target is deployed again.

    :raises GitLabError: when the job can't be read.
    """
    target = leg.plan.target
    if target is None:
        return CheckedLeg(leg, why_not=leg.plan.why_none)
    newest, ref, why_not = await _way(house, target, (verdict.scope.service.name, way))
    permission, against = await asyncio.gather(
        house.rights(slack_user, Place(target.project, target.environment, ref)),
        against_now(house.gitlab, target, verdict.environment, house.clock()),
    )
    reasons = (permission.why if not permission.allowed else "", why_not)
    why_not = " ".join(why for why in reasons if why)
    return CheckedLeg(leg, newest, why_not, against, permission.username or "", ref)


async def _way(house: House, target: Deployment, by: tuple[str, GoingBack]) -> tuple[int | None, str, str]:
    """The target's newest job where that is retried, the ref that runs, and why it can't be done, if it can't."""
    service, way = by
    if way is GoingBack.PIPELINE:
        return (None, *await pipeline_ready(house, service, target))
    if way is GoingBack.LINK:
        return None, target.ref, ""
    if target.job is None:
        return None, target.ref, "There is no job to retry."
    newest = await gitlab_rollback.newest_job(house.gitlab, target.project, target.job.pipeline_id, target.job.name)
    return newest.id, target.ref, newest.why_not


async def _flags(house: House, verdict: Verdict, replanned: Replanned) -> tuple[Caution, ...]:
    """What may be quicker: the flags that the suspects name, with their state in each environment."""
    going = [leg for leg in replanned.legs if leg.plan.target is not None]
    environments = flag_places(verdict.scope, going)
    projects = dict.fromkeys(leg.place.project for leg in going)
    told = [await flags_now(house.gitlab, one, replanned.suspects, environments) for one in projects]
    return tuple(caution for several in told for caution in several)


def unread(gap: Gap) -> str:
    return f"{gap.source} could not be asked for {gap.what} ({gap.why}), so it is not certain where going back leads."


async def show(house: House, incident: Incident, checked: Checked, slack_user: str, view_id: str) -> bool:
    """Fill this person's modal with what was found; False where they have closed it. What it offers is kept first: a
    submit confirms that alone."""
    legs = tuple(_offered(leg, checked) for leg in checked.offered)
    offer = Offer(view_id, incident.id, slack_user, checked.seen, legs, house.clock(), _how(incident, checked))
    await house.store.offers.keep(offer)
    return await house.poster.update_view(view_id, modal_of(incident, checked))


def _offered(checked: CheckedLeg, whole: Checked) -> Leg:
    leg, plan = checked.leg, checked.leg.plan
    if plan.target is None or whole.plan is None:
        raise RuntimeError("a leg without a target is offered")
    # The whole has them with their titles and pages, see with_links.
    named = {ref.key: ref for ref in whole.plan.undoes}
    return Leg(
        key=checked.key,
        project=leg.place.project,
        environment=leg.place.environment,
        job_name=leg.job,
        label=leg.label,
        target_id=plan.target.id,
        target_ref=plan.target.ref,
        undoes=tuple(named.get(ref.key, ref) for ref in plan.undoes or plan.brings),
        facts=in_view.of_leg(leg, whole.plan, whole.stays),
    )


def _how(incident: Incident, checked: Checked) -> How:
    """How its legs are begun: forward again, or back in the service's own way."""
    if checked.how.is_forward or incident.verdict is None:
        return checked.how
    return How(incident.verdict.scope.service.rollback)


def modal_of(incident: Incident, checked: Checked) -> dict[str, object]:
    """The modal that shows what was found."""
    plan, verdict = checked.plan, incident.verdict
    if verdict is None or plan is None or not checked.offered:
        return modal.refusal_modal(checked.refusals, checked.page, way_of(checked.how))
    view = RollbackView(
        incident_id=incident.id,
        legs=tuple(_leg_view(leg, verdict) for leg in checked.legs),
        undoes=plan.undoes or plan.brings,
        username=checked.username,
        seen=checked.seen,
        refusals=checked.refusals,
        cautions=plan.cautions,
        also=plan.also,
        how=FORWARD_BY.get(checked.how, verdict.scope.service.rollback),
        suspects=frozenset(suspect.candidate.shipped.key for suspect in verdict.named),
        brought={s.candidate.via.key: s.candidate.change.label for s in verdict.named if s.candidate.via is not None},
        not_shown_to_be_cause="" if verdict.outcome is not Outcome.NOT_ENOUGH else "Not shown to be the cause.",
    )
    return forward_modal(view) if checked.how.is_forward else modal.rollback_modal(view)


def _leg_view(checked: CheckedLeg, verdict: Verdict) -> LegView:
    plan, page = checked.leg.plan, verdict.environment.url if verdict.environment else ""
    return LegView(checked.key, checked.leg.label, plan.target, plan.replaces, plan.cancel, checked.why_not, page)
