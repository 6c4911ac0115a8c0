"""The changes that people took off the candidates: who did, and the button that undoes it. Pure."""

from __future__ import annotations

from bot.cards import Buttons, CardView, IncidentState, RuledOut
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.card_buttons import of_change
from bot.slack.deeds import member
from bot.slack.headline import MOST_RULED_OUT
from bot.slack.sentences import change_link

PUT_BACK = "backtrace:put_back"


def ruled_out(view: CardView) -> list[Block]:
    """One line each, the newest first."""
    newest = view.ruled_out[: -MOST_RULED_OUT - 1 : -1]
    shown = [block for one in newest for block in _line(one, view)]
    more = len(view.ruled_out) - len(newest)
    return [*shown, *blocks.context((f"… and {more} more that were ruled out",) if more else (), 100)]


def _line(one: RuledOut, view: CardView) -> list[Block]:
    by = f" by {' and '.join(member(who, view) for who in one.by[:3])}" if one.by else ""
    return blocks.section((f"*Ruled out{by}*: {change_link(one.change, 80)}",), 700, _put_back(one, view))


def _put_back(one: RuledOut, view: CardView) -> Block | None:
    if view.buttons is not Buttons.ACTING or view.state is IncidentState.ROLLING_BACK:
        return None
    label = one.change.label
    says = f"{label} may be the culprit after all: trace again with it"
    return blocks.button(PUT_BACK, f"Put back {label}", of_change(view, one.change), says)
