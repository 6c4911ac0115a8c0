"""PagerDuty's Slack app: ``*Triggered* <…/incidents/ID|#n: title>``, edited as the incident moves on.

Recognised by its app id, or by a link to an incident behind a word for its state.
"""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of, severity_named
from backtrace_core.alerts.lines import first_match, link_id
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_APP_ID = "A1FKYAUUX"
_INCIDENT = re.compile(r"\bpagerduty\.[a-z.]{2,40}/incidents/(\w{1,40})")
_STATE = (
    r"Triggered|Acknowledged|Resolved|Reopened|Unacknowledged|Escalated|Re-?assigned|Delegated|Merged|Priority Updated"
)
_HEAD = re.compile(
    rf"^\W{{0,4}}(?:Incident )?({_STATE})\b(?: by [^:\n]{{1,60}}:)?:?\s*"
    rf"(?:Incident )?(?:\[?#(\d{{1,12}})\]?[:\s]\s*)?(.{{1,900}})$",
    re.IGNORECASE,
)

_NUMBER = re.compile(r"^(?:Incident )?\[?#\d{1,12}\]?[:\s]\s*")
_BY_WHOM = re.compile(
    r"\s{1,3}by (?:@\S{1,60}|[A-ZÀ-Þ][\w.'-]{0,30}(?: [A-ZÀ-Þ][\w.'-]{0,30}){0,3})(?: via \w{1,20})?\s*$"
)


def recognises(message: SlackMessage) -> bool:
    by_shape = bool(link_id(message, _INCIDENT)) and first_match(_HEAD, message) is not None
    return message.app_id == _APP_ID or by_shape


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head = first_match(_HEAD, message)
    if head is None or head[3].lower().startswith(("by ", "the incident")):
        return NoAlert("PagerDuty wrote it, but it begins with no state of an incident (Triggered, Resolved …).")
    fields, title = fields_of(message), _title(head[3].strip(), head[1], message)
    resolved = head[1].lower() == "resolved"
    return Found(
        sender="pagerduty",
        status=AlertStatus.RESOLVED if resolved else AlertStatus.FIRING,
        title=title,
        identity=link_id(message, _INCIDENT) or head[2] or title,
        is_id=True,
        place=title,
        service=first_of(fields, "service", "impacted service") or None,
        severity=severity_named(first_of(fields, "priority", "severity", "urgency")),
    )


def _title(said: str, state: str, message: SlackMessage) -> str:
    """Without who did it, which stands behind the incident's link: ``*Acknowledged* <…|#7: Lag> by Mara``."""
    labels = (_NUMBER.sub("", link.label).strip() for link in message.links if _INCIDENT.search(link.url))
    linked = next((label for label in labels if label and said.startswith(label)), "")
    if linked:
        return linked
    return said if state.lower() == "triggered" else _BY_WHOM.sub("", said)
