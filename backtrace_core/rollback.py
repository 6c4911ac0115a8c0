"""The last good deployment, what going back to it would undo, what speaks against it.

Whether a deployment contains a change is git's answer (:class:`Lineage`), never a matter of ids or times alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from backtrace_core.cautions import cautions_for, left_alone, skipped
from backtrace_core.history import began, is_rollback, live, rolled_back_from, running, same_job, succeeded
from backtrace_core.model import (
    Caution,
    Change,
    ChangeKind,
    ChangeRef,
    Deployment,
    DeploymentStatus,
    Harvest,
    Lineage,
    RollbackPlan,
    Suspect,
)

__all__ = ["choose_rollback", "is_rollback", "last_deployment_plan", "possible_targets"]

MOST_TARGETS = 8


def possible_targets(harvest: Harvest, suspects: tuple[Suspect, ...]) -> tuple[Deployment, ...]:
    """The successful deployments that were live before the suspects' first deployment began, newest finish first.

    Without suspects: those before what is live now. Of the same deploy job, since another one's would leave the
    suspects in place. Never one that somebody rolled back from; at most eight.
    """
    start = _start(harvest, suspects)
    if start is None or len(_jobs(suspects)) > 1:
        return ()
    left = rolled_back_from(harvest.deployments)
    ours = same_job(_here(harvest), start)
    older = [d for d in succeeded(ours) if d.finished_at is not None and d.finished_at <= began(start)]
    return tuple(d for d in older if d.id != start.id and d.id not in left)[:MOST_TARGETS]


def _start(harvest: Harvest, suspects: tuple[Suspect, ...]) -> Deployment | None:
    if suspects:
        return min((suspect.candidate.deployment for suspect in suspects), key=began)
    return live(_here(harvest))


def _jobs(suspects: tuple[Suspect, ...]) -> tuple[str, ...]:
    """The names of the deploy jobs that shipped the suspects."""
    jobs = (suspect.candidate.deployment.job for suspect in suspects)
    return tuple(sorted({job.name for job in jobs if job is not None}))


def _live(harvest: Harvest, suspects: tuple[Suspect, ...]) -> Deployment | None:
    """What is live now of the deploy job that is to go back."""
    start = _start(harvest, suspects)
    return live(same_job(_here(harvest), start)) if start is not None else None


def _here(harvest: Harvest) -> tuple[Deployment, ...]:
    return tuple(d for d in harvest.deployments if d.environment == harvest.scope.environment)


def choose_rollback(harvest: Harvest, suspects: tuple[Suspect, ...], lineage: Lineage) -> RollbackPlan:
    """Where to go back to so that none of the suspects' changes is live."""
    keys = tuple(suspect.candidate.change.key for suspect in suspects)
    clean = [t for t in possible_targets(harvest, suspects) if not _holds_any(t, keys, lineage)]
    return _plan(harvest, suspects, clean, lineage)


def last_deployment_plan(harvest: Harvest, lineage: Lineage) -> RollbackPlan:
    """Undo the newest deployment, whatever it brought: for when the evidence is thin."""
    now = _live(harvest, ())
    different = [t for t in possible_targets(harvest, ()) if now is None or t.sha != now.sha]
    return _plan(harvest, (), different, lineage)


def _holds_any(target: Deployment, keys: Iterable[str], lineage: Lineage) -> bool:
    """Unknown counts as contained: a wrong target does harm, a missing one only delays."""
    pairs = {(target.id, key) for key in keys}
    return not pairs.isdisjoint(lineage.contains | lineage.unknown)


def _still_running(harvest: Harvest, suspects: tuple[Suspect, ...]) -> Deployment | None:
    """The suspects' deployment that still runs by the newest row of the harvest."""
    ids = {suspect.candidate.deployment.id for suspect in suspects}
    return next((d for d in running(_here(harvest)) if d.id in ids), None)


def _plan(harvest: Harvest, suspects: tuple[Suspect, ...], clean: list[Deployment], lineage: Lineage) -> RollbackPlan:
    now, cancel = _live(harvest, suspects), _still_running(harvest, suspects)
    target = next((t for t in clean if _can_be_retried(t)), None)
    passed_over = clean[: clean.index(target)] if target is not None else clean
    notes = skipped(passed_over)
    if target is None:
        why = _why_none(harvest, suspects, clean, lineage)
        return RollbackPlan(None, now, cautions=notes, cancel=cancel, why_none=why)
    if now is not None and now.sha == target.sha and now.id != target.id and cancel is None:
        return _back_already(now, notes)
    undone = _undone(harvest, target, lineage)
    alone = left_alone(target, _siblings(harvest, target))
    cautions = (*cautions_for(undone, _others_running(harvest, cancel)), *alone, *notes)
    return RollbackPlan(target, now, tuple(_ref(change) for change in undone), cautions, cancel)


def _siblings(harvest: Harvest, target: Deployment) -> tuple[str, ...]:
    """The other deploy jobs of the target's pipeline."""
    if target.job is None:
        return ()
    jobs = (d.job for d in _here(harvest) if d.job is not None and d.job.pipeline_id == target.job.pipeline_id)
    return tuple(sorted({job.name for job in jobs if job.name != target.job.name}))


def _can_be_retried(deployment: Deployment) -> bool:
    return deployment.job is not None and not deployment.job.archived


def _back_already(now: Deployment, notes: tuple[Caution, ...]) -> RollbackPlan:
    why = f"{now.environment} is already back: deployment {now.id} ({now.sha[:8]}) is live and does not contain it."
    return RollbackPlan(None, now, cautions=notes, why_none=why)


def _why_none(harvest: Harvest, suspects: tuple[Suspect, ...], clean: list[Deployment], lineage: Lineage) -> str:
    jobs = _jobs(suspects)
    if len(jobs) > 1:
        return f"Several deploy jobs shipped these changes: {', '.join(jobs)}. None goes back alone."
    if clean:
        return "No deployment without it can be retried: see the cautions."
    if lineage.unknown:
        return "Git could not say which earlier deployment is free of it."
    start = _start(harvest, suspects)
    if start is None or len(succeeded(same_job(_here(harvest), start))) <= 1:
        return "No earlier successful deployment is known."
    return "Every earlier deployment that could be read contains it, or was itself rolled back from."


def _undone(harvest: Harvest, target: Deployment, lineage: Lineage) -> tuple[Change, ...]:
    """The changes that going back takes away, in git's order. Keys that the harvest lacks stand as bare names."""
    keys = next((keys for deployment, keys in lineage.undone if deployment == target.id), ())
    known = {change.key: change for change in harvest.changes}
    return tuple(known.get(key) or _unknown_change(key) for key in keys)


def _unknown_change(key: str) -> Change:
    project, mark, number = key.rpartition("!")
    if mark and number.isdigit():
        return Change(ChangeKind.MERGE_REQUEST, project, int(number), "", "", "", None, "", None)
    project, _, sha = key.rpartition("@")
    return Change(ChangeKind.COMMIT, project, None, sha, "", "", None, "", None)


def _ref(change: Change) -> ChangeRef:
    author = change.author.username if change.author is not None else change.author_name
    return ChangeRef(change.key, change.label, change.title, change.url, author)


def _others_running(harvest: Harvest, cancel: Deployment | None) -> tuple[Deployment, ...]:
    under_way = [d for d in _here(harvest) if d.status is DeploymentStatus.RUNNING]
    return tuple(d for d in under_way if cancel is None or d.id != cancel.id)
