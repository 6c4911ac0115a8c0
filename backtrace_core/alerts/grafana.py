"""Grafana Alerting's default Slack template, and the ``[Alerting]`` titles of its older versions.

The title is as Alertmanager's; labels and annotations stand in the text, below ``**Firing**`` and ``**Resolved**``.
"""

from __future__ import annotations

import re

from backtrace_core.alerts.alertmanager import place_of, status_in, title_in
from backtrace_core.alerts.lines import head_of, is_called, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(r"^\s*(?:🔥|🚨|:[\w+-]{1,40}:)?\s*\[?(?:FIRING|RESOLVED)\b", re.IGNORECASE)
_OLD = re.compile(r"^\s*\[(Alerting|OK|No ?Data|Pending|Paused|Execution Error)\]\s*(.{1,900})$", re.IGNORECASE)


def recognises(message: SlackMessage) -> bool:
    first = message.first
    by_shape = (first is not None and first.footer.startswith("Grafana")) or links_to(message, "/alerting/grafana/")
    return by_shape or is_called(message, "grafana")


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = head_of(message)
    old = _OLD.match(head)
    if old is not None:
        status = AlertStatus.RESOLVED if old[1].lower() in ("ok", "paused") else AlertStatus.FIRING
        return Found("grafana", status, old[2].strip(), identity=old[2].strip(), place=head)
    if _HEAD.match(head) is None:
        return NoAlert("Grafana wrote it, but no title of it says FIRING or RESOLVED.")
    title = title_in(head)
    return Found("grafana", status_in(head), title, identity=title, place=place_of(head))
