"""The checks before a rollback: the plan as the world is now, the target's newest job, the presser's right."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace

from backtrace_core.globs import is_glob
from backtrace_core.model import Caution, Deployment, Gap, Outcome, RollbackPlan, Verdict
from bot.cards import RollbackView
from bot.gitlab import rollback as gitlab_rollback
from bot.investigate import Replanned, replan_with_gaps
from bot.preflight import against_now, flags_now
from bot.rights import Place
from bot.slack import modal
from bot.store import Incident
from bot.workflows.house import House
from bot.workflows.past import past_of, with_links
from bot.workflows.pressing import refusal_of


@dataclass(frozen=True, slots=True)
class Checked:
    """What a press or a submit finds: the plan as of now, the target's newest job, and why not, if not."""

    plan: RollbackPlan | None
    newest_job_id: int | None
    username: str
    refusals: tuple[str, ...]

    @property
    def seen(self) -> str:
        """Stands for all that the presser decides upon: a different value means that the world has changed."""
        plan = self.plan
        parts = (
            [plan.target and plan.target.id, plan.replaces and plan.replaces.id, plan.cancel and plan.cancel.id]
            if plan
            else []
        )
        return hashlib.sha256(repr([*parts, self.newest_job_id]).encode()).hexdigest()[:16]


async def check(house: House, incident: Incident, slack_user: str) -> Checked:
    """Look at everything that this person's rollback depends upon.

    :raises GitLabError: when it can't be looked at; nothing may be started then.
    """
    username = house.settings.people.get(slack_user, "")
    refusal = await refusal_of(house, incident, slack_user)
    if refusal:
        return Checked(None, None, username, (refusal,))
    if incident.verdict is None:
        return Checked(None, None, username, ("The trace has no result yet.",))
    past = await past_of(house, incident, incident.verdict.scope)
    replanned = await replan_with_gaps(incident.verdict, house.source, past)
    plan = await with_links(house, replanned.plan) if replanned.plan is not None else None
    if replanned.gaps:
        return Checked(plan, None, username, tuple(_unread(gap) for gap in replanned.gaps))
    if plan is None or plan.target is None or plan.target.job is None:
        return Checked(plan, None, username, _no_target(plan))
    target, job = plan.target, plan.target.job
    newest, permission, against = await asyncio.gather(
        gitlab_rollback.newest_job(house.gitlab, target.project, job.pipeline_id, job.name),
        house.rights(slack_user, Place(target.project, target.environment, target.ref)),
        _against(house, incident.verdict, replanned, target),
    )
    plan = replace(plan, cautions=(*against, *plan.cautions))
    refusals = tuple(why for why in (permission.why if not permission.allowed else "", newest.why_not) if why)
    return Checked(plan, newest.id, permission.username or "", refusals)


def _no_target(plan: RollbackPlan | None) -> tuple[str, ...]:
    """Why there is none; where it was told by cautions, with these."""
    if plan is None or not plan.why_none:
        return ("There is no deployment to go back to.",)
    return (plan.why_none, *(caution.says for caution in plan.cautions))


async def _against(house: House, verdict: Verdict, replanned: Replanned, target: Deployment) -> tuple[Caution, ...]:
    """What speaks against it now, and what may be quicker."""
    named = (one for one in verdict.scope.service.environments if not is_glob(one))
    environments = tuple(dict.fromkeys((target.environment, *named)))
    now, flags = await asyncio.gather(
        against_now(house.gitlab, target, verdict.environment, house.clock()),
        flags_now(house.gitlab, target.project, replanned.suspects, environments),
    )
    return (*now, *flags)


def _unread(gap: Gap) -> str:
    return f"{gap.source} could not be asked for {gap.what} ({gap.why}), so it is not certain where going back leads."


def modal_of(incident: Incident, checked: Checked) -> dict[str, object]:
    """The modal that shows what was found."""
    plan, verdict = checked.plan, incident.verdict
    if verdict is None or plan is None or plan.target is None:
        return modal.refusal_modal(checked.refusals)
    view = RollbackView(
        incident_id=incident.id,
        undoes=plan.undoes,
        target=plan.target,
        live=plan.replaces,
        cancel=plan.cancel,
        username=checked.username,
        seen=checked.seen,
        refusals=checked.refusals,
        cautions=plan.cautions,
        also=plan.also,
        suspects=frozenset(suspect.candidate.shipped.key for suspect in verdict.named),
        brought={s.candidate.via.key: s.candidate.change.label for s in verdict.named if s.candidate.via is not None},
        not_shown_to_be_cause="" if verdict.outcome is not Outcome.NOT_ENOUGH else "Not shown to be the cause.",
    )
    return modal.rollback_modal(view)
