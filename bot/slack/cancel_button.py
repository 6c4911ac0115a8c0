"""The button that cancels the suspects' deployments where there is nothing to go back to. Pure."""

from __future__ import annotations

from backtrace_core.model import Deployment
from backtrace_core.under_way import can_cancel
from bot.cards import Buttons, CardView, IncidentState
from bot.mentions import is_production
from bot.slack import blocks
from bot.slack.blocks import Block

CANCEL = "backtrace:cancel"
_BUSY = (IncidentState.RESOLVED, IncidentState.ROLLING_BACK)


def offered(view: CardView) -> tuple[Deployment, ...]:
    """What a press would cancel; nothing where one person alone changes nothing."""
    verdict = view.verdict
    if verdict is None or view.buttons is not Buttons.ACTING or view.state in _BUSY:
        return ()
    if verdict.scope.service.second_person and is_production(verdict):
        return ()
    return tuple(one for one in can_cancel(verdict) if one.id not in view.cancelled)


def cancel_button(view: CardView) -> list[Block]:
    """Named by its deployment, where it is one."""
    running = offered(view)
    if not running:
        return []
    words = f"Cancel deployment {running[0].id}" if len(running) == 1 else f"Cancel {len(running)} deployments"
    says = "Cancel what still runs; opens a dialog that says what that leaves"
    return [blocks.danger_button(CANCEL, words, view.incident_id, says)]
