"""What stands in the one note on an incident, and in its timeline. Pure; no quick action ever (see ``note.py``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backtrace_core.model import Outcome, Verdict
from backtrace_core.proof import Stage
from bot.cards import GoneBack, IncidentState
from bot.gitlab.note import note_of, when
from bot.gitlab.text import inline, linked
from bot.gitlab.timeline import Happened
from bot.proof_words import proof_words, resolved_words

MOST_DEEDS = 20
_STATES = {
    IncidentState.ROLLING_BACK: "**Going back is under way.**",
    IncidentState.ROLLED_BACK: "**The environment was rolled back.**",
    IncidentState.PARTLY_ROLLED_BACK: "**A part was rolled back.**",
    IncidentState.ROLLED_FORWARD: "**What was rolled back was deployed again.**",
    IncidentState.ROLLBACK_FAILED: "**A rollback was tried, without success.**",
    IncidentState.ROLLBACK_STOPPED: "**A rollback was stopped.**",
    IncidentState.RESOLVED: "**Resolved.**",
}
_WATCHED = frozenset((IncidentState.ROLLED_BACK, IncidentState.OPEN))
_TOLD = frozenset((Stage.WENT_ON, Stage.FIRED_AGAIN, Stage.OVERTAKEN))
_LIMITS = {
    "labels": "Labels were not set",
    "assignee": "Nobody was assigned",
    "timeline": "The timeline was not written",
    "severity": "The severity was not set",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person had done, in plain words. ``who`` is a GitLab username, or empty where nobody knows it."""

    who: str
    says: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaperText:
    """All that the note is made of. ``failure`` is why there is no verdict, ``revert`` a command of ours.

    ``assigned`` tells how the assignment went, ``card_url`` leads to the card in Slack, ``limits`` say why something
    was not done, by what it was. ``gone_back`` is the newest rollback that is done.
    """

    verdict: Verdict | None
    state: IncidentState
    failure: str = ""
    revert: str = ""
    assigned: str = ""
    deeds: tuple[Deed, ...] = ()
    card_url: str = ""
    resolved_at: datetime | None = None
    gone_back: GoneBack | None = None
    limits: Mapping[str, str] = field(default_factory=dict)


def paper_note(paper: PaperText) -> str:
    """The note as Markdown."""
    parts = (
        _state(paper),
        note_of(paper.verdict) if paper.verdict else f"**Backtrace has no verdict**: {inline(paper.failure)}",
        f"To take the change back in the code:\n\n```shell\n{paper.revert}\n```" if paper.revert else "",
        paper.assigned,
        _listed("What was done:", (_deed(deed) for deed in paper.deeds[-MOST_DEEDS:])),
        f"{linked('The card in Slack', paper.card_url)} has the buttons." if paper.card_url else "",
        _listed("What Backtrace could not do here:", _limits(paper.limits)),
    )
    return "\n\n".join(part for part in parts if part)


def _state(paper: PaperText) -> str:
    words = _STATES.get(paper.state, "")
    if paper.state is IncidentState.RESOLVED:
        after = resolved_words(paper.gone_back, paper.resolved_at) if paper.resolved_at else ""
        return f"**Resolved, {after}.**" if after else words
    proof = inline(proof_words(paper.gone_back)) if paper.state in _WATCHED else ""
    return f"{words} Since then: {proof}".strip() if proof else words


def _deed(deed: Deed) -> str:
    return f"{when(deed.at)}: {_who(deed)} {inline(deed.says)}"


def _who(deed: Deed) -> str:
    return inline(deed.who) or "somebody in Slack"


def _limits(limits: Mapping[str, str]) -> Iterable[str]:
    return (f"{_LIMITS.get(what, 'Something was not done')}: {inline(why)}" for what, why in sorted(limits.items()))


def _listed(head: str, lines: Iterable[str]) -> str:
    shown = [f"- {line}" for line in lines]
    return "\n".join((head, "", *shown)) if shown else ""


def happened(paper: PaperText) -> tuple[Happened, ...]:
    """One event for each thing that happened. The same things make the same words, however often they are asked for."""
    events = [*_of_verdict(paper.verdict)] if paper.verdict else []
    events += [Happened(deed.at, f"Backtrace: {_who(deed)} {inline(deed.says)}") for deed in paper.deeds]
    if paper.state is IncidentState.RESOLVED and paper.resolved_at is not None:
        after = resolved_words(paper.gone_back, paper.resolved_at)
        events.append(Happened(paper.resolved_at, f"Backtrace: resolved{f', {after}' if after else ''}"))
    gone_back = paper.gone_back
    if gone_back is not None and gone_back.stage in _TOLD:
        events.append(Happened(gone_back.stage_at, f"Backtrace: {inline(proof_words(gone_back))}", once=True))
    return tuple(events)


def _of_verdict(verdict: Verdict) -> Iterable[Happened]:
    if verdict.outcome is not Outcome.NAMED or not verdict.named:
        return
    candidate = verdict.named[0].candidate
    label = inline(candidate.change.label)
    deployment = candidate.deployment
    if deployment is not None and deployment.finished_at is not None:
        shipped = f"Backtrace: deployment {deployment.id} to {inline(deployment.environment)} brought {label}"
        yield Happened(deployment.finished_at, shipped, once=True)
    yield Happened(verdict.decided_at, f"Backtrace: {label} is the likely culprit", once=True)
