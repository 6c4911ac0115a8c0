"""Prometheus Alertmanager: its default Slack template and the usual user templates.

Default title: ``[FIRING:2] Name value (other values)``, group label values and then the other common label values,
sorted by label name and without the names: which of them is the service only the catalog can tell.
"""

from __future__ import annotations

import re

from backtrace_core.alerts.labels import labels_in
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_HEAD = re.compile(
    r"^\s*(?:[^\w\s\[:]{1,4}\s*|:[\w+-]{1,40}:\s*){0,3}\[?(?:FIRING|RESOLVED|PARTIAL RESOLVE)\b", re.IGNORECASE
)
_STATUS = re.compile(
    r"^\s*(?:[^\w\s\[:]{1,4}\s*|:[\w+-]{1,40}:\s*){0,3}(?:\[([^\]\n]{1,60})\]\s*|([^:\n]{1,120}):\s*)", re.IGNORECASE
)
_LAST_STATE = re.compile(r"(PARTIAL RESOLVE|FIRING|RESOLVED)", re.IGNORECASE)
_OTHER_VALUES = re.compile(r"\s{1,20}\(([^()\n]{0,2000})\)\s{0,20}$")
_SEVERITY_MARK = re.compile(r"^(?::[\w+-]{1,40}:\s*|\|\s*)")
_BEHIND_FALLBACK = re.compile(r"\s\|\shttps?://\S{0,2000}$")
_LONGEST_TITLE = 4000
_HEARTBEATS = frozenset(("watchdog", "deadmansswitch", "deadmanssnitch", "infoinhibitor", "heartbeat"))


def recognises(message: SlackMessage) -> bool:
    """By its name or by its title; Grafana's looks the same but for its footer, and is asked first."""
    first = message.first
    headed = bool(_HEAD.match(_title(message)))
    by_link = first is not None and "/#/alerts" in first.title_url
    return headed and (message.sender.lower().startswith(("alertmanager", "prometheus")) or by_link)


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    """None for the heartbeats that fire for ever to show that alerting works."""
    head = _title(message)
    title = title_in(head) or labels_in(message.body).get("alertname", "")
    name = title.split()[0] if title.split() else ""
    if name.lower() in _HEARTBEATS:
        return NoAlert(f"{name} fires for ever, to show that alerting works.")
    return Found("alertmanager", status_in(head), title, identity=title, place=place_of(head))


def status_in(head: str) -> AlertStatus:
    state = _STATUS.match(head)
    return _status((state[1] or state[2]) if state else head)


def title_in(head: str) -> str:
    """Without the state and without the values of labels behind it, unless nothing else is left."""
    rest = _rest(head)
    values = _OTHER_VALUES.search(rest)
    return (rest[: values.start()] if values else rest).strip()


def place_of(head: str) -> str:
    """All values: which of them says where, nobody but the catalog knows."""
    return f"{_rest(head)} {title_in(head).partition(' ')[2]}"


def _rest(head: str) -> str:
    state = _STATUS.match(head)
    return _SEVERITY_MARK.sub("", head[state.end() :].lstrip() if state else head)


def _title(message: SlackMessage) -> str:
    first = message.first
    if first is not None and first.title:
        return first.title[:_LONGEST_TITLE]
    text = message.text.strip().partition("\n")[0]
    header = next((block.text for block in message.blocks if block.kind == "header"), "")
    if header and _HEAD.match(text) and not _HEAD.match(header):
        return text
    fallback = _BEHIND_FALLBACK.sub("", message.attachments[0].fallback) if message.attachments else ""
    return (header or text or fallback)[:_LONGEST_TITLE]


def _status(state: str) -> AlertStatus:
    """The last state named wins (``FIRING (2) → PARTIAL RESOLVE → RESOLVED``); a mixed group still fires."""
    words = [word.upper() for word in _LAST_STATE.findall(state)]
    mixed = "FIRING" in words and "→" not in state
    resolved = bool(words) and words[-1] == "RESOLVED" and not mixed
    return AlertStatus.RESOLVED if resolved else AlertStatus.FIRING
