"""Slack's encoding undone.

Stored mrkdwn has ``<…>`` entities and escaped ``& < >``. The order matters: entities first, then ``&lt; &gt;``,
``&amp;`` last and once; an entity never spans a line. ``plain_text`` and the text of ``rich_text`` are literal and stay
as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from backtrace_core.model import Link

LONGEST = 64 * 1024
"""Characters of one text that are looked at: no alert needs more, and no pattern runs over more."""

_ENTITY = re.compile(r"<([@#!]|[A-Za-z][A-Za-z0-9+.-]{0,20}:)([^<>\n]{0,4000})>")
_DATE = re.compile(r"\^(\d{1,15})\^([^|]*)\|?(.*)")
_TOKENS = re.compile(r"\{[^{}]*\}(?:[^{}]*\{[^{}]*\})*")
_ANSI = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,300})(?<=\S)\*(?![\w*])")
_CODE = re.compile(r"`([^`\n]{1,300})`")
_FENCE = "```"


def decode(raw: object) -> str:
    """mrkdwn as a person reads it, code marks and bold kept. Anything that is no text is empty."""
    text = raw[:LONGEST] if isinstance(raw, str) else ""
    text = _ENTITY.sub(lambda m: _entity(m[1], m[2]), text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return clean(text)


def clean(raw: object) -> str:
    """Literal text without control characters, colours of a terminal, and marks that turn the reading direction."""
    text = raw[:LONGEST] if isinstance(raw, str) else ""
    return _CONTROLS.sub("", _ANSI.sub("", text.replace("\r\n", "\n")))


def unmarked(text: str) -> str:
    """Without ``*bold*``, `` `code` `` and fences; what stands inside a fence is not touched."""
    parts = text.split(_FENCE)
    # A text of nothing but fences has thousands of parts, and a pattern takes its time to begin.
    outside = (_CODE.sub(r"\1", _BOLD.sub(r"\1", part)) if "*" in part or "`" in part else part for part in parts[::2])
    inside = (f"\n{part.strip()}\n" for part in parts[1::2])
    woven = [text for pair in zip(outside, (*inside, ""), strict=False) for text in pair]
    return "".join(woven)


def links_in(raw: object) -> Iterator[Link]:
    """The web links of a mrkdwn text."""
    text = raw[:LONGEST] if isinstance(raw, str) else ""
    for match in _ENTITY.finditer(text):
        if match[1].lower() not in ("http:", "https:"):
            continue
        url, _, label = (match[1] + match[2]).partition("|")
        yield Link(unmarked(decode(label)) or url, url.replace("&amp;", "&"))


def _entity(kind: str, rest: str) -> str:
    target, bar, label = rest.partition("|")
    if kind == "!" and target.startswith("date^"):
        return _date(rest[len("date") :])
    if kind == "@":
        return f"@{label or target}"
    if kind == "#":
        return f"#{label or target}"
    if kind == "!":
        return label or f"@{target.partition('^')[0]}"
    return label if bar and label else f"{kind}{target}"


def _date(token: str) -> str:
    """``<!date^epoch^Started: {date} at {time}|fallback>`` with the moment in ISO form; the fallback if it is none."""
    match = _DATE.match(token)
    if match is None:
        return ""
    try:
        moment = datetime.fromtimestamp(int(match[1]), UTC)
    except (ValueError, OverflowError, OSError):
        return match[3]
    shown = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return _TOKENS.sub(shown, match[2].partition("^")[0], count=1)
