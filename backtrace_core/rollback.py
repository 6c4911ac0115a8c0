"""The last good deployment, what going back to it would undo, what speaks against it.

Whether a deployment contains a change is git's answer (:class:`Lineage`), never a matter of ids or times alone.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

from backtrace_core.cautions import cautions_for
from backtrace_core.contained import Answers, Asked, Holds
from backtrace_core.history import began, here, live, rolled_back_from, same_job, succeeded, went_back
from backtrace_core.model import Change, ChangeKind, Deployment, Harvest, Lineage, RollbackPlan, Suspect
from backtrace_core.moved import back_already, came_later, not_far_enough, went_back_already
from backtrace_core.targets import NOTHING_KNOWN, TargetFacts, cautions_of, choose, unasked, why_none_of
from backtrace_core.under_way import MOST_ASKED, cautions_under_way, others_under_way, still_running
from backtrace_core.undoing.also import also_undone
from backtrace_core.undoing.fixes import lost_fixes

MOST_TARGETS = 8


def possible_targets(harvest: Harvest, suspects: tuple[Suspect, ...]) -> tuple[Deployment, ...]:
    """The successful deployments that were live before the suspects' first deployment began, newest finish first.

    Without suspects: those before what is live now. Of the same deploy job: each goes back by itself
    (:mod:`backtrace_core.rollback_set`). Never one that somebody rolled back from; at most eight.
    """
    start = _start(harvest, suspects)
    if start is None:
        return ()
    left = rolled_back_from(harvest.deployments)
    ours = same_job(here(harvest), start)
    older = [d for d in succeeded(ours) if d.finished_at is not None and d.finished_at <= began(start)]
    return tuple(d for d in older if d.id != start.id and d.id not in left)[:MOST_TARGETS]


def _start(harvest: Harvest, suspects: tuple[Suspect, ...]) -> Deployment | None:
    if suspects:
        return min(_shipped_by(suspects), key=began, default=None)
    return live(here(harvest))


def _shipped_by(suspects: tuple[Suspect, ...]) -> list[Deployment]:
    shipped = (suspect.candidate.deployment for suspect in suspects)
    return [deployment for deployment in shipped if deployment is not None]


def _live(harvest: Harvest, suspects: tuple[Suspect, ...]) -> Deployment | None:
    """What is live now of the deploy job that is to go back."""
    start = _start(harvest, suspects)
    return live(same_job(here(harvest), start)) if start is not None else None


def what_to_ask(harvest: Harvest, suspects: tuple[Suspect, ...]) -> Asked:
    """What git has to be asked before ``choose_rollback``: of which deployments, about which changes.

    The changes are the suspects' own, with all their commits, whether or not a later harvest still has them.
    """
    ours = (s.candidate.shipped for s in suspects if s.candidate.deployment is not None)
    changes = tuple({change.key: change for change in ours}.values())
    others = others_under_way(harvest, still_running(harvest, suspects)) if changes else ()
    return Asked(possible_targets(harvest, suspects), others[:MOST_ASKED], changes)


def choose_rollback(
    harvest: Harvest,
    suspects: tuple[Suspect, ...],
    lineage: Lineage,
    asked: Asked,
    facts: TargetFacts = NOTHING_KNOWN,
) -> RollbackPlan:
    """Where to go back to so that none of the changes in ``asked``, which has the suspects', is live. ``lineage`` is
    git's answer to it."""
    answers = Answers(asked, lineage)
    itself = next((s.candidate.change for s in suspects if s.candidate.deployment is None), None)
    if itself is not None:
        # Going back would leave it as it is, and take away what others shipped.
        return RollbackPlan(None, _live(harvest, ()), why_none=_by_itself(itself))
    return _plan(harvest, suspects, (_clean(harvest, suspects, answers), answers), facts)


def targets_to_ask(
    harvest: Harvest, suspects: tuple[Suspect, ...], lineage: Lineage, asked: Asked, facts: TargetFacts
) -> tuple[Deployment, ...]:
    """Of which deployments the jobs have to be looked at before ``choose_rollback``, given what ``facts`` tell already.

    Without suspects: before ``last_deployment_plan``.
    """
    clean = _clean(harvest, suspects, Answers(asked, lineage)) if suspects else _different(harvest)
    return unasked(clean, harvest, facts, _until(harvest, suspects))


def _clean(harvest: Harvest, suspects: tuple[Suspect, ...], answers: Answers) -> list[Deployment]:
    return [target for target in possible_targets(harvest, suspects) if _is_free(target, suspects, answers)]


def _until(harvest: Harvest, suspects: tuple[Suspect, ...]) -> datetime:
    """When the suspects began to arrive: what fires from then on may be theirs."""
    start = _start(harvest, suspects)
    return began(start) if start is not None else harvest.harvested_at


def _by_itself(change: Change) -> str:
    if change.kind is ChangeKind.FEATURE_FLAG:
        return (
            f"The flag {change.title} came by no deployment: going back changes nothing about it. Switch it in GitLab."
        )
    return f"The job {change.title} ran by itself: going back does not undo what it did."


def last_deployment_plan(harvest: Harvest, lineage: Lineage, facts: TargetFacts = NOTHING_KNOWN) -> RollbackPlan:
    """Undo the newest deployment, whatever it brought: for when the evidence is thin.

    Where somebody went back already there is none to undo: one step more would take away what was good.
    """
    now = _live(harvest, ())
    history = same_job(here(harvest), now) if now is not None else ()
    back = went_back(history)
    if back is not None:
        coming = cautions_under_way(others_under_way(harvest, None), (), Answers(Asked(), lineage))
        return RollbackPlan(None, now, cautions=coming, why_none=went_back_already(back, harvest.harvested_at))
    plan = _plan(harvest, (), (_different(harvest), Answers(Asked(), lineage)), facts)
    return replace(plan, cautions=(*came_later(history, harvest.scope.onset.latest), *plan.cautions))


def _different(harvest: Harvest) -> list[Deployment]:
    now = _live(harvest, ())
    return [t for t in possible_targets(harvest, ()) if now is None or t.sha != now.sha]


def _is_free(target: Deployment, suspects: tuple[Suspect, ...], answers: Answers) -> bool:
    return all(answers.holds(target, change) is Holds.NO for change in _named(suspects, answers))


def _named(suspects: tuple[Suspect, ...], answers: Answers) -> tuple[Change, ...]:
    """The suspects' changes, and those of suspects that no fact places here: an older deployment may have them."""
    own = (suspect.candidate.shipped for suspect in suspects)
    return tuple({change.key: change for change in (*own, *answers.asked.changes)}.values())


def _plan(
    harvest: Harvest,
    suspects: tuple[Suspect, ...],
    said: tuple[list[Deployment], Answers],
    facts: TargetFacts,
) -> RollbackPlan:
    (clean, answers), now, cancel = said, _live(harvest, suspects), still_running(harvest, suspects)
    coming = cautions_under_way(others_under_way(harvest, cancel), suspects, answers)
    until = _until(harvest, suspects)
    choice = choose(clean, harvest, facts, until)
    notes = tuple(cautions_of(choice, harvest, facts, until))
    if now is not None and cancel is None and _is_repeated(now, clean):
        return RollbackPlan(None, now, cautions=(*coming, *notes), why_none=back_already(now))
    if choice.target is None:
        why = why_none_of(choice) if clean else _why_none(harvest, suspects, answers)
        return RollbackPlan(None, now, cautions=(*coming, *notes), cancel=cancel, why_none=why)
    target = choice.target.deployment
    undone = _undone(harvest, answers.undone(target), suspects)
    spared = {suspect.candidate.shipped.key for suspect in suspects}
    cautions = (
        *not_far_enough(same_job(here(harvest), target), harvest.scope.onset.earliest, harvest.harvested_at),
        *coming,
        *cautions_for(undone),
        *lost_fixes(undone or (), spared, facts.culprits),
        *notes,
    )
    refs, also = tuple(change.ref for change in undone or ()), tuple(also_undone(undone or ()))
    return RollbackPlan(target, now, refs, cautions, cancel, also=also)


def _is_repeated(now: Deployment, clean: list[Deployment]) -> bool:
    """Whether somebody went back to one of the clean ones, the nearest or another."""
    return any(now.sha == one.sha for one in clean) and all(now.id != one.id for one in clean)


def _why_none(harvest: Harvest, suspects: tuple[Suspect, ...], answers: Answers) -> str:
    named = _named(suspects, answers)
    if any(answers.holds(t, change) is Holds.UNKNOWN for t in answers.asked.targets for change in named):
        return "Git could not say which earlier deployment is free of it."
    start = _start(harvest, suspects)
    if start is None or len(succeeded(same_job(here(harvest), start))) <= 1:
        return "No earlier successful deployment is known."
    return "Every earlier deployment that could be read contains it, or was itself rolled back from."


def _undone(harvest: Harvest, keys: tuple[str, ...] | None, suspects: tuple[Suspect, ...]) -> tuple[Change, ...] | None:
    """The changes that going back takes away: the suspects', then the newest merge first.

    Keys that the harvest lacks stand as bare names.
    """
    if keys is None:
        return None
    known = {change.key: change for change in harvest.changes}
    first = {suspect.candidate.shipped.key for suspect in suspects}
    undone = (known.get(key) or _unknown_change(key) for key in keys)
    return tuple(sorted(undone, key=lambda change: (change.key not in first, _age(change))))


def _age(change: Change) -> float:
    return -change.merged_at.timestamp() if change.merged_at is not None else math.inf


def _unknown_change(key: str) -> Change:
    project, mark, number = key.rpartition("!")
    if mark and number.isdigit():
        return Change(ChangeKind.MERGE_REQUEST, project, int(number), "", "", "", None, "", None)
    project, _, sha = key.rpartition("@")
    return Change(ChangeKind.COMMIT, project, None, sha, "", "", None, "", None)
