"""What a message says in fields: of attachments, and bold names with a value behind or below them in blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.slack_text import unmarked
from backtrace_core.model import Severity

_BOLD = re.compile(
    r"^[ \t•-]{0,6}\*([^*\n:]{1,60}):?\*:?[ \t]{0,4}(?:([^\s\n][^\n]{0,400})|\n[ \t]{0,4}([^\s*\n][^\n]{0,400}))",
    re.MULTILINE,
)
_MOST_BLOCK = 4000
_LEVELS: tuple[tuple[Severity, str], ...] = (
    (Severity.CRITICAL, r"critical|crit|fatal|emergency|disaster|page|p1|p0|sev-?[01]|kritisch"),
    (Severity.HIGH, r"high|error|major|urgent|p2|sev-?2|hoch"),
    (Severity.MEDIUM, r"medium|warning|warn|moderate|average|minor|p3|sev-?3"),
    (Severity.LOW, r"low|p4|sev-?4"),
    (Severity.INFO, r"info|informational|information|notice|none|debug|p5|sev-?5"),
)
_LEVEL = [(level, re.compile(rf"(?:{words})", re.IGNORECASE)) for level, words in _LEVELS]
_IN_HEADING = re.compile(r"[\[(]([^\])\n]{1,200})[\])]|^\W{0,8}(\w{1,20}):", re.MULTILINE)
_KEYS = ("severity", "priority", "urgency", "level", "sev")
_SURE = re.compile(r"p[0-5]|sev-?[0-5]|critical|warning|warn|info|page", re.IGNORECASE)
"""Alone in a heading only these are a severity: ``error`` and ``high`` are said of much else."""


def fields_of(message: SlackMessage) -> Mapping[str, str]:
    """Names in lower case with their first value, as a person reads it."""
    found: dict[str, str] = {}
    for name, value in _pairs(message):
        text = unmarked(value).strip()
        if text:
            found.setdefault(unmarked(name).strip(" :").lower(), text)
    return found


def _pairs(message: SlackMessage) -> Iterator[tuple[str, str]]:
    for attachment in message.attachments:
        yield from attachment.fields
    texts = (block.text for block in message.blocks)
    more = (text for a in message.attachments for text in (*(b.text for b in a.blocks), a.text))
    for text in (*texts, *more, message.text):
        for match in _BOLD.finditer(text[:_MOST_BLOCK]):
            yield match[1], match[2] or match[3]


def first_of(fields: Mapping[str, str], *names: str) -> str:
    """The first line of the first of these fields that is there; else empty."""
    return next((fields[name].partition("\n")[0].strip() for name in names if fields.get(name)), "")


def severity_of(labels: Mapping[str, str], heading: str) -> Severity | None:
    """By a label for it; else by a word for it in the heading's brackets, or before its colon."""
    for key in _KEYS:
        level = severity_named(labels.get(key, ""))
        if level is not None:
            return level
    words = (word for m in _IN_HEADING.finditer(heading[:2000]) for word in (m[1] or m[2]).split())
    return _first(word.strip(",;:-") for word in words)


def severity_named(value: str) -> Severity | None:
    """``P1``, ``SEV-2``, ``warning``, ``High (2)``: the first word counts."""
    word = value.strip(" `*:[]").partition(" ")[0].strip("`*:,;[]()")
    return next((level for level, pattern in _LEVEL if pattern.fullmatch(word)), None)


def _first(words: Iterable[str]) -> Severity | None:
    return next((severity_named(word) for word in words if _SURE.fullmatch(word)), None)
