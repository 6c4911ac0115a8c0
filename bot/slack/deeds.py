"""Who did what: the rollback under the state, where nobody overlooks it, and all else in small print. Pure."""

from __future__ import annotations

from bot.cards import ActionLine, CardView
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.sentences import MOST_NAME, moment
from bot.slack.text import escape, link

MOST_DEEDS = 8
MOST_URL = 600


def rollback_line(view: CardView) -> ActionLine | None:
    """The newest attempt to go back."""
    return next((line for line in reversed(view.actions) if line.kind == "roll_back"), None)


def rollback_deed(view: CardView) -> list[Block]:
    line = rollback_line(view)
    return blocks.section((_told(line, view),) if line else (), 1200)


def small_deeds(view: CardView) -> list[Block]:
    """All but what stands at the top."""
    rest = [line for line in view.actions if line is not rollback_line(view)]
    return blocks.context((_told(line, view) for line in rest[-MOST_DEEDS:]), 1600)


def _told(line: ActionLine, view: CardView) -> str:
    names = {slack_id: username for username, slack_id in view.slack_ids.items()}
    who = escape(names.get(line.slack_user, f"Slack member {line.slack_user}"), MOST_NAME)
    # A line that is too long would not be shown at all.
    url = line.url if len(line.url) <= MOST_URL else ""
    return f"{who} {link(url, line.says, 250)}, {moment(line.at)}"
