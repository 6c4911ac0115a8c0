"""Slack's payloads become our words here, one function for each kind. Pure.

Shapes: docs.slack.dev, "Events API", "Implementing slash commands", "Handling user interaction".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.slack.after_buttons import REVERT_NAMED
from bot.slack.card_buttons import BLOCK_PREFIX, ROLL_BACK_LAST, SPLIT
from bot.slack.flag_modal import submitted_flag
from bot.slack.hands import CommandRequest, FlagSubmit, MessageDelivery, Press, Shortcut, Submit
from bot.slack.modal import submitted
from bot.slack.modal_legs import ticked

Body = Mapping[str, Any]

_EDITS = {"message_changed": "message", "message_deleted": "previous_message"}

_OF_MENU = {ROLL_BACK_LAST: "roll_back", SPLIT: "split", REVERT_NAMED: "revert"}
"""What the menu's options ask for, by their values; the others only lead somewhere."""


def delivery_of(body: Body) -> MessageDelivery | None:
    """A ``message`` event; None for one that says neither where nor when it was posted.

    ``ts`` is that of the message itself, also where an edit of it is told.
    """
    event = _object(body, "event")
    inner = _object(event, _EDITS.get(_word(event, "subtype"), ""))
    channel, ts = _word(event, "channel"), _word(inner, "ts") or _word(event, "ts")
    if not channel or not ts:
        return None
    event_id = _word(body, "event_id") or f"{channel}-{ts}"
    return MessageDelivery(event_id, _word(body, "team_id"), channel, ts, event)


def command_of(body: Body) -> CommandRequest:
    return CommandRequest(
        team_id=_word(body, "team_id"),
        channel=_word(body, "channel_id"),
        user=_word(body, "user_id"),
        text=_word(body, "text"),
        response_url=_word(body, "response_url"),
        trigger_id=_word(body, "trigger_id"),
    )


def press_of(body: Body) -> Press | None:
    """One pressed button of a card, or one option of its menu that acts; None for what only leads somewhere."""
    action = _first(body, "actions")
    kind = _word(action, "action_id").removeprefix("backtrace:")
    value = _word(action, "value")
    if kind == "more":
        kind = _OF_MENU.get(_word(_object(action, "selected_option"), "value"), "")
        if not kind:
            return None
        value = _word(action, "block_id").removeprefix(BLOCK_PREFIX)
    value, _, change = value.partition(" ")
    container, user = _object(body, "container"), _object(body, "user")
    return Press(
        team_id=_team(body),
        channel=_word(_object(body, "channel"), "id") or _word(container, "channel_id"),
        user=_word(user, "id"),
        kind=kind,
        value=value,
        message_ts=_word(_object(body, "message"), "ts") or _word(container, "message_ts"),
        trigger_id=_word(body, "trigger_id"),
        change=change,
    )


def shortcut_of(body: Body) -> Shortcut | None:
    """A ``message_action``; None for one that says neither where nor on what."""
    message, channel = _object(body, "message"), _word(_object(body, "channel"), "id")
    if not channel or not _word(message, "ts"):
        return None
    user = _word(_object(body, "user"), "id")
    return Shortcut(_team(body), channel, user, _word(body, "response_url"), _word(body, "trigger_id"), message)


def submit_of(body: Body) -> Submit:
    view = _object(body, "view")
    incident_id, seen = submitted(view)
    user = _word(_object(body, "user"), "id")
    return Submit(_team(body), user, _word(view, "id"), incident_id, seen, ticked(view))


def gone_of(body: Body) -> str:
    """The id of a user who is deactivated, of a ``user_change``; empty for any other change of a profile."""
    user = _object(_object(body, "event"), "user")
    return _word(user, "id") if user.get("deleted") is True else ""


def flag_submit_of(body: Body) -> FlagSubmit:
    view = _object(body, "view")
    incident_id, flag, strategy_id = submitted_flag(view)
    user = _word(_object(body, "user"), "id")
    return FlagSubmit(_team(body), user, _word(view, "id"), incident_id, flag, strategy_id)


def _team(body: Body) -> str:
    """The presser's own workspace: in a shared channel it is not that of the message."""
    return _word(_object(body, "user"), "team_id") or _word(_object(body, "team"), "id")


def _object(holder: Body, name: str) -> Body:
    found = holder.get(name)
    return found if isinstance(found, Mapping) else {}


def _first(holder: Body, name: str) -> Body:
    found = holder.get(name)
    return found[0] if isinstance(found, list) and found and isinstance(found[0], Mapping) else {}


def _word(holder: Body, name: str) -> str:
    found = holder.get(name)
    return found if isinstance(found, str) else ""
