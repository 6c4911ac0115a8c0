"""Alerts as senders post them to Slack, read into :class:`backtrace_core.model.Alert`.

A new sender is a file with ``recognises`` and ``read`` and a line in :data:`SENDERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backtrace_core.alerts import alertmanager, generic, gitlab, sentry
from backtrace_core.alerts.message import SlackMessage, from_slack
from backtrace_core.model import Alert
from backtrace_core.scope import Catalog

Recognises = Callable[[SlackMessage], bool]
Read = Callable[[SlackMessage, Catalog], Alert | None]

SENDERS: tuple[tuple[Recognises, Read], ...] = (
    (alertmanager.recognises, alertmanager.read),
    (gitlab.recognises, gitlab.read),
    (sentry.recognises, sentry.read),
    (generic.recognises, generic.read),
)
"""Tried in order: the first that recognises a message decides about it."""


def parse_alert(message: Mapping[str, Any], catalog: Catalog) -> Alert | None:
    """The alert that a Slack ``message`` event holds, firing or resolved.

    None when it is none: people talking, Slack's own notices, deployments, heartbeats, Backtrace's own cards. Never
    raises, whatever the message's shape. Everything in the alert is foreign text.
    """
    posted = from_slack(message)
    if posted is None:
        return None
    read = next((read for recognises, read in SENDERS if recognises(posted)), None)
    return read(posted, catalog) if read is not None else None
