"""Where the feature flags of what is named are on, as lines of the card. Pure."""

from __future__ import annotations

from backtrace_core.model import FlagState, Verdict
from bot.cards import CardView
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.sentences import MOST_NAME, moment
from bot.slack.text import escape, link

MOST_FLAGS = 3
MOST_STATES = 6


def flag_lines(_view: CardView, verdict: Verdict) -> list[Block]:
    """A flag that is off already can't be it, and one that is on may be switched off: the card is to tell which."""
    lines = [_line(one) for one in verdict.flags[:MOST_FLAGS]]
    more = len(verdict.flags) - len(lines)
    return blocks.section((*lines, *([f"… and {more} more feature flags"] if more > 0 else [])), 1500)


def _line(flag: FlagState) -> str:
    states = [f"{escape(state, 60)} in {escape(where, MOST_NAME)}" for where, state in flag.states[:MOST_STATES]]
    more = len(flag.states) - len(states)
    told = f"{', '.join(states)}{f' and {more} more' if more > 0 else ''}"
    return f"Feature flag {link(flag.page, flag.name, MOST_NAME)}: {told}. Read from GitLab at {moment(flag.at)}."
