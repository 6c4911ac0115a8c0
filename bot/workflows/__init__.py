"""The durable runs: answer an alert or a question, roll back, assign, page. Only this package knows DBOS.

A run's id is the identity of what caused it (a message, a press, an attempt), never the alert's fingerprint: a used id
answers with its old result for ever. Arguments and results are ids and outcome words; all else lies in the store.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from backtrace_core.alerts.gitlab_incident import SENDER
from bot.store import Action
from bot.workflows import (
    agreeing,
    answering,
    cancelling,
    claiming,
    flagging,
    incidents,
    joining,
    paper,
    pausing,
    reverting,
    rolling_back,
    stopping,
    watching,
)
from bot.workflows.durable import UnsupportedSQLiteError, bind, destroy, forget_finished, has_failed, launch, start
from bot.workflows.house import House, Observer, silent

__all__ = [
    "House",
    "Observer",
    "Starter",
    "UnsupportedSQLiteError",
    "bind",
    "destroy",
    "forget_finished",
    "launch",
    "silent",
]

MAX_RESTARTS = 150
"""How often an answer is begun whose runs end in errors. A run has some ten minutes of patience, so this is a day."""

MOST_BEGUN = 200

_OF_ACTION = {
    "roll_back": rolling_back.fill_modal,
    "roll_forward": rolling_back.fill_modal,
    "assign": paper.assign_author,
    "page": paper.page_on_call,
    "not_culprit": answering.dismiss_suspect,
    "put_back": answering.put_suspect_back,
    "split": joining.split_off,
    "revert": reverting.open_revert_pressed,
    "agree": agreeing.agree_to_rollback,
    "claim": claiming.claim_incident,
    "stop": stopping.stop_rollback,
    "open_incident": incidents.open_incident_pressed,
    "switch_flag": flagging.fill_flag_modal,
    "flag_off": flagging.switch_flag_off,
    "cancel": cancelling.fill_cancel_modal,
    "cancel_confirmed": cancelling.cancel_deployments,
}


class Starter:
    """Starts runs by what they are about. Starting one twice does nothing."""

    def __init__(self) -> None:
        self._begun: deque[str] = deque(maxlen=MOST_BEGUN)

    async def alert(self, incident_id: str) -> None:
        await start(answering.answer_alert, f"answer-{incident_id}", incident_id)

    async def incident(self, incident_id: str) -> None:
        """One of GitLab's own."""
        await start(incidents.answer_incident, f"incident-{incident_id}", incident_id)

    async def retrace(self, incident_id: str, cause: str) -> None:
        await start(incidents.retrace_incident, f"retrace-{incident_id}-{cause}", incident_id)

    async def question(self, incident_id: str) -> None:
        await start(answering.answer_question, f"question-{incident_id}", incident_id)

    async def card(self, incident_id: str, cause: str) -> None:
        await start(answering.move_card_on, f"card-{incident_id}-{cause}", incident_id)

    async def joined(self, incident_id: str, cause: str) -> None:
        """Tell of what has joined an incident; ``cause`` is the oldest message of which nothing was told yet."""
        run = f"joined-{incident_id}-{cause}"
        # In a storm one run is asked for by each message; that it was started once is on record.
        if run not in self._begun:
            await start(joining.tell_joined, run, incident_id)
            self._begun.append(run)

    async def pause(self, pause_id: str) -> None:
        await start(pausing.pause_channel, f"pause-{pause_id}", pause_id)

    async def action(self, action: Action) -> None:
        await start(_OF_ACTION[action.kind], f"action-{action.id}", action.id)

    async def rollback(self, press_id: str) -> None:
        """All legs of a press."""
        await start(rolling_back.roll_back, f"rollback-{press_id}", press_id)

    async def proof(self, proof_id: str, incident_id: str, stage: str) -> None:
        """Say on the card how far a rollback is, beginning anew where an earlier run ended in an error."""
        await _start_anew(watching.prove_rollback, f"proof-{proof_id}-{stage}", proof_id, incident_id)

    async def unanswered(self, incident_id: str) -> bool:
        """Begin an answer anew whose earlier run ended in an error; a run that still goes on is left alone.

        False when that was done too often: it can't be answered.
        """
        workflow, kind = _answers(incident_id)
        return await _start_anew(workflow, f"{kind}-{incident_id}", incident_id)

    async def untold(self, incident_id: str, ts: str) -> bool:
        """The same for what tells of messages that joined an incident."""
        return await _start_anew(joining.tell_joined, f"joined-{incident_id}-{ts}", incident_id)

    async def look_again(self, incident_id: str, name: str) -> bool:
        """The same for another look at what may be another trouble."""
        return await _start_anew(joining.tell_joined, f"look-{incident_id}-{name}", incident_id)

    async def unfinished_pause(self, pause_id: str) -> bool:
        """The same for a pause that was asked for."""
        return await _start_anew(pausing.pause_channel, f"pause-{pause_id}", pause_id)

    async def unfinished_action(self, action: Action) -> bool:
        """Start what a press asks for, if nothing did. False when its run ended in an error."""
        if await has_failed(f"action-{action.id}"):
            return False
        await self.action(action)
        return True

    async def unfinished_rollback(self, press_id: str) -> bool:
        """Start a confirmed rollback, if nothing did. False when its run ended in an error."""
        if await has_failed(f"rollback-{press_id}"):
            return False
        await self.rollback(press_id)
        return True


def _answers(incident_id: str) -> tuple[Callable[[str], Coroutine[Any, Any, str]], str]:
    """The workflow that answers an incident, and how its runs' ids begin; the incident's own id tells."""
    if incident_id.startswith(f"{SENDER}-"):
        return incidents.answer_incident, "incident"
    if incident_id.rpartition("-")[2].startswith("q"):
        return answering.answer_question, "question"
    return answering.answer_alert, "answer"


async def _start_anew(workflow: Callable[..., Coroutine[Any, Any, Any]], name: str, *arguments: str) -> bool:
    """Start a run, or one of another id where that has failed; False when it did so too often."""
    for restart in range(MAX_RESTARTS):
        workflow_id = f"{name}-{restart}" if restart else name
        if not await has_failed(workflow_id):
            await start(workflow, workflow_id, *arguments)
            return True
    return False
