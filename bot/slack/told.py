"""What the channel was told of deployments that GitLab does not have, as a block of the card. Pure."""

from __future__ import annotations

from backtrace_core.alerts.notices import DeployNotice
from backtrace_core.model import Outcome, Verdict
from bot.cards import CardView
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.sentences import MOST_NAME, moment
from bot.slack.text import escape, link

MOST_TOLD = 2
MOST_SAYS = 150


def told_deployments(view: CardView, verdict: Verdict) -> list[Block]:
    """One quiet line for each of the newest; where no change explains it, also what to do about them."""
    lines = [_line(notice, verdict) for notice in view.told_deployments[:MOST_TOLD]]
    more = len(view.told_deployments) - len(lines)
    if more > 0:
        lines.append(f"… and of {more} more")
    if lines and verdict.outcome is Outcome.NO_CHANGE:
        lines.append("GitLab has no such deployment, so its changes were not looked at: look there.")
    return blocks.context(lines, 1200)


def _line(notice: DeployNotice, verdict: Verdict) -> str:
    service = escape(verdict.scope.service.name, MOST_NAME)
    to = f" to {escape(notice.environment, MOST_NAME)}" if notice.environment else ""
    says = link(notice.url, notice.says, MOST_SAYS)
    return f"The channel was told of a deployment of {service}{to} at {moment(notice.at)}: {says}"
