"""What the Slack side hands over, and to whom: listeners translate Slack's payloads into these and do nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MessageDelivery:
    """One ``message`` event. ``event_id`` is the same over Slack's retries; ``message`` is the inner event."""

    event_id: str
    team_id: str
    channel: str
    ts: str
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CommandRequest:
    team_id: str
    channel: str
    user: str
    text: str
    response_url: str
    trigger_id: str


@dataclass(frozen=True, slots=True)
class Press:
    """One pressed button. ``kind``: roll_back, stop, assign, page, not_culprit, put_back, split, claim, switch_flag,
    cancel, why. ``value`` is the incident id that it carries.

    ``view_id`` is that of the modal which was opened at once, empty for buttons that open none. ``change`` is the key
    of the change that the pressed button speaks of, empty for most.
    """

    team_id: str
    channel: str
    user: str
    kind: str
    value: str
    message_ts: str
    trigger_id: str
    view_id: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """ "Trace this alert" on any message: ``message`` is as Slack has it, from whomever it is."""

    team_id: str
    channel: str
    user: str
    response_url: str
    trigger_id: str
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Submit:
    """The confirmed rollback modal, with what its private metadata carried and the keys of the legs that are ticked."""

    team_id: str
    user: str
    view_id: str
    incident_id: str
    seen: str
    ticked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FlagSubmit:
    """The confirmed modal of a feature flag, with what its private metadata carried."""

    team_id: str
    user: str
    view_id: str
    incident_id: str
    flag: str
    strategy_id: int


@dataclass(frozen=True, slots=True)
class SubmitAnswer:
    """The view that the modal shows next."""

    view: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hands:
    """Where each thing goes. All must be done within Slack's 3 s; one that raises makes the answer a failure."""

    keep_message: Callable[[MessageDelivery], Awaitable[None]]
    command: Callable[[CommandRequest], Awaitable[str]]
    press: Callable[[Press], Awaitable[None]]
    why: Callable[[Press], Awaitable[dict[str, Any]]]
    submit: Callable[[Submit], Awaitable[SubmitAnswer]]
    trace: Callable[[Shortcut], Awaitable[None]]
    user_gone: Callable[[str], Awaitable[None]]
    switch_flag: Callable[[FlagSubmit], Awaitable[SubmitAnswer]]
