"""What is said of messages that joined an incident: lines in its thread, and a count on its card. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backtrace_core.joining import Relation
from bot.cards import CardView
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.sentences import counted
from bot.slack.text import escape, link

MOST_LINES = 5
MOST_SENDERS = 6
MOST_TITLE = 150

_NAMES = {
    "aws_chatbot": "Amazon Q",
    "cloudwatch": "CloudWatch",
    "generic": "Another sender",
    "gitlab": "GitLab",
    "google_cloud": "Google Cloud",
    "incident_io": "incident.io",
    "newrelic": "New Relic",
    "pagerduty": "PagerDuty",
    "splunk_on_call": "Splunk On-Call",
    "uptimerobot": "UptimeRobot",
    "uptime_kuma": "Uptime Kuma",
    "better_stack": "Better Stack",
}
"""Those that are not written as their reader's name is, with a capital."""
_SAYS = {
    Relation.SAME: "{who} says the same: {what}",
    Relation.PERHAPS_ANOTHER: "{who} says: {what}. It may be another trouble: “Split” in the card's menu parts them.",
    Relation.REOPENS: "It fires again: {what}",
}
"""Of a known alert, and of what stands in the thread already, there is nothing to say."""


@dataclass(frozen=True, slots=True)
class JoinedLine:
    """One message: plain text that is not escaped yet; ``url`` leads to it, or is empty."""

    sender: str
    title: str
    relation: Relation
    url: str = ""


def is_told(relation: Relation) -> bool:
    """Whether a line in the thread tells of it."""
    return relation in _SAYS


def joined_words(lines: Sequence[JoinedLine]) -> str:
    """The lines as one post; of very many the first, and how many more there are. Escaped."""
    told = [line for line in lines if is_told(line.relation)]
    words = [_line(line) for line in told[:MOST_LINES]]
    if len(told) > len(words):
        words.append(f"… and {len(told) - len(words)} more")
    return "\n".join(words)


def told_by_several(view: CardView) -> list[Block]:
    """How many messages the card stands for, and whose they are; nothing for a single one."""
    total = sum(view.told.values())
    if total < 2:  # noqa: PLR2004 - one message is the usual case
        return []
    return blocks.context((f"{counted(total, 'alert message')}: {_by_sender(view.told)}.",), 500)


def sender_name(sender: str) -> str:
    """How people call the sender; escaped."""
    return _NAMES.get(sender) or escape(sender.replace("_", " ").capitalize(), 40)


def _line(line: JoinedLine) -> str:
    what = link(line.url, line.title, MOST_TITLE)
    return _SAYS[line.relation].format(who=sender_name(line.sender), what=what)


def _by_sender(told: Mapping[str, int]) -> str:
    most = sorted(told.items(), key=lambda one: (-one[1], one[0]))
    names = [f"{sender_name(sender)} ({count})" if count > 1 else sender_name(sender) for sender, count in most]
    more = f" and {len(names) - MOST_SENDERS} more" if len(names) > MOST_SENDERS else ""
    return f"{', '.join(names[:MOST_SENDERS])}{more}"
