"""Which of the deployments that are free of the suspects is gone back to, and why not a nearer one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backtrace_core.history import here, live
from backtrace_core.model import Caution, Deployment, GoingBack, Harvest
from backtrace_core.own_time import Fired, other_troubles, own_time, same_trouble
from backtrace_core.retrying import GOOD, Chance, Judgement, Retrying, judge, outdated
from backtrace_core.undoing.fixes import Culprit


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What is known beside git: of possible targets' jobs, what ``fired`` for this place, and what was to blame."""

    retrying: Retrying = field(default_factory=Retrying)
    fired: tuple[Fired, ...] = ()
    culprits: tuple[Culprit, ...] = ()


NOTHING_KNOWN = TargetFacts()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A deployment free of the suspects. ``url`` leads to where ``judgement`` can be checked."""

    deployment: Deployment
    judgement: Judgement
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """``target`` None: none can be gone back to. ``passed_over`` are those that would have been nearer."""

    target: Weighed | None
    passed_over: tuple[Weighed, ...]


def choose(clean: Sequence[Deployment], harvest: Harvest, facts: TargetFacts, until: datetime) -> Choice:
    """The nearest of ``clean`` that GitLab would retry; where it would only perhaps, the nearest of these.

    Where somebody is at it already, that one: farther back would be away from where they go. ``until``: see
    ``own_time``.
    """
    weighed = tuple(_weighed(one, harvest, facts, until) for one in clean)
    for chances in ((Chance.GOOD, Chance.UNDER_WAY), (Chance.DOUBTFUL,)):
        found = next((n for n, one in enumerate(weighed) if one.judgement.chance in chances), None)
        if found is not None:
            return Choice(weighed[found], weighed[:found])
    return Choice(None, weighed)


def unasked(
    clean: Sequence[Deployment], harvest: Harvest, facts: TargetFacts, until: datetime
) -> tuple[Deployment, ...]:
    """Of which deployments the jobs have to be looked at before ``choose``: the nearest, and the others if it fails."""
    known = facts.retrying.attempts
    for place, one in enumerate(clean):
        judgement = _weighed(one, harvest, facts, until).judgement
        if judgement.chance in (Chance.NONE, Chance.DOUBTFUL):
            continue
        if one.id in known:
            return ()
        # One question is enough as a rule; after a first refusal nobody should wait for each of the others in turn.
        return (one,) if place == 0 else tuple(other for other in clean[place:] if other.id not in known)
    return ()


def _weighed(deployment: Deployment, harvest: Harvest, facts: TargetFacts, until: datetime) -> Weighed:
    fired = _fired(deployment, harvest, facts, until)
    trouble = same_trouble(fired, harvest.harvested_at)
    if trouble:
        url = next(one.url for one in fired if one.is_ours)
        return Weighed(deployment, Judgement(Chance.NONE, trouble), url or deployment.url)
    if harvest.scope.service.rollback is not GoingBack.RETRY:
        # Whatever deploys there is told the version: no job has to run again.
        return Weighed(deployment, GOOD, deployment.url)
    return Weighed(deployment, judge(deployment, facts.retrying, live(here(harvest))), deployment.url)


def _fired(deployment: Deployment, harvest: Harvest, facts: TargetFacts, until: datetime) -> tuple[Fired, ...]:
    time = own_time(deployment, here(harvest), until)
    return time.of(facts.fired) if time is not None else ()


def cautions_of(choice: Choice, harvest: Harvest, facts: TargetFacts, until: datetime) -> Iterator[Caution]:
    """What is to be known of the target that was chosen, then why it is not a nearer one."""
    if choice.target is not None:
        yield from _of_target(choice.target, harvest, facts)
        yield from other_troubles(_fired(choice.target.deployment, harvest, facts, until), harvest.harvested_at)
    yield from _passed_over(choice)


def _of_target(target: Weighed, harvest: Harvest, facts: TargetFacts) -> Iterator[Caution]:
    one, job = target.deployment, target.deployment.job
    if target.judgement.chance is Chance.DOUBTFUL and job is not None:
        needs = f"if {job.name} needs them, GitLab accepts the retry and the job then fails"
        yield Caution(f"For deployment {one.id} {target.judgement.why}: {needs}", target.url)
    if outdated(one, facts.retrying, live(here(harvest))) is None:
        says = "Whether the project lets an older deployment run again is unknown: GitLab may refuse it"
        yield Caution(says, target.url)


def _passed_over(choice: Choice) -> Iterator[Caution]:
    """One for each reason, the nearest first: several deployments often share one."""
    by_reason: dict[str, list[Weighed]] = {}
    for one in choice.passed_over:
        by_reason.setdefault(one.judgement.why, []).append(one)
    for why, several in by_reason.items():
        yield Caution(f"{_named(several)} would be nearer, but {why}", several[0].url)


def _named(several: Sequence[Weighed]) -> str:
    first = several[0].deployment
    name = f"Deployment {first.id} ({first.sha[:8]})"
    if len(several) == 1:
        return name
    return f"{name} and {len(several) - 1} more"


def why_none_of(choice: Choice) -> str:
    """Why none of the deployments that are free of the suspects can be gone back to."""
    reasons = {one.judgement.why for one in choice.passed_over}
    if len(reasons) == 1 and len(choice.passed_over) > 1:
        return f"No deployment without it can be retried: {reasons.pop()}."
    return "No deployment without it can be retried: see the cautions."
