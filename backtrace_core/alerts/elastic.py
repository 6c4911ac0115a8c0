"""Elastic: Kibana's Slack connector, whose message is the user's own text, and Watcher's attachments."""

from __future__ import annotations

import re

from backtrace_core.alerts.lines import head_of, is_called, lines_of, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert, steady
from backtrace_core.alerts.standing import is_over
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_STATE = re.compile(
    r"^(?:\W{0,4}|:[\w+-]{1,40}: ?){0,3}(Recovered|Active|Alert|Fired|Resolved|Untracked)\s*[:-]\s*(.{1,900})$",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:has|have|is|are|was) (?:now )?(?:recovered|resolved|no longer active)\b|\bis back to normal\b", re.IGNORECASE
)
_LINKS = (
    "/app/observability/alerts",
    "/app/management/insightsAndAlerting",
    "/app/apm/",
    "/app/uptime",
    "/app/synthetics",
)
_SERVICE = re.compile(r"\b(?:for )?service(?:\.name)?[: ]{1,2}[`'\"]?([\w./-]{2,80})")
_WATCH = re.compile(r"^Watch (\S{1,200}) (?:fired|executed|triggered|met)")


def recognises(message: SlackMessage) -> bool:
    watcher = any(a.author.startswith("Elasticsearch Watcher") for a in message.attachments)
    return watcher or is_called(message, "kibana", "elastic", "watcher") or links_to(message, *_LINKS)


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = head_of(message)
    if not head:
        return NoAlert("Elastic wrote it, but it has no text.")
    state = _STATE.match(head)
    title = state[2].strip() if state is not None else head
    named = _SERVICE.search(message.body[:8000])
    watch = next((m[1] for line in lines_of(message) if (m := _WATCH.match(line))), "")
    return Found(
        sender="elastic",
        status=AlertStatus.RESOLVED if _is_over(state[1] if state else "", head) else AlertStatus.FIRING,
        title=title,
        identity=watch or steady(_OVER.sub("", title)),
        place=f"{head}\n{message.body[:4000]}",
        likely=named[1].rstrip(".-/") if named else "",
    )


def _is_over(state: str, head: str) -> bool:
    return state.lower() in ("recovered", "resolved", "untracked") or bool(_OVER.search(head)) or is_over(head)
