"""The escaper for GitLab: what others wrote may be read there, never acted on.

Untrusted text never starts a line (quick actions do), stands in a code span or a fence longer than any in it, refers to
nothing and nobody, hides nothing and closes nothing (docs.gitlab.com/user/markdown, user/project/quick_actions).
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_INLINE = 300
LONGEST_FENCED = 4000
LONGEST_TITLE = 200

_BREAK = "\u200b"
"""A zero-width space: it breaks a word for GitLab and is not seen by people."""

_REFERENCE = re.compile(r"([@#!~%&])(?=\S)")
_CLOSING = re.compile(
    r"\b(clo|fi|resol|implemen)(?=(?:s(?:e[sd]?|ing)|x(?:e[sd]|ing)?|v(?:e[sd]?|ing)|t(?:s|ed|ing)?)\b)", re.IGNORECASE
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_TICKS = re.compile(r"`+")


def inline(text: str, limit: int = LONGEST_INLINE) -> str:
    """Untrusted text as a code span, on one line; empty where nothing of it can be seen. Begin no line with it."""
    clean = _on_one_line(text)
    return _span(_cut(_defused(clean), limit)) if clean else ""


def fenced(text: str, limit: int = LONGEST_FENCED) -> str:
    """Untrusted text of several lines as a block; each line begins with a bar of ours."""
    lines = [f"| {_defused(_on_one_line(line))}".rstrip() for line in _cut(text, limit).splitlines()]
    fence = "`" * max(3, _longest_run(lines) + 1)
    return "\n".join([f"{fence}text", *lines, fence])


def titled(ours: str, text: str) -> str:
    """A title: our word first, then untrusted text. Titles have no code spans, but they do refer to things."""
    return f"{ours}: {_cut(_defused(_on_one_line(text)), LONGEST_TITLE)}"


def quoting_title(ours: str, text: str) -> str:
    """The same with the untrusted text in quotation marks: ``Revert "Tighten session expiry"``."""
    return f'{ours} "{_cut(_defused(_on_one_line(text)), LONGEST_TITLE)}"'


def linked(label: str, url: str) -> str:
    """A link whose label is untrusted; only printable http(s) addresses without spaces or brackets become links."""
    span = inline(label)
    return f"[{span}]({url})" if _LINKABLE.fullmatch(url) and url.isprintable() else span


_LINKABLE = re.compile(r"https?://[^\s()<>\[\]`\"\\]+")


def _on_one_line(text: str) -> str:
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE).strip()


def _defused(text: str) -> str:
    broken = _REFERENCE.sub(rf"\1{_BREAK}", text)
    return _CLOSING.sub(rf"\1{_BREAK}", broken)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _span(text: str) -> str:
    ticks = "`" * (_longest_run([text]) + 1)
    # A space on both sides is taken away again by Markdown, and keeps a tick at the edge apart from ours.
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _longest_run(lines: list[str]) -> int:
    return max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
