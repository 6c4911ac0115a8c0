"""Robusta: ``:fire: `firing` :red_circle: `high` *title*``; older ones have ``[RESOLVED] title`` as header."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import severity_named
from backtrace_core.alerts.lines import first_match, is_called, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.naming import of_pod
from backtrace_core.alerts.reading import Found, NoAlert, steady
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_DECORATION = r"(?:[^\w\s\[:`]{1,4}\s*|:[\w+-]{1,40}:\s*){0,3}"
_STATED = re.compile(
    rf"^{_DECORATION}`?(firing|resolved)`?\s+{_DECORATION}`?(high|medium|low|info|debug|critical|warning)?`?\s*(\S.{{1,300}})$",
    re.IGNORECASE,
)
_OLDER = re.compile(
    rf"^{_DECORATION}(\[(?:RESOLVED|FIRING)\]\s*)?(?:(high|medium|low|info|debug)\b\W{{0,4}})?(\S.{{1,300}})$",
    re.IGNORECASE,
)
_POD = re.compile(r"\b(?:pod|Pod)[: /=]{1,3}`?(?:[\w-]{1,60}/)?([a-z0-9][a-z0-9.-]{1,80})")
_WORKLOAD = re.compile(
    r"\b(?:deployment|statefulset|daemonset|job)[: /=]{1,3}`?(?:[\w-]{1,60}/)?([a-z0-9][a-z0-9.-]{1,80})", re.IGNORECASE
)
_ALERT = re.compile(r"\bAlert:\s*([A-Z]\w{3,60})")


def recognises(message: SlackMessage) -> bool:
    return links_to(message, "robusta.dev/") or is_called(message, "robusta")


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    stated, older = first_match(_STATED, message), first_match(_OLDER, message)
    head = stated or older
    if head is None:
        return NoAlert("Robusta wrote it, but it has no title.")
    title, body = head[3].strip("* "), message.body[:8000]
    pod = _POD.search(title) or _POD.search(body)
    workload = _WORKLOAD.search(title) or (None if pod else _WORKLOAD.search(body))
    service = workload[1] if workload is not None else of_pod(pod[1]) if pod is not None else ""
    return Found(
        sender="robusta",
        status=AlertStatus.RESOLVED if "resolved" in (head[1] or "").lower() else AlertStatus.FIRING,
        title=title,
        identity=steady(title),
        place=title,
        likely=service,
        severity=severity_named(head[2] or ""),
        terms=tuple(_ALERT.findall(body)),
    )
