"""Sentry's issue alerts and metric alerts.

An issue alert is a row of blocks: a circle and the linked title, the culprit, the value in a code block, tags, a footer
with the project. It is edited when the issue is resolved: the circle turns white and a line says who did it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.alerts.message import Block, SlackMessage
from backtrace_core.alerts.reading import Found, alert_of
from backtrace_core.alerts.slack_text import unmarked
from backtrace_core.model import Alert, AlertStatus, Frame
from backtrace_core.scope import Catalog

_APP_ID = "A011MFBJEUU"
_ISSUE = re.compile(r"/issues/(\d{1,30})")
_METRIC = re.compile(r"^[ \t]{0,8}\*?(Critical|Warning|Resolved): (.{1,300}?)\*?[ \t]{0,8}$", re.MULTILINE)
_RULE = re.compile(r"/alerts/")
_CIRCLE = re.compile(r"^\s*:(\w{1,40}_circle):\s*")
_IN_FUNCTION = re.compile(r"^([\w./$-]{1,200}) in ([\w$.<>]{1,200})$")
_CALLED = re.compile(r"^([\w$.<>]{1,200})\(([\w./@$-]{1,200})\)$")
_PROJECT = re.compile(r"Project: (\S{1,100})")


def recognises(message: SlackMessage) -> bool:
    ours = message.app_id == _APP_ID or message.sender.lower().startswith("sentry")
    return ours or any(_CIRCLE.match(b.text) and _issue(b) for b in message.blocks[:2])


def read(message: SlackMessage, catalog: Catalog) -> Alert | None:
    """None for summaries and whatever else Sentry posts."""
    for block in message.blocks[:3]:
        circle = _CIRCLE.match(block.text)
        if circle is not None and _issue(block):
            return _issue_alert(block, message, catalog)
    return _metric_alert(message, catalog)


def _issue(block: Block) -> str:
    found = (_ISSUE.search(link.url) for link in block.links)
    return next((match[1] for match in found if match is not None), "")


def _issue_alert(head: Block, message: SlackMessage, catalog: Catalog) -> Alert:
    resolved = head.text.lstrip().startswith(":white_circle:") or "Issue resolved by" in message.marked
    project = _PROJECT.search(message.body)
    title = unmarked(_CIRCLE.sub("", head.text)).strip()
    found = Found(
        sender="sentry",
        status=AlertStatus.RESOLVED if resolved else AlertStatus.FIRING,
        title=title,
        identity=_issue(head),
        service=project[1] if project else None,
        frames=tuple(_culprit(message)),
        terms=(title[:80], *_value(message)),
    )
    return alert_of(found, message, catalog)


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


def _metric_alert(message: SlackMessage, catalog: Catalog) -> Alert | None:
    texts = (message.text, *(b.text for b in message.blocks), *(b.text for a in message.attachments for b in a.blocks))
    head = next((match for text in texts if (match := _METRIC.search(text)) is not None), None)
    if head is None or not any(_RULE.search(link.url) for link in message.links):
        return None
    resolved = head[1] == "Resolved"
    status = AlertStatus.RESOLVED if resolved else AlertStatus.FIRING
    return alert_of(Found("sentry", status, head[2], identity=head[2], place=head[2]), message, catalog)
