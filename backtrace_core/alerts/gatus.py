"""Gatus: the title is the product's name; the text says ``An alert for *group/name* has been triggered``."""

from __future__ import annotations

import re

from backtrace_core.alerts.lines import first_match
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog, looks_like_environment

_HEAD = re.compile(r"^(An alert for (\S.{0,200}?) has been (triggered|resolved))\b(.{0,400})$", re.IGNORECASE)
_FAILED = re.compile(r"^\s*(?::x:|❌)\s*-\s*`?([^`\n]{2,80})`?", re.MULTILINE)


def recognises(message: SlackMessage) -> bool:
    return first_match(_HEAD, message) is not None


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = first_match(_HEAD, message)
    if head is None:
        return NoAlert("It is no alert of Gatus.")
    group, _, name = head[2].strip("*` ").rpartition("/")
    conditions = "\n".join(value for a in message.attachments for _, value in a.fields)
    return Found(
        sender="gatus",
        status=AlertStatus.RESOLVED if head[3].lower() == "resolved" else AlertStatus.FIRING,
        title=head[1].replace("*", ""),
        identity=head[2],
        place=f"{name} {group}",
        service=name,
        environment=group if looks_like_environment(group) else None,
        terms=tuple(_FAILED.findall(conditions)),
    )
