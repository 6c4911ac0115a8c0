"""CloudWatch alarms by way of a Lambda function: fields with the alarm's name and its states, or AWS' own sample.

The fallback of the widely used Terraform module says "triggered" for any state: only the state's own field tells.
"""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of
from backtrace_core.alerts.lines import first_match
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.naming import in_alarm
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_NAMES = ("alarm name", "alarmname", "alarm")
_STATES = ("current state", "new state", "newstatevalue", "state", "status")
_IS_NOW = re.compile(r"^\W{0,4}(\S.{0,250}?) state is now (ALARM|OK|INSUFFICIENT_DATA)\b", re.IGNORECASE)
_MAIL = re.compile(r"^\W{0,4}(ALARM|OK|INSUFFICIENT_DATA): \W?(\S.{0,250}?)\W? in [A-Z][\w ().-]{3,60}$")
_STATE = re.compile(r"\W{0,4}(ALARM|OK|INSUFFICIENT_DATA)\b", re.IGNORECASE)


def recognises(message: SlackMessage) -> bool:
    return bool(_stated(message)[0])


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    name, state = _stated(message)
    service, environment = in_alarm(name)
    return Found(
        sender="cloudwatch",
        status=AlertStatus.RESOLVED if state.upper() == "OK" else AlertStatus.FIRING,
        title=name,
        identity=name,
        is_id=True,
        place=f"{name}\n{message.body[:4000]}",
        likely=service,
        environment=environment or None,
    )


def _stated(message: SlackMessage) -> tuple[str, str]:
    """Name and state; empty where the message has not both."""
    fields = fields_of(message)
    name, state = first_of(fields, *_NAMES), _STATE.match(first_of(fields, *_STATES))
    if name and state is not None:
        return name.strip("`*"), state[1]
    now, mail = first_match(_IS_NOW, message), first_match(_MAIL, message)
    if now is not None:
        return now[1].strip("`*"), now[2]
    return (mail[2].strip('"`*'), mail[1]) if mail is not None else ("", "")
