"""The legs in the rollback's modal: what each goes back to, and a tick each where there are several. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backtrace_core.model import Deployment, DeploymentStatus, GoingBack
from bot.cards import LegView, RollbackView
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.sentences import MOST_NAME, deployment_link, moment, short
from bot.slack.text import escape, link

TICKS = "backtrace:legs"
MOST_OPTIONS = 10
"""Of one element (docs.slack.dev/reference/block-kit/block-elements/checkboxes-element)."""
MOST_WHY = 300

BY = {
    GoingBack.RETRY: "by retrying its job",
    GoingBack.PIPELINE: "by a pipeline that is told its version",
    GoingBack.LINK: "by hand",
}


def what_goes_back(view: RollbackView) -> Iterator[str]:
    """What is deployed again, and where; a line a leg where there are several."""
    if view.how is GoingBack.LINK:
        yield from _in_gitlab(view.offered)
    if len(view.legs) == 1 and view.offered:
        yield from _alone(view.offered[0], view.how)
        return
    yield f"*These go back together, each {BY[view.how]}:*" if len(view.offered) > 1 else "*This goes back:*"
    yield from (_one_of_several(leg, view.how) for leg in view.offered)
    yield from (f"• {_label(leg)} stays as it is: {escape(leg.why_not, MOST_WHY)}" for leg in _staying(view))


def ticks(view: RollbackView) -> list[Block]:
    """A checkbox a leg, all of them ticked; none where there is nothing to choose."""
    offered = view.offered
    if not offered[1:]:
        return []
    rows = [offered[start : start + MOST_OPTIONS] for start in range(0, len(offered), MOST_OPTIONS)]
    return [_checkboxes(row, number, is_optional=len(rows) > 1) for number, row in enumerate(rows)]


def ticked(view: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the legs that are ticked in a submitted view; those of no form that Slack sends are none."""
    blocks_ = _map(_map(view.get("state")).get("values")).values()
    elements = (one for block in blocks_ for name, one in _map(block).items() if str(name).startswith(TICKS))
    chosen = (_map(element).get("selected_options") for element in elements)
    options = (option for some in chosen if isinstance(some, list) for option in some)
    values = (_map(option).get("value") for option in options)
    return frozenset(value for value in values if isinstance(value, str))


def _map(thing: object) -> Mapping[str, Any]:
    return thing if isinstance(thing, Mapping) else {}


def _checkboxes(legs: Sequence[LegView], number: int, *, is_optional: bool) -> Block:
    options = [_option(leg) for leg in legs]
    action_id = f"{TICKS}-{number}" if number else TICKS
    element = {"type": "checkboxes", "action_id": action_id, "options": options, "initial_options": options}
    label = "Untick what should stay as it is" if not number else "And of these"
    return {
        "type": "input",
        "block_id": f"legs-{number}",
        "label": {"type": "plain_text", "text": label, "emoji": False},
        "element": element,
        "optional": is_optional,
    }


def _option(leg: LegView) -> Block:
    to = f"to deployment {leg.target.id} ({leg.target.sha[:8]})" if leg.target is not None else ""
    return {**blocks.option(leg.label, leg.key), "description": blocks.plain_text(to, blocks.MOST_BUTTON)}


def _staying(view: RollbackView) -> Iterator[LegView]:
    return (leg for leg in view.legs if leg not in view.offered)


def _label(leg: LegView) -> str:
    return f"*{escape(leg.label, MOST_NAME)}*"


def _one_of_several(leg: LegView, how: GoingBack) -> str:
    target = leg.target
    if target is None:
        return ""
    since = f", live {moment(target.finished_at)}" if target.finished_at else ""
    now = f"; live now: {deployment_link(leg.live)}" if leg.live is not None and leg.live.id != target.id else ""
    first = f"; first {_cancelled(leg.cancel, how)}" if leg.cancel is not None else ""
    return f"• {_label(leg)} to {deployment_link(target)}{since}{now}{first}"


def _in_gitlab(offered: Sequence[LegView]) -> Iterator[str]:
    page = next((leg.page for leg in offered if leg.page), "")
    where = link(page, "the environment's page in GitLab") if page else "GitLab, or in what deploys for it"
    yield f"Backtrace starts nothing here. Go back on {where}; once you confirm, the card follows what happens there."


def _alone(leg: LegView, how: GoingBack) -> Iterator[str]:
    target = leg.target
    if target is None:
        return
    is_live = leg.live is not None and leg.live.id == target.id
    if leg.cancel is not None:
        yield _cancels(leg.cancel, f"{deployment_link(target)}{', which is live,' if is_live else ''}", how)
    elif how is GoingBack.LINK:
        yield f"What to go back to: {deployment_link(target)}."
    else:
        where = escape(target.environment, MOST_NAME)
        yield f"This deploys {deployment_link(target)} to {where} again, {BY[how]}."
    if target.finished_at:
        yield f"Deployment {target.id} went live {moment(target.finished_at)}."
    if leg.live is not None and not is_live:
        yield f"Live now: {deployment_link(leg.live)}."


def _cancelled(running: Deployment, how: GoingBack) -> str:
    link_to = _running(running)
    return f"cancel {link_to} in GitLab" if how is GoingBack.LINK else f"{link_to} is cancelled"


def _cancels(running: Deployment, target: str, how: GoingBack) -> str:
    since = f" since {moment(running.started_at)}" if running.started_at else ""
    verb = "is being" if running.status is DeploymentStatus.RUNNING else "waits to be"
    stands = f"{_running(running)} {verb} rolled out to {escape(running.environment, MOST_NAME)}{since}. "
    if how is GoingBack.LINK:
        return f"{stands}Cancel it there, and deploy {target} again, so that nothing of {running.id} stays."
    return f"{stands}This cancels it, and deploys {target} again, so that nothing of {running.id} stays."


def _running(deployment: Deployment) -> str:
    return f"{link(deployment.url, f'Deployment {deployment.id}')} (`{short(deployment)}`)"
