"""What senders post to a Slack incoming webhook, as they post it: colours by name, ``& < >`` escaped as Slack asks.

Shapes: Alertmanager's ``notify/slack/slack.go`` with the default template, whose ``text`` most teams set to their
annotations; Sentry's issue alert; a line of text from a home-made script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.worlds.model import Firing

_ALERTMANAGER = "http://alertmanager.monitoring:9093/#/alerts?receiver=slack-alerts"


def escaped(text: str) -> str:
    """``& < >`` as docs.slack.dev/messaging/formatting-message-text wants them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def alertmanager(group: str, common: str, text: str) -> Firing:
    """``group`` are the values of the group labels, alert name first; ``common`` those of the other common labels."""
    return Firing(
        firing=_alertmanager(f"[FIRING:1] {group} ({common})", "danger", text),
        resolved=_alertmanager(f"[RESOLVED] {group} ({common})", "good", text),
    )


def _alertmanager(title: str, color: str, text: str) -> Mapping[str, Any]:
    return {
        "channel": "#alerts",
        "username": "Alertmanager",
        "attachments": [
            {
                "title": title,
                "title_link": _ALERTMANAGER,
                "text": escaped(text),
                "fallback": f"{title} | {_ALERTMANAGER}",
                "color": color,
                "mrkdwn_in": ["fallback", "pretext", "text"],
            }
        ],
    }


def script(username: str, firing: str, resolved: str) -> Firing:
    return Firing(
        firing={"username": username, "text": escaped(firing)},
        resolved={"username": username, "text": escaped(resolved)},
    )


@dataclass(frozen=True, slots=True)
class SentryIssue:
    """``culprit`` is Sentry's word for where it happened (``module in function``), ``value`` the error's message."""

    project: str
    error: str
    culprit: str
    value: str
    environment: str
    release: str
    short_id: str
    number: int


def sentry(issue: SentryIssue) -> Firing:
    return Firing(firing=_sentry(issue, ":red_circle:"), resolved=_sentry(issue, ":white_circle:"))


def _sentry(issue: SentryIssue, mark: str) -> Mapping[str, Any]:
    site = "https://lindenshop.sentry.example"
    link = f"{site}/issues/{issue.number}/?referrer=slack&alert_rule_id=14&alert_type=issue"
    over = [_section("*Issue resolved*")] if mark == ":white_circle:" else []
    tags = f"environment: `{issue.environment}`  level: `error`  release: `{issue.release}`  "
    rule = f"<{site}/alerts/rules/{issue.project}/14/details/|New errors in production>"
    project = f"<{site}/issues/?project=9|{issue.project}>"
    return {
        "username": "Sentry",
        "text": f"[{issue.project}] {escaped(issue.error)}",
        "blocks": [
            _section(f"{mark} <{link.replace('&', '&amp;')}|*{escaped(issue.error)}*>"),
            _context(escaped(issue.culprit)),
            _section(f"```{escaped(issue.value)}```"),
            *over,
            _section(tags),
            _context("State: *New*   First Seen: *2 minutes ago*"),
            _buttons(),
            _context(f"Project: {project}    Alert: {rule}    Short ID: {issue.short_id}"),
            {"type": "divider"},
        ],
    }


@dataclass(frozen=True, slots=True)
class Page:
    """An incident in PagerDuty."""

    number: int
    title: str
    service: str
    assigned: str


def pagerduty(page: Page) -> Firing:
    """PagerDuty's card, as its app for Slack posts it (support.pagerduty.com, Slack integration guide)."""
    return Firing(firing=_pagerduty(page, "Triggered", "#D9000D"), resolved=_pagerduty(page, "Resolved", "#2E8B57"))


def _pagerduty(page: Page, status: str, color: str) -> Mapping[str, Any]:
    site = "https://lindenshop.pagerduty.example"
    heading = f"*{status}* <{site}/incidents/Q{page.number}|#{page.number}: {escaped(page.title)}>"
    fields = (
        f"*Assigned:* <{site}/users/PKIM|{escaped(page.assigned)}>",
        f"*Service:* <{site}/services/PWEB|{escaped(page.service)}>",
        "*Urgency:* High",
    )
    table = {"type": "section", "fields": [{"type": "mrkdwn", "text": text} for text in fields]}
    return {
        "username": "PagerDuty",
        "text": heading,
        "attachments": [{"color": color, "blocks": [_section(heading), table]}],
    }


def _section(text: str) -> Mapping[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _context(text: str) -> Mapping[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _buttons() -> Mapping[str, Any]:
    names = {"resolve_dialog": "Resolve", "archive_dialog": "Archive"}
    return {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": name, "text": {"type": "plain_text", "text": label}, "value": name}
            for name, label in names.items()
        ],
    }
