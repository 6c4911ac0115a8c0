"""Rolling forward again: what a rollback took away is deployed anew, where nothing else went live since.

The way there is that of going back: the newest job of that deployment is retried, or the pipeline is told its version,
so that the same code comes again. A fix takes a pipeline of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backtrace_core.contained import Answers, Holds
from backtrace_core.history import began, live, succeeded
from backtrace_core.model import Caution, Change, ChangeRef, Deployment, RollbackPlan

NOT_FOUND = "The rollback's own deployment can't be found, so it is not certain what it replaced."


def choose_forward(deployments: Iterable[Deployment], job: str, made: int | None) -> RollbackPlan:
    """The deployment that was live before the rollback, of the same deploy job.

    ``deployments`` are those of the place, ``made`` is the id of the one that the rollback made. No target where
    something else went live since: then that counts, whatever it is. What an outside tool deployed is of any job, and
    a place that went back as a whole has no ``job``.
    """
    rows = [row for row in deployments if not job or row.job is None or row.job.name == job]
    now, ours = live(rows), next((row for row in rows if row.id == made), None)
    if now is None or ours is None:
        return RollbackPlan(None, now, why_none=NOT_FOUND)
    if now.id != ours.id and now.sha != ours.sha:
        why = f"Deployment {now.id} ({now.sha[:8]}) went live since the rollback: there is nothing to roll forward to."
        return RollbackPlan(None, now, why_none=why)
    before = [row for row in succeeded(rows) if row.finished_at is not None and row.finished_at <= began(ours)]
    replaced = next((row for row in before if row.id != ours.id), None)
    if replaced is None or replaced.sha == ours.sha:
        return RollbackPlan(None, now, why_none="Nothing else is known to have been live before the rollback.")
    return RollbackPlan(replaced, now)


def cautions_forward(target: Deployment, blamed: Sequence[Change], answers: Answers) -> tuple[Caution, ...]:
    """That what was blamed is in it, each with its page; what git could not say counts as in it."""
    says = {Holds.YES: "is in it, and is not reverted there", Holds.UNKNOWN: "may be in it: git could not be asked"}
    return tuple(
        Caution(f"{change.label} {says[holds]}", change.url)
        for change in blamed
        if (holds := answers.holds(target, change)) in says
    )


def brought_back(
    target: Deployment, undone: Iterable[ChangeRef], known: Iterable[Change], answers: Answers
) -> tuple[ChangeRef, ...]:
    """Of what the rollback took away what is in ``target``. ``known``: those of which git was asked; the others count
    as in it. A rollback also takes away what it cancels before that was ever live."""
    lacking = {change.key for change in known if answers.holds(target, change) is Holds.NO}
    return tuple(ref for ref in undone if ref.key not in lacking)
