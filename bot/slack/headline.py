"""The headline, the one sentence that notifications and screen readers get, and the state of the incident. Pure."""

from __future__ import annotations

from backtrace_core.evidence.spans import span
from backtrace_core.model import Outcome, Suspect, Verdict
from backtrace_core.occasion import teller
from bot.cards import LEFT_OUT, NOBODY_PAGED, WITHOUT_SUCCESS, ActionLine, CardView, IncidentState
from bot.proof_words import proof_words, resolved_words
from bot.slack.sentences import when_live
from bot.slack.text import plain

MOST_TEXT = 1000
MOST_RULED_OUT = 5

_FEW = {1: "One change", 2: "Two changes", 3: "Three changes"}
_STATES = {
    IncidentState.ROLLING_BACK: "Rolling back…",
    IncidentState.ROLLED_BACK: "Rolled back.",
    IncidentState.PARTLY_ROLLED_BACK: "Partly rolled back.",
    IncidentState.ROLLED_FORWARD: "Rolled forward again.",
    IncidentState.ROLLBACK_FAILED: "The rollback did not succeed.",
    IncidentState.ROLLBACK_STOPPED: "The rollback was stopped.",
}
_WATCHED = frozenset((IncidentState.ROLLED_BACK, IncidentState.OPEN))
_DONE = {"assign": "the incident was assigned", "page": "those on call were paged"}
"""What was done besides going back, of which its own line tells how long ago it was."""
_STAGES = {
    "created": "It waits for its turn in the pipeline.",
    "waiting_for_resource": "It waits until another job lets go of the environment.",
    "preparing": "Its runner is being prepared.",
    "waiting_for_callback": "Its runner is being prepared.",
    "pending": "It waits for a runner.",
    "scheduled": "It waits for the time that its job is scheduled for.",
    "blocked": "It waits for approval or a manual start in GitLab.",
    "running": "It runs.",
    "sending": "It is being started.",
    "awaited": "Backtrace waits for it to be done in GitLab.",
    "deploying": "Its pipeline is through, and its deployment is awaited.",
    "stopping": "It is being cancelled.",
    "again": "Its job failed, and GitLab tries it again.",
}
"""Where a deployment on its way stands (docs.gitlab.com/api/jobs: statuses)."""


def headline(view: CardView) -> str:
    """What is known, as plain text that is not escaped yet."""
    verdict = view.verdict
    if verdict is None:
        of = f" of {plain(view.way_on.service, 60)}" if view.way_on else ""
        return f"The trace{of} failed: {view.failure or 'no result'}"
    if verdict.outcome is Outcome.NAMED and verdict.named:
        change = verdict.named[0].candidate.change
        return f"Likely culprit: {change.label} {change.title}"
    if verdict.outcome is Outcome.SHORTLIST and verdict.named:
        return f"{_FEW[len(verdict.named)]} could explain this"
    if view.ruled_out:
        return "Not enough evidence for another change"
    return "No change explains this" if verdict.outcome is Outcome.NO_CHANGE else "Not enough evidence yet"


def state_words(view: CardView) -> str:
    """Where the incident stands; nothing while it is simply open."""
    if view.state is IncidentState.RESOLVED:
        return _resolved(view)
    state = view.state
    if state is IncidentState.ROLLED_BACK and any(leg.stage == LEFT_OUT for leg in view.legs):
        state = IncidentState.PARTLY_ROLLED_BACK
    words = _STATES.get(state, "") or ("It fires again after it was resolved." if view.reopened_at else "")
    if view.state in _WATCHED and (proof := proof_words(view.gone_back)):
        return f"{words} {proof}".strip()
    if view.progress is not None and view.progress.is_forward and view.state is IncidentState.ROLLING_BACK:
        words = "Rolling forward…"
    stage = stage_words(view.progress.stage) if view.progress else ""
    return f"{words} {stage}" if view.state is IncidentState.ROLLING_BACK and stage else words


def stage_words(stage: str) -> str:
    """A sentence on where a deployment on its way stands; empty for what there is none of."""
    return _STAGES.get(stage, "")


def whole_sentence(view: CardView) -> str:
    """The card in a sentence or three, as plain text that is not escaped yet."""
    parts = [plain(headline(view), 300), _ruled_out(view), _detail(view.verdict), _target(view), state_words(view)]
    sentences = (part.rstrip(".") + ("" if part.endswith("…") else ".") for part in parts if part)
    return plain(" ".join(sentences), MOST_TEXT)


def _resolved(view: CardView) -> str:
    if view.resolved_at is None:
        return "Resolved."
    words = []
    if view.verdict is not None:
        words.append(f"{span(view.resolved_at - view.verdict.alert.received_at)} after {teller(view.verdict.alert)}")
    if after := resolved_words(view.gone_back, view.resolved_at):
        words.append(after)
    done = [_DONE[kind] for kind in _DONE if any(line.kind == kind and _went_well(line) for line in view.actions)]
    what = f" {' and '.join(done)}.".replace(" the", " The", 1) if done else ""
    return (f"Resolved {', '.join(words)}." if words else "Resolved.") + what


def _went_well(line: ActionLine) -> bool:
    return (
        NOBODY_PAGED not in line.says
        and WITHOUT_SUCCESS not in line.says
        and not line.says.startswith("assigned nobody")
    )


def _ruled_out(view: CardView) -> str:
    """Where nobody else is named."""
    if view.verdict is None or view.verdict.named or not view.ruled_out:
        return ""
    return f"Ruled out: {', '.join(plain(one.change.label, 60) for one in view.ruled_out[:MOST_RULED_OUT])}"


def _detail(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    if verdict.outcome is Outcome.NAMED and verdict.named:
        return _shipped(verdict.named[0], verdict)
    if verdict.outcome is Outcome.SHORTLIST:
        return ", ".join(f"{s.candidate.change.label} {plain(s.candidate.change.title, 80)}" for s in verdict.named)
    looked = verdict.looked_at
    return f"Looked at {looked.deployments} deployments and {looked.changes} changes of {verdict.scope.service.name}"


def _shipped(suspect: Suspect, verdict: Verdict) -> str:
    change, deployment = suspect.candidate.change, suspect.candidate.deployment
    if deployment is None:
        return f"In {plain(verdict.scope.environment, 60)}: {when_live(suspect.candidate, verdict.alert)}"
    who = change.author.name if change.author else change.author_name
    when = when_live(suspect.candidate, verdict.alert)
    return f"By {plain(who, 60)}, on {plain(deployment.environment, 60)}: {when}"


def _target(view: CardView) -> str:
    verdict = view.verdict
    going = view.rolled_back or view.state in (IncidentState.ROLLING_BACK, IncidentState.ROLLED_BACK)
    shown = verdict is not None and not going and verdict.outcome in (Outcome.NAMED, Outcome.SHORTLIST)
    target = verdict.rollback.target if verdict and verdict.rollback and shown else None
    return f"Rollback target: deployment {target.id} ({target.sha[:8]})" if target else ""
