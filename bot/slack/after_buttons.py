"""The buttons for what is left to do: the change is still on its branch. Pure."""

from __future__ import annotations

from backtrace_core.model import Change, ChangeKind
from bot.cards import CardView, IncidentState
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.text import is_web_url

REVERT = "backtrace:revert"
OPEN_REVERT = "backtrace:open_revert"
REVERT_NAMED = "revert"
ROLL_FORWARD = "backtrace:roll_forward"

_REVERTIBLE = (ChangeKind.MERGE_REQUEST, ChangeKind.COMMIT)


def is_back(view: CardView) -> bool:
    return view.rolled_back or view.state is IncidentState.ROLLED_BACK


def revert_button(view: CardView, change: Change, value: str, words: str = "Open revert merge request") -> list[Block]:
    """Once it was gone back from; the way there where one is open already, also before."""
    opened = view.reverts.get(change.key)
    if opened is not None and is_web_url(opened.url):
        says = f"Look at {opened.label}, which reverts {change.label}"
        return [blocks.url_button(OPEN_REVERT, f"View revert {opened.label}", opened.url, says)]
    if not is_back(view) or change.kind not in _REVERTIBLE:
        return []
    return [blocks.button(REVERT, words, value, f"Open a merge request that reverts {change.label}")]


def revert_option(view: CardView, change: Change) -> list[Block]:
    """The same in the menu, before."""
    if is_back(view) or change.key in view.reverts or change.kind not in _REVERTIBLE:
        return []
    return [blocks.option(f"Open a merge request that reverts {change.label}", REVERT_NAMED)]


def forward_button(view: CardView) -> list[Block]:
    """To deploy again what was gone back from; it opens a dialog that says what that brings."""
    if not is_back(view) or view.gone_back is None or view.progress is not None:
        return []
    says = "Deploy again what the rollback took away"
    return [blocks.button(ROLL_FORWARD, "Roll forward again", view.incident_id, says)]
