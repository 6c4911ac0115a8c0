"""Sentry's issue alerts and metric alerts.

An issue alert is a row of blocks: a circle and the linked title, the culprit, the value in a code block, tags, a footer
with the project. It is edited when the issue is resolved: the circle turns white and a line says who did it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.alerts.fields import severity_named
from backtrace_core.alerts.message import Block, SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.alerts.slack_text import unmarked
from backtrace_core.alerts.times import ago
from backtrace_core.model import AlertStatus, Frame, Onset, Severity
from backtrace_core.scope import Catalog

_APP_ID = "A011MFBJEUU"
_ISSUE = re.compile(r"/issues/(\d{1,30})")
_METRIC = re.compile(r"^[ \t]{0,8}\*?(Critical|Warning|Resolved): (.{1,300}?)\*?[ \t]{0,8}$", re.MULTILINE)
_RULE = re.compile(r"/alerts/")
_CIRCLE = re.compile(r"^\s*:(\w{1,40}_circle):\s*")
_IN_FUNCTION = re.compile(r"^([\w./$-]{1,200}) in ([\w$.<>]{1,200})$")
_CALLED = re.compile(r"^([\w$.<>]{1,200})\(([\w./@$-]{1,200})\)$")
_PROJECT = re.compile(r"Project: (\S{1,100})")
_STATE = re.compile(r"State: \*?(\w{1,20})\*?")
_FIRST_SEEN = re.compile(r"First Seen: \*?([^*\n]{1,40})\*?")
_LEVEL = re.compile(r"\blevel: `?(\w{1,20})")
_ENVIRONMENT = re.compile(r"\benvironment: `([^`\n]{1,80})`")
_ACTED = re.compile(r"\*?Issue (resolved|archived|ignored|assigned|unresolved|re-?opened)\b", re.IGNORECASE)
_SUSPECT = re.compile(r"Suspect Commits?:")
_COMMIT_URL = re.compile(r"/commits?/([0-9a-f]{7,64})\b")
_SHA = re.compile(r"Suspect Commits?:\s*([0-9a-f]{6,64})\b")


def recognises(message: SlackMessage) -> bool:
    ours = message.app_id == _APP_ID or message.sender.lower().startswith("sentry")
    return ours or any(_CIRCLE.match(b.text) and _issue(b) for b in message.blocks[:2])


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    """None for summaries and whatever else Sentry posts."""
    for block in message.blocks[:3]:
        circle = _CIRCLE.match(block.text)
        if circle is not None and _issue(block):
            return _issue_alert(block, message)
    return _metric_alert(message)


def _issue(block: Block) -> str:
    found = (_ISSUE.search(link.url) for link in block.links)
    return next((match[1] for match in found if match is not None), "")


def _issue_alert(head: Block, message: SlackMessage) -> Found:
    body = message.body
    project, level, environment = _PROJECT.search(body), _LEVEL.search(body), _ENVIRONMENT.search(message.marked)
    title = unmarked(_CIRCLE.sub("", head.text)).strip()
    return Found(
        sender="sentry",
        status=AlertStatus.RESOLVED if _is_resolved(head, message) else AlertStatus.FIRING,
        title=title,
        identity=_issue(head),
        service=project[1] if project else None,
        environment=environment[1] if environment else None,
        onset=_first_seen(message),
        frames=tuple(_culprit(message)),
        terms=(title[:80], *_value(message)),
        severity=severity_named(level[1]) if level else None,
        suspect_commits=tuple(dict.fromkeys(_suspects(message))),
    )


def _is_resolved(head: Block, message: SlackMessage) -> bool:
    """The circle is white too where somebody archived the issue, or was given it."""
    acted = _ACTED.search(message.body)
    if acted is not None:
        return acted[1].lower() == "resolved"
    return head.text.lstrip().startswith(":white_circle:")


def _first_seen(message: SlackMessage) -> Onset | None:
    """Only of a new issue it says when the trouble began: one that is back, or goes on, was seen first long ago."""
    state, seen = _STATE.search(message.body), _FIRST_SEEN.search(message.body)
    if state is None or seen is None or state[1].lower() != "new":
        return None
    return ago(seen[1], message.at)


def _suspects(message: SlackMessage) -> Iterator[str]:
    """The whole sha stands in the link's address, the cut one in its label."""
    for block in message.blocks:
        if _SUSPECT.search(block.text):
            by_link = [match[1] for link in block.links if (match := _COMMIT_URL.search(link.url))]
            yield from by_link or (match[1] for match in _SHA.finditer(block.text))


def _culprit(message: SlackMessage) -> Iterator[Frame]:
    """Sentry prints no trace, only where it was: ``module in function`` or ``function(path)``."""
    for block in message.blocks:
        if block.kind != "context":
            continue
        line = block.text.strip()
        inside, called = _IN_FUNCTION.match(line), _CALLED.match(line)
        if inside is not None:
            yield Frame(inside[1].replace(".", "/"), None, inside[2])
        elif called is not None:
            yield Frame(called[2], None, called[1])


def _value(message: SlackMessage) -> Iterator[str]:
    for block in message.blocks:
        if block.text.startswith("```"):
            yield block.text.strip("` \n").partition("\n")[0][:80]


def _metric_alert(message: SlackMessage) -> Found | NoAlert:
    texts = (message.text, *(b.text for b in message.blocks), *(b.text for a in message.attachments for b in a.blocks))
    head = next((match for text in texts if (match := _METRIC.search(text)) is not None), None)
    if head is None or not any(_RULE.search(link.url) for link in message.links):
        return NoAlert("Sentry wrote it, but it is neither an issue nor a metric's alert.")
    status = AlertStatus.RESOLVED if head[1] == "Resolved" else AlertStatus.FIRING
    severity = {"Critical": Severity.CRITICAL, "Warning": Severity.MEDIUM}.get(head[1])
    return Found("sentry", status, head[2], identity=head[2], place=head[2], severity=severity)
