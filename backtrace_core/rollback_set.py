"""A rollback is a set: every deploy job, in every place, that runs the suspects' change goes back to its own target.

Each line (:mod:`backtrace_core.rollback_lines`) is decided upon by itself (:mod:`backtrace_core.rollback`). Whether it
runs the change is git's answer, as everything about versions is. Git is asked in rounds, since what is asked next
depends on the answer: :func:`first_question`, :func:`further_question`, then :func:`leg_of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from backtrace_core.contained import Answers, Asked, Holds
from backtrace_core.history import running, succeeded
from backtrace_core.model import (
    Caution,
    Change,
    Deployment,
    GoingBack,
    Lineage,
    Place,
    RollbackLeg,
    RollbackPlan,
    Suspect,
)
from backtrace_core.rollback import choose_rollback, last_deployment_plan, targets_to_ask, what_to_ask
from backtrace_core.rollback_lines import Line, brought_by, own_suspects
from backtrace_core.targets import NOTHING_KNOWN, TargetFacts

MOST_ROWS_ASKED = 16
"""How far back a line is asked for where no fact says which of its deployments brought the change."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A line with what git is asked about it, and what it has answered so far."""

    line: Line
    asked: Asked
    lineage: Lineage = field(default_factory=Lineage)

    @property
    def answers(self) -> Answers:
        return Answers(self.asked, self.lineage)


def first_question(line: Line) -> Asking:
    """What git is asked first: all that decides where suspects are known to have come, else what is live."""
    asked = what_to_ask(line.harvest, line.suspects)
    if line.is_first and not line.unplaced:
        return Asking(line, asked)
    changes = {change.key: change for change in (*asked.changes, *_changes(line.unplaced))}
    now = line.live
    return Asking(line, replace(asked, changes=tuple(changes.values()), elsewhere=(now,) if now is not None else ()))


def _changes(suspects: Iterable[Suspect]) -> Iterator[Change]:
    return (suspect.candidate.shipped for suspect in suspects)


def further_question(asking: Asking) -> Asked | None:
    """How far back the change reaches, where what is live has it and no fact says since when; None: nothing to ask."""
    line, now = asking.line, asking.line.live
    if now is None or all(asking.answers.holds(now, change) is not Holds.YES for change in _changes(line.unplaced)):
        return None
    rows = tuple(row for row in succeeded(line.harvest.deployments) if row.id != now.id)[:MOST_ROWS_ASKED]
    known = {row.id for row in asking.asked.deployments}
    return Asked(tuple(row for row in rows if row.id not in known), (), asking.asked.changes)


def with_answer(asking: Asking, further: Asked, lineage: Lineage) -> Asking:
    """The line once git has answered the further question: each suspect stands with the oldest row that has it."""
    asked = replace(asking.asked, targets=(*asking.asked.targets, *further.targets))
    known = asking.lineage
    merged = Lineage(
        known.contains | lineage.contains, known.unknown | lineage.unknown, (*known.undone, *lineage.undone)
    )
    more = Asking(asking.line, asked, merged)
    line = asking.line
    rows = succeeded(line.harvest.deployments)[: MOST_ROWS_ASKED + 1]
    found = []
    for suspect in line.unplaced:
        # What git could not tell counts as having it: the target is then farther back than it need be.
        having = [row for row in rows if more.answers.holds(row, suspect.candidate.shipped) is not Holds.NO]
        if having and line.live is not None and line.live.id in {row.id for row in having}:
            found.append(brought_by(suspect, having[-1]))
    placed = replace(line, suspects=(*line.suspects, *found), unplaced=())
    return Asking(placed, asked, merged)


def targets_of(asking: Asking, facts: TargetFacts) -> tuple[Deployment, ...]:
    """Of which deployments the jobs have to be looked at before the leg is decided, given what ``facts`` tell."""
    line = asking.line
    if line.harvest.scope.service.rollback is not GoingBack.RETRY:
        return ()
    return targets_to_ask(line.harvest, line.suspects, asking.lineage, asking.asked, facts)


def leg_of(asking: Asking, facts: TargetFacts = NOTHING_KNOWN) -> RollbackLeg | None:
    """Where the line goes back to, or why it can't; None where it does not run the change, so that it stays."""
    line, answers = asking.line, asking.answers
    if not line.is_first and not _runs_it(asking):
        return None
    if line.is_first or line.suspects:
        plan = _with_jobs(choose_rollback(line.harvest, line.suspects, asking.lineage, asking.asked, facts), line)
    else:
        plan = RollbackPlan(None, line.live, why_none=_not_known(answers, line))
    return RollbackLeg(line.place, line.job, line.place.environment, plan)


def _runs_it(asking: Asking) -> bool:
    """Whether the change is live there, is being rolled out there, or may be."""
    line, now = asking.line, asking.line.live
    changes = tuple(_changes((*line.suspects, *line.unplaced)))
    if now is not None and any(asking.answers.holds(now, change) is not Holds.NO for change in changes):
        return True
    under_way = {row.id for row in running(line.harvest.deployments)}
    arrivals = (suspect.candidate.deployment for suspect in line.suspects)
    return any(row is not None and row.id in under_way for row in arrivals)


def _not_known(answers: Answers, line: Line) -> str:
    labels = ", ".join(change.label for change in _changes(line.unplaced))
    where = line.place.environment
    return f"Git could not say whether {where} runs {labels}, as of {len(answers.asked.deployments)} deployments."


def last_leg(asking: Asking, facts: TargetFacts = NOTHING_KNOWN) -> RollbackLeg:
    """The newest deployment of the line undone, whatever it brought: for when the evidence is thin."""
    line = asking.line
    plan = _with_jobs(last_deployment_plan(line.harvest, asking.lineage, facts), line)
    return RollbackLeg(line.place, line.job, line.place.environment, plan)


def _with_jobs(plan: RollbackPlan, line: Line) -> RollbackPlan:
    """The plan with its deployments as GitLab has them: what is to be cancelled is cancelled by its job."""
    rows = {row.id: row for row in line.rows}

    def whole(row: Deployment | None) -> Deployment | None:
        return rows.get(row.id, row) if row is not None else None

    return replace(plan, target=whole(plan.target), replaces=whole(plan.replaces), cancel=whole(plan.cancel))


def unread_leg(place: Place, why: str) -> RollbackLeg:
    """Of a place that could not be read nobody knows whether it runs the change."""
    says = f"GitLab could not be asked what runs in {place.environment} ({why})."
    return RollbackLeg(place, "", place.environment, RollbackPlan(None, None, why_none=says))


def labelled(legs: Sequence[RollbackLeg]) -> tuple[RollbackLeg, ...]:
    """Each with a label that tells it from the others: with the project where there are several, with the job too."""
    single = len({leg.place.project for leg in legs}) <= 1

    def label(leg: RollbackLeg) -> str:
        where = leg.place.environment if single else f"{leg.place.project} {leg.place.environment}"
        alone = sum(1 for other in legs if other.place == leg.place) == 1
        return where if alone or not leg.job else f"{where} ({leg.job})"

    return tuple(replace(leg, label=label(leg)) for leg in legs)


def summed_up(legs: Sequence[RollbackLeg], suspects: tuple[Suspect, ...]) -> RollbackPlan:
    """The set as one plan: the first leg's target, what all of them undo, what speaks against any of them."""
    own = own_suspects(suspects)
    if suspects and not own:
        return RollbackPlan(None, None, why_none=_of_others(suspects))
    if not legs:
        return RollbackPlan(None, None, why_none="No earlier successful deployment is known.")
    going = [leg for leg in legs if leg.plan.target is not None]
    if not going:
        return legs[0].plan if len(legs) == 1 else replace(legs[0].plan, why_none=_why_none(legs))
    undoes = {change.key: change for leg in going for change in leg.plan.undoes}
    cautions = dict.fromkeys(caution for leg in going for caution in leg.plan.cautions)
    also = tuple(dict.fromkeys(one for leg in going for one in leg.plan.also))
    plan = replace(going[0].plan, undoes=tuple(undoes.values()), also=also)
    return replace(plan, cautions=(*cautions, *_staying(legs), *_theirs(suspects)))


def _why_none(legs: Sequence[RollbackLeg]) -> str:
    return " ".join(f"{leg.label}: {leg.plan.why_none}" for leg in legs)


def _staying(legs: Sequence[RollbackLeg]) -> Iterator[Caution]:
    for leg in legs:
        if leg.plan.target is None:
            url = leg.plan.replaces.url if leg.plan.replaces is not None else ""
            yield Caution(f"{leg.label} does not go back with it: {leg.plan.why_none}", url)


def _of_others(suspects: tuple[Suspect, ...]) -> str:
    names = sorted({suspect.candidate.service or "" for suspect in suspects})
    them = "them" if len(suspects) > 1 else "it"
    return f"Another service shipped {them}, {' and '.join(names)}: going back is for those who run it."


def _theirs(suspects: tuple[Suspect, ...]) -> Iterator[Caution]:
    for candidate in (suspect.candidate for suspect in suspects):
        if candidate.service is not None:
            says = f"{candidate.change.label} belongs to {candidate.service}: going back here leaves it there"
            yield Caution(says, candidate.change.url)
