"""The card's buttons: which stand there, for which verdict, in which state. Pure.

A button carries the incident's id; what it means is decided when it is pressed. Those that speak of one change carry
its key as well: on somebody's screen the card may still show the suspect before. The menu's options are one word each,
so the block's own id carries the incident for them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from backtrace_core.flag import OFF
from backtrace_core.model import (
    BY_NO_DEPLOYMENT,
    Candidate,
    Change,
    ChangeRef,
    GoingBack,
    Outcome,
    RollbackPlan,
    Suspect,
    Verdict,
)
from backtrace_core.person_to_ask import person_to_ask
from bot.cards import LEFT_OUT, Buttons, CardView, IncidentState
from bot.slack import blocks
from bot.slack.after_buttons import forward_button, revert_button, revert_option
from bot.slack.blocks import Block
from bot.slack.cancel_button import cancel_button
from bot.slack.deeds import claim_line
from bot.slack.text import is_web_url

ROLL_BACK = "backtrace:roll_back"
ASSIGN = "backtrace:assign"
PAGE = "backtrace:page"
STOP = "backtrace:stop"
NOT_CULPRIT = "backtrace:not_culprit"
OPEN_INCIDENT = "backtrace:open_incident"
AGREE = "backtrace:agree"
CLAIM = "backtrace:claim"
SWITCH_FLAG = "backtrace:switch_flag"
WHY = "backtrace:why"
MORE = "backtrace:more"
OPEN_MR = "backtrace:open_mr"
OPEN_JOB = "backtrace:open_job"
OPEN_DEPLOYMENTS = "backtrace:open_deployments"

ROLL_BACK_LAST = "roll_back_last"
SPLIT = "split"
DEPLOYMENTS = "deployments"
BLOCK_PREFIX = "incident:"
MOST_FLAG = 40
"""Characters of a flag's name on a button."""

_MAY_ROLL_BACK = frozenset(
    (
        IncidentState.OPEN,
        IncidentState.PARTLY_ROLLED_BACK,
        IncidentState.ROLLED_FORWARD,
        IncidentState.ROLLBACK_FAILED,
        IncidentState.ROLLBACK_STOPPED,
    )
)


def buttons(view: CardView) -> list[Block]:
    """The block for the card as a whole, or none: a failed trace has nothing to act upon."""
    if view.verdict is None:
        return []
    made = [*_stop(view), *_OF_OUTCOME[view.verdict.outcome](view, view.verdict), *forward_button(view)]
    if view.buttons is Buttons.LINKS:
        made = [*_job_link(view), *(element for element in made if "url" in element)]
    return blocks.actions(made, f"{BLOCK_PREFIX}{view.incident_id}"[:255])


def _of_named(view: CardView, verdict: Verdict) -> list[Block]:
    change, shipped = verdict.named[0].candidate.change, verdict.named[0].candidate.shipped
    return [
        *_roll_back(view, "Roll back"),
        *cancel_button(view),
        *_switch_flag(view, verdict),
        *_assign(view, verdict.named[0]),
        *_page(view),
        *_claim(view),
        *revert_button(view, shipped, of_change(view, shipped)),
        *_view(change),
        *_why(view),
        *_not_culprit(view, change, "Not the culprit"),
        *_menu(view, [*revert_option(view, shipped), *_split_option(view)]),
    ]


def _assign(view: CardView, suspect: Suspect) -> list[Block]:
    """Not of a flag or a job of which GitLab knows nobody; of a merge request the press says why."""
    change = suspect.candidate.change
    if change.kind in BY_NO_DEPLOYMENT and person_to_ask(change, suspect.candidate.deployer).person is None:
        return []
    says = f"Assign the incident to the author of {change.label}"
    return [blocks.button(ASSIGN, "Assign to author", of_change(view, change), says)]


def _of_shortlist(view: CardView, _verdict: Verdict) -> list[Block]:
    # Each of several changes has its author: assigning one of them is not offered, and the rest stand below each.
    page_or_open = (*_page(view), *_open_incident(view), *_claim(view))
    going_back = (*_roll_back(view, "Roll back to before all of them"), *cancel_button(view))
    return [*going_back, *page_or_open, *_why(view), *_split(view)]


def suspect_buttons(view: CardView, candidate: Candidate, number: int) -> list[Block]:
    """What stands below one of several suspects; a block of its own, since one block has no action twice."""
    change, shipped = candidate.change, candidate.shipped
    made = _view(change)
    if view.buttons is Buttons.ACTING:
        made += _not_culprit(view, change, f"Not {change.label}")
        made += revert_button(view, shipped, of_change(view, shipped), f"Revert {shipped.label}")
    return blocks.actions(made, f"suspect-{number}:{view.incident_id}"[:255])


def _of_no_change(view: CardView, verdict: Verdict) -> list[Block]:
    paper = (*_page(view), *_open_incident(view))
    return [*paper, *_claim(view), *_open_deployments(verdict), *_why(view), *_split(view)]


def _of_not_enough(view: CardView, verdict: Verdict) -> list[Block]:
    paper = (_page(view), _open_incident(view), _claim(view))
    shown = (*paper, _open_deployments(verdict), _why(view), _more(view, verdict.rollback))
    return [*chain.from_iterable(shown)]


_OF_OUTCOME: dict[Outcome, Callable[[CardView, Verdict], list[Block]]] = {
    Outcome.NAMED: _of_named,
    Outcome.SHORTLIST: _of_shortlist,
    Outcome.NO_CHANGE: _of_no_change,
    Outcome.NOT_ENOUGH: _of_not_enough,
}


def _roll_back(view: CardView, words: str) -> list[Block]:
    plan = view.verdict.rollback if view.verdict else None
    if plan is None or plan.target is None or not _may_roll_back(view):
        return []
    if view.state in (IncidentState.ROLLED_BACK, IncidentState.PARTLY_ROLLED_BACK):
        words = "Roll back the rest"
    is_by_hand = view.verdict is not None and view.verdict.scope.service.rollback is GoingBack.LINK
    if plan.cancel is not None and not is_by_hand:
        words = f"Cancel deployment {plan.cancel.id} and {words[0].lower()}{words[1:]}"
    if plan.cautions:
        words = f"{words} anyway"
    target = plan.target
    says = f"Roll back {target.environment[:30]} to deployment {target.id} ({target.sha[:8]})"
    return [blocks.danger_button(ROLL_BACK, words, view.incident_id, says)]


def _switch_flag(view: CardView, verdict: Verdict) -> list[Block]:
    """Only of what is named, and only where the flag can be switched off there alone, and is not off by now."""
    is_off = any(one.name == verdict.flag and one.state_in(verdict.scope.environment) == OFF for one in verdict.flags)
    if not verdict.flag or is_off or view.state is IncidentState.RESOLVED:
        return []
    words = f"Switch {verdict.flag} off" if len(verdict.flag) <= MOST_FLAG else "Switch its feature flag off"
    says = f"Switch the feature flag off in {verdict.scope.environment[:30]}"
    return [blocks.button(SWITCH_FLAG, words, view.incident_id, says)]


def agree(view: CardView) -> list[Block]:
    """What stands below a rollback that waits for a second person."""
    if view.waiting is None or view.buttons is not Buttons.ACTING:
        return []
    deed, asks = ("roll-forward", "forward again") if view.waiting.is_forward else ("rollback", "back")
    made = blocks.danger_button(AGREE, "Agree", view.incident_id, f"Agree to the {deed} that somebody asked for")
    says = "It begins at once, with the rights of whoever asked, unless the world has changed since."
    return blocks.actions(
        [{**made, "confirm": blocks.confirm(f"Let it roll {asks}?", says, "Agree", "Not now")}],
        f"agree:{view.incident_id}"[:255],
    )


def _stop(view: CardView) -> list[Block]:
    """While something of a rollback runs, whatever the incident's state is by now."""
    if view.progress is None or view.progress.is_stopping:
        return []
    deed = "roll-forward" if view.progress.is_forward else "rollback"
    made = blocks.danger_button(STOP, "Stop", view.incident_id, f"Stop the {deed} that runs")
    says = "Its jobs in GitLab are cancelled, and what has not begun is not begun. What they changed by then stays."
    return [{**made, "confirm": blocks.confirm(f"Stop the {deed}?", says, "Stop it", "Let it run")}]


def _may_roll_back(view: CardView) -> bool:
    """Also after it went back, where somebody left something out; not while somebody is asked to agree."""
    if view.waiting is not None:
        return False
    left_out = view.state is IncidentState.ROLLED_BACK and any(leg.stage == LEFT_OUT for leg in view.legs)
    return left_out or view.state in _MAY_ROLL_BACK


def _page(view: CardView) -> list[Block]:
    if view.state is IncidentState.RESOLVED or view.verdict is None:
        return []
    service = view.verdict.scope.service.name
    return [blocks.button(PAGE, "Page on-call", view.incident_id, f"Page those on call for {service}")]


def _open_incident(view: CardView) -> list[Block]:
    """Where one change is named, assigning its author opens the incident; here nobody is assigned."""
    if view.incident is not None or view.verdict is None or view.state is IncidentState.RESOLVED:
        return []
    service = view.verdict.scope.service.name
    says = f"Open an incident in GitLab for {service}, with what Backtrace found"
    return [blocks.button(OPEN_INCIDENT, "Open incident", view.incident_id, says)]


def _claim(view: CardView) -> list[Block]:
    if view.state is IncidentState.RESOLVED:
        return []
    taken = claim_line(view)
    words = "I'm on it" if taken is None else "Take over"
    return [blocks.button(CLAIM, words, view.incident_id, "Say to all that you are at work on this")]


def _view(change: Change) -> list[Block]:
    if not is_web_url(change.url):
        return []
    words = f"View {change.label}" if change.iid is not None or change.kind in BY_NO_DEPLOYMENT else "View commit"
    return [blocks.url_button(OPEN_MR, words, change.url, f"Look at {change.label} in GitLab")]


def _not_culprit(view: CardView, change: Change, words: str) -> list[Block]:
    if view.state is IncidentState.ROLLING_BACK:
        return []
    says = f"{change.label} is not the culprit: look further"
    return [blocks.button(NOT_CULPRIT, words, of_change(view, change), says)]


def _why(view: CardView) -> list[Block]:
    return [blocks.button(WHY, "Why?", view.incident_id, "Each fact with its odds, and what was ruled out")]


def of_change(view: CardView, change: Change | ChangeRef) -> str:
    """The value of a button that speaks of one change."""
    return f"{view.incident_id} {change.key}"[: blocks.MOST_VALUE]


def _open_deployments(verdict: Verdict) -> list[Block]:
    url = verdict.looked_at.deployments_url
    if not is_web_url(url):
        return []
    return [blocks.url_button(OPEN_DEPLOYMENTS, "Open deployments", url, "Open the list of deployments in GitLab")]


def _more(view: CardView, plan: RollbackPlan | None) -> list[Block]:
    if plan is None or plan.target is None or view.state not in _MAY_ROLL_BACK:
        return _split(view)
    roll_back = blocks.option("Roll back the last deployment (not shown to be the cause)", ROLL_BACK_LAST)
    return _menu(view, [roll_back, *_split_option(view)])


def _split(view: CardView) -> list[Block]:
    """A menu with "Split" in it, where several alerts have joined one incident."""
    return _menu(view, _split_option(view))


def _split_option(view: CardView) -> list[Block]:
    return [blocks.option("Split: make what joined an incident of its own", SPLIT)] if view.can_split else []


def _menu(view: CardView, options: list[Block]) -> list[Block]:
    if not options:
        return []
    url = view.verdict.looked_at.deployments_url if view.verdict else ""
    # Slack wants two options at least.
    other = blocks.option("List the deployments in GitLab", DEPLOYMENTS)
    other |= {"url": url} if is_web_url(url) else {}
    return [{"type": "overflow", "action_id": MORE, "options": [*options, other]}]


def _job_link(view: CardView) -> list[Block]:
    plan = view.verdict.rollback if view.verdict else None
    job = plan.target.job if plan and plan.target else None
    offered = view.verdict is not None and view.verdict.outcome in (Outcome.NAMED, Outcome.SHORTLIST)
    if job is None or not offered or view.state not in _MAY_ROLL_BACK or not is_web_url(job.url):
        return []
    says = f"Open the job that deploys the rollback target, {job.name}"
    return [blocks.url_button(OPEN_JOB, "Open rollback job", job.url, says)]
