"""Prometheus Alertmanager: its default Slack template and the usual user templates.

Default title: ``[FIRING:2] Name value (other values)``, group label values and then the other common label values,
sorted by label name and without the names: which of them is the service only the catalog can tell.
"""

from __future__ import annotations

import re

from backtrace_core.alerts.labels import labels_in
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, alert_of
from backtrace_core.model import Alert, AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(r"^\s*\[?(?:FIRING|RESOLVED)\b", re.IGNORECASE)
_STATUS = re.compile(r"^\s*\[([^\]\n]{1,60})\]\s*|^\s*([^:\n]{1,120}):\s*")
_LAST_STATE = re.compile(r"(PARTIAL RESOLVE|FIRING|RESOLVED)", re.IGNORECASE)
_OTHER_VALUES = re.compile(r"\s{1,20}\(([^()\n]{0,2000})\)\s{0,20}$")
_LONGEST_TITLE = 4000
_HEARTBEATS = frozenset(("watchdog", "deadmansswitch", "deadmanssnitch", "infoinhibitor", "heartbeat"))


def recognises(message: SlackMessage) -> bool:
    """By its name or by its title; Grafana's looks the same but for its footer."""
    first = message.first
    if first is not None and first.footer.startswith("Grafana"):
        return False
    headed = bool(_HEAD.match(_title(message)))
    by_link = first is not None and "/#/alerts?receiver=" in first.title_url
    return headed and (message.sender.lower().startswith("alertmanager") or by_link)


def read(message: SlackMessage, catalog: Catalog) -> Alert | None:
    """None for the heartbeats that fire for ever to show that alerting works."""
    head = _title(message)
    state = _STATUS.match(head)
    status = _status((state[1] or state[2]) if state else head)
    rest = head[state.end() :] if state else head
    values = _OTHER_VALUES.search(rest)
    title = (rest[: values.start()] if values else rest).strip()
    if not title:
        title = labels_in(message.body).get("alertname", "") or rest.strip()
    name = title.split()[0] if title.split() else ""
    if name.lower() in _HEARTBEATS:
        return None
    place = f"{rest} {_without_name(title)}"
    return alert_of(Found("alertmanager", status, title, identity=title, place=place), message, catalog)


def _title(message: SlackMessage) -> str:
    first = message.first
    if first is not None and first.title:
        return first.title[:_LONGEST_TITLE]
    text = message.text.strip().partition("\n")[0]
    header = next((block.text for block in message.blocks if block.kind == "header"), "")
    if header and _HEAD.match(text) and not _HEAD.match(header):
        return text
    return (header or text or (message.attachments[0].fallback if message.attachments else ""))[:_LONGEST_TITLE]


def _status(state: str) -> AlertStatus:
    """The last state named wins (``FIRING (2) → PARTIAL RESOLVE → RESOLVED``); a mixed group still fires."""
    words = [word.upper() for word in _LAST_STATE.findall(state)]
    mixed = "FIRING" in words and "→" not in state
    resolved = bool(words) and words[-1] == "RESOLVED" and not mixed
    return AlertStatus.RESOLVED if resolved else AlertStatus.FIRING


def _without_name(title: str) -> str:
    return title.partition(" ")[2]
