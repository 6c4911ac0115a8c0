"""A verdict for a terminal, and for programs: the JSON of ``backtrace trace --json`` (docs/trace-json.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from backtrace_core.model import (
    ChangeRef,
    Deployment,
    Evidence,
    Outcome,
    RollbackLeg,
    RollbackPlan,
    Suspect,
    Verdict,
    WorkItem,
)
from backtrace_core.person_to_ask import person_to_ask
from bot.percent import percent

FORM = 1
MOST_SHOWN = 10

_HEADLINES = {
    Outcome.NAMED: "Likely culprit",
    Outcome.SHORTLIST: "One of these is the likely culprit",
    Outcome.NO_CHANGE: "No change explains this",
    Outcome.NOT_ENOUGH: "Not enough evidence to name a change",
}


def as_json(verdict: Verdict) -> dict[str, Any]:
    """Stable: keys are added, never renamed or removed, without a new number in ``form``."""
    return {
        "form": FORM,
        "outcome": verdict.outcome.value,
        "service": verdict.scope.service.name,
        "project": verdict.scope.service.project,
        "environment": verdict.scope.environment,
        "at": verdict.alert.received_at.isoformat(),
        "since": verdict.scope.since.isoformat(),
        "suspects": [_suspect(suspect) for suspect in verdict.suspects[:MOST_SHOWN]],
        "probability_none": round(verdict.probability_none, 4),
        "rollback": _rollback(verdict.rollback),
        "legs": [_leg(leg) for leg in verdict.legs],
        "looked_at": {
            "deployments": verdict.looked_at.deployments,
            "changes": verdict.looked_at.changes,
            "ruled_out_later": verdict.looked_at.left_out_later,
        },
        "gaps": [{"source": gap.source, "what": gap.what, "why": gap.why} for gap in verdict.gaps],
        "advice": verdict.advice,
    }


def _suspect(suspect: Suspect) -> dict[str, Any]:
    change = suspect.candidate.change
    return {
        "key": change.key,
        "kind": change.kind.value,
        "service": suspect.candidate.service,
        "title": change.title,
        "url": change.url,
        "author": change.author.username if change.author else change.author_name,
        **_crew(suspect),
        "probability": round(suspect.probability, 4),
        "score": round(suspect.score, 3),
        "deployment": _deployment(suspect.candidate.deployment),
        "work_items": [_work_item(item) for item in change.work_items],
        "via": _via(suspect),
        "came_from": [_named(ref) for ref in change.came_from],
        "reverts": [_named(ref) for ref in change.reverts],
        "evidence": [_evidence(fact) for fact in suspect.evidence],
    }


def _work_item(item: WorkItem) -> dict[str, Any]:
    return {
        "project": item.project,
        "iid": item.iid,
        "title": item.title,
        "url": item.url,
        "closes": item.closes,
    }


def _evidence(fact: Evidence) -> dict[str, Any]:
    return {
        "rule": fact.rule,
        "family": fact.family.value,
        "weight": round(fact.weight, 3),
        "counts": round(fact.counts, 3),
        "odds": round(math.exp(fact.counts), 3),
        "says": fact.says,
        "url": fact.url,
    }


def _via(suspect: Suspect) -> dict[str, str | None] | None:
    via, bump = suspect.candidate.via, suspect.candidate.change.bump
    if via is None:
        return None
    taken = {name: getattr(bump, name, None) for name in ("package", "old", "new", "path")}
    return {"key": via.key, "title": via.title, "url": via.url, **taken}


def _named(change: ChangeRef) -> dict[str, str]:
    return {"key": change.key, "title": change.title, "url": change.url}


def _crew(suspect: Suspect) -> dict[str, Any]:
    change, deployer = suspect.candidate.change, suspect.candidate.deployer
    asked = person_to_ask(change, deployer)
    return {
        "from_fork": change.from_fork,
        "co_authors": list(change.co_authors),
        "merged_by": change.merged_by.username if change.merged_by else None,
        "approvers": [person.username for person in change.approvers],
        "person_to_ask": asked.person.username if asked.person else None,
        "why_asked": asked.why,
    }


def _deployment(deployment: Deployment | None) -> dict[str, Any] | None:
    if deployment is None:
        return None
    return {
        "id": deployment.id,
        "project": deployment.project,
        "environment": deployment.environment,
        "sha": deployment.sha,
        "status": deployment.status.value,
        "finished_at": deployment.finished_at.isoformat() if deployment.finished_at else None,
        "url": deployment.url,
    }


def _rollback(plan: RollbackPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "target": _deployment(plan.target),
        "replaces": _deployment(plan.replaces),
        "undoes": [_named(change) for change in plan.undoes],
        "cautions": [{"says": caution.says, "url": caution.url} for caution in plan.cautions],
        "why_none": plan.why_none,
    }


def _leg(leg: RollbackLeg) -> dict[str, Any]:
    return {
        "label": leg.label,
        "project": leg.place.project,
        "environment": leg.place.environment,
        "job": leg.job or None,
        "target": _deployment(leg.plan.target),
        "replaces": _deployment(leg.plan.replaces),
        "why_none": leg.plan.why_none,
    }


def as_text(verdict: Verdict) -> str:
    """Some lines for people. What GitLab said is cleaned of whatever could move a terminal's cursor."""
    return "\n".join("".join(char for char in line if char.isprintable()) for line in _lines(verdict))


def _lines(verdict: Verdict) -> Iterator[str]:
    looked = verdict.looked_at
    yield f"{_HEADLINES[verdict.outcome]} ({verdict.scope.service.name}, {verdict.scope.environment})"
    for suspect in verdict.named or verdict.suspects[:3]:
        yield from _of_suspect(suspect)
    if verdict.rollback is not None:
        yield from _of_rollback(verdict.rollback)
        yield from _with_it(verdict.legs)
    if verdict.advice:
        yield verdict.advice
    since, until = (f"{moment:%d %b %Y %H:%M}" for moment in (looked.since, verdict.scope.onset.latest))
    yield f"Looked at {looked.deployments} deployments and {looked.changes} changes, {since} to {until} UTC."
    yield from _of_gaps(verdict)


def _of_suspect(suspect: Suspect) -> Iterator[str]:
    change = suspect.candidate.change
    who = change.author.username if change.author else change.author_name
    yield f"  {change.key} {change.title} ({who}), {percent(suspect.probability)}"
    yield f"    {change.url}"
    via = suspect.candidate.via
    if via is not None:
        bump = change.bump
        versions = f" ({bump.package} {bump.old} -> {bump.new})" if bump is not None else ""
        yield f"    by {via.key} {via.title}{versions}"
    yield from (f"    backport of {ref.key} {ref.title}" for ref in change.came_from)
    yield from (f"    reverts {ref.key} {ref.title}" for ref in change.reverts)
    yield from (f"    - {fact.says}" for fact in suspect.evidence if fact.weight > 0)
    asked = person_to_ask(change, suspect.candidate.deployer)
    if asked.person is not None and not asked.is_author:
        yield f"    ask {asked.person.username}: {asked.why}"
    for item in change.work_items:
        yield f"    {'closes' if item.closes else 'mentions'} #{item.iid} {item.title}"


def _of_rollback(plan: RollbackPlan) -> Iterator[str]:
    if plan.target is None:
        yield f"No rollback target. {plan.why_none}"
        return
    yield f"Rollback target: deployment {plan.target.id} ({plan.target.sha[:8]}), undoes {len(plan.undoes)} changes"
    yield f"  {plan.target.url}"
    yield from (f"  - {caution.says}" for caution in plan.cautions)


def _with_it(legs: tuple[RollbackLeg, ...]) -> Iterator[str]:
    going = [leg for leg in legs if leg.plan.target is not None]
    for leg in going[1:]:
        target = leg.plan.target
        if target is not None:
            yield f"  with it {leg.label}: deployment {target.id} ({target.sha[:8]})"


def _of_gaps(verdict: Verdict) -> Iterable[str]:
    return (f"Could not be read: {gap.source}: {gap.what} ({gap.why})" for gap in verdict.gaps)
