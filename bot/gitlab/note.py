"""What Backtrace writes into GitLab: the incident's text and the note with the verdict. No quick action ever."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from backtrace_core.model import (
    Change,
    ChangeRef,
    Deployment,
    Evidence,
    Outcome,
    Person,
    RollbackPlan,
    Suspect,
    Verdict,
    WorkItem,
)
from backtrace_core.occasion import QUESTION
from backtrace_core.person_to_ask import person_to_ask
from bot.gitlab.text import fenced, inline, linked, titled

# What GitLab allows in a username (docs.gitlab.com/user/reserved_names): such a name is safe to mention.
_USERNAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]*")
OTHERS = 5
MARK = "<!-- backtrace:"
"""How a comment of ours begins, whatever its key."""


def hidden(key: str) -> str:
    """The comment that marks what is ours; it is not shown in GitLab.

    :raises ValueError: for a key that could end the comment.
    """
    if not _KEY.fullmatch(key) or "--" in key:
        raise ValueError(f"not a key: {key!r}")
    return f"{MARK}{key} -->"


def incident_text(verdict: Verdict, key: str) -> tuple[str, str]:
    """Title and description of the incident for a verdict's alert."""
    alert, scope = verdict.alert, verdict.scope
    occasion = "a question" if alert.sender == QUESTION else "an alert"
    lines = (
        hidden(key),
        f"Backtrace opened this for {occasion} of {when(alert.received_at)}: {inline(alert.title)}",
        "",
        f"Service {inline(scope.service.name)}, environment {inline(scope.environment)}.",
        "",
        # Another incident's key in what is quoted would find this one in its place.
        fenced(alert.text.replace(MARK, "<!- backtrace:")),
    )
    return titled("Incident", alert.title), "\n".join(lines)


def note_of(verdict: Verdict) -> str:
    """The verdict as Markdown: what is known, why, and what can be done."""
    parts = (
        _headline(verdict),
        *(_suspect(suspect, order, verdict) for suspect, order in zip(verdict.named, _orders(verdict), strict=True)),
        _plan(verdict.rollback),
        _others(verdict.suspects[len(verdict.named) :]) if verdict.named else "",
        _ruled_out(verdict.ruled_out),
        f"Advice: {inline(verdict.advice, 800)}" if verdict.advice else "",
        _looked_at(verdict),
    )
    return "\n\n".join(part for part in parts if part)


def _headline(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.NAMED:
        return "**Likely culprit**"
    if verdict.outcome is Outcome.SHORTLIST:
        return "**The change most likely involved is one of these**"
    if verdict.outcome is Outcome.NO_CHANGE:
        return "**No change explains this**"
    return f"**Not enough evidence to name {'another' if verdict.ruled_out else 'a'} change**"


def _orders(verdict: Verdict) -> tuple[str, ...]:
    """What is said of each that is named. Only their order is known: how likely in numbers nobody has measured."""
    first, rest = verdict.named[:1], verdict.named[1:]
    return (*(", most likely" if rest else "" for _ in first), *(", less likely" for _ in rest))


def _suspect(suspect: Suspect, order: str, verdict: Verdict) -> str:
    change, deployment = suspect.candidate.change, suspect.candidate.deployment
    lines = (
        f"{_change(change)}{order}",
        *_taken_by(suspect),
        f"{'written by' if deployment is not None else 'by'} {_author(change)}{_instead(suspect)}",
        f"{_went(deployment)} {_deployment(deployment)}{_by(deployment.deployer, verdict.outcome)}"
        if deployment is not None
        else "came by no deployment",
        *(f"{_it(item)} {linked(f'#{item.iid} {item.title}', item.url)}" for item in change.work_items),
        *(_evidence(evidence) for evidence in suspect.evidence),
    )
    return _list(lines)


def _taken_by(suspect: Suspect) -> Iterable[str]:
    """Of a library's change the service's own change that took its version."""
    via, bump = suspect.candidate.via, suspect.candidate.change.bump
    if via is not None:
        versions = f" ({inline(f'{bump.package} {bump.old} to {bump.new}')})" if bump is not None else ""
        yield f"came by {_change(via)}{versions}"


def _evidence(evidence: Evidence) -> str:
    return f"{inline(evidence.says)}, {linked('look', evidence.url)}" if evidence.url else inline(evidence.says)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _change(change: Change | ChangeRef) -> str:
    return linked(f"{change.label} {change.title}", change.url)


def _author(change: Change) -> str:
    return inline(change.author.name if change.author else change.author_name) or "somebody GitLab does not know"


def _instead(suspect: Suspect) -> str:
    asked = person_to_ask(suspect.candidate.change, suspect.candidate.deployer)
    if asked.person is None or asked.is_author:
        return ""
    return f" (the person to ask is {inline(asked.person.name)}: {inline(asked.why)})"


def _it(item: WorkItem) -> str:
    return "its work item is" if item.closes else "it mentions"


def _went(deployment: Deployment) -> str:
    return "went live with" if deployment.finished_at else "is on its way with"


def _deployment(deployment: Deployment) -> str:
    since = f" of {when(deployment.finished_at)}" if deployment.finished_at else ", still under way"
    return f"{linked(f'deployment {deployment.id}', deployment.url)}{since}"


def _by(deployer: Person | None, outcome: Outcome) -> str:
    """The deployer is mentioned, so that GitLab tells them; of one change of several only by name."""
    if deployer is None or deployer.bot or not _USERNAME.fullmatch(deployer.username):
        return ""
    return f", deployed by {f'@{deployer.username}' if outcome is Outcome.NAMED else inline(deployer.name)}"


def _plan(plan: RollbackPlan | None) -> str:
    if plan is None or plan.target is None:
        return ""
    target = plan.target
    undone = f" This undoes {', '.join(linked(ref.label, ref.url) for ref in plan.undoes)}." if plan.undoes else ""
    cautions = "".join(f"\n- Mind: {inline(caution.says)}" for caution in plan.cautions)
    return f"To go back to: {_deployment(target)}, {inline(target.sha[:8])}.{undone}{cautions}"


def _ruled_out(changes: tuple[ChangeRef, ...]) -> str:
    return f"Ruled out by people: {', '.join(_change(one) for one in changes[:OTHERS])}." if changes else ""


def _others(suspects: tuple[Suspect, ...]) -> str:
    if not suspects:
        return ""
    shown = [_change(suspect.candidate.change) for suspect in suspects[:OTHERS]]
    more = len(suspects) - OTHERS
    return f"Less likely:\n\n{_list(shown)}" + (f"\n- and {more} more" if more > 0 else "")


def _looked_at(verdict: Verdict) -> str:
    seen = verdict.looked_at
    text = f"Looked at {seen.deployments} deployments and {seen.changes} changes since {when(seen.since)}."
    if seen.left_out_later:
        text += f" Changes that shipped later and are left out: {seen.left_out_later}."
    gaps = [f"Not read: {inline(gap.what)}, {inline(gap.why)}" for gap in verdict.gaps]
    return f"{text}\n\n{_list(gaps)}" if gaps else text


def when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
