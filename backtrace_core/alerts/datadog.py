"""Datadog's monitors: a state before the title (``Triggered:``, ``[Warn on {host:a}]``), tags in a field or text."""

from __future__ import annotations

import re

from backtrace_core.alerts.lines import head_of, is_called, link_id, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert, steady
from backtrace_core.model import AlertStatus, Severity
from backtrace_core.scope import Catalog

_STATE = r"(?:Re-?)?(?:Triggered|Alert(?:ed)?|Warn(?:ing|ed)?|No[ -]?data|Recovered|Resolved|OK|Renotify|Notify)"
_HEAD = re.compile(
    rf"^\W{{0,4}}(?::\w{{1,30}}:\s*)?(\[P[1-5]\]\s*)?"
    rf"(?:\[({_STATE})(?: on (\{{[^}}]{{0,200}}\}}))?\]|({_STATE})(?: on (\{{[^}}]{{0,200}}\}}))?:)\s*(.{{1,900}})$",
    re.IGNORECASE,
)
_OVER = re.compile(r"recovered|resolved|ok", re.IGNORECASE)
_MONITOR = re.compile(r"/monitors/(\d{1,20})")
_METRIC = re.compile(r"(?<![\w.])\*([a-z][\w.]{3,80}\.[\w.]{2,60})\*")
_PRIORITY = re.compile(r"\[P([1-5])\]")


def recognises(message: SlackMessage) -> bool:
    known = is_called(message, "datadog") or links_to(message, "datadoghq.", "ddog-gov.com")
    return known and "Page #" not in message.marked and _HEAD.match(head_of(message)) is not None


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = _HEAD.match(head_of(message))
    if head is None:
        return NoAlert("Datadog wrote it, but its title begins with no state of a monitor (Triggered, Recovered …).")
    state, group, title = (head[2] or head[4]).lower(), head[3] or head[5] or "", head[6].strip()
    state = state.removeprefix("re").removeprefix("-") if state.startswith("re-") else state
    no_data = state.startswith("no")
    return Found(
        sender="datadog",
        status=AlertStatus.RESOLVED if _OVER.fullmatch(state) else AlertStatus.FIRING,
        title=f"{head[1] or ''}{title}",
        identity=f"{link_id(message, _MONITOR)} {group} {steady(title)}",
        place=f"{group} {title}",
        terms=(*("No data" for _ in range(no_data)), *_METRIC.findall(message.marked[:8000])),
        severity=_severity(title, head[1] or "", state),
    )


def _severity(title: str, before: str, state: str) -> Severity | None:
    priority = _PRIORITY.search(f"{before}{title}")
    if priority is not None:
        return Severity(int(priority[1]))
    return Severity.MEDIUM if state.startswith("warn") else None
