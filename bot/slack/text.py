"""Untrusted text on its way into Slack: cleaned, cut, escaped. Every foreign word passes through here.

The rules: docs.slack.dev, "Formatting message text" (only ``&``, ``<`` and ``>`` are escaped), and what follows from
``*``, ``_``, ``~`` and backquotes having no escape of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

MOST_MARKS = 4
"""Combining marks kept on one character; more are only ever used to draw over other lines."""

_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# Blank to the eye, but letters to Unicode: Hangul fillers, and the blank Braille pattern.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_SPACES = frozenset(("Zs", "Zl", "Zp"))
_GONE = frozenset(("Cc", "Cf", "Cs", "Co"))
_MARKS = frozenset(("Mn", "Mc", "Me"))
# Formatting starts and ends only where a marker doesn't stand between two word characters: snake_case stays as it is.
_MARKER = re.compile(r"[*~]|(?<!\w)_+|_+(?!\w)")
_LOOK_ALIKES = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c"})
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,30}")
_URL_BREAKERS = re.compile(r"[\s<>|\"`\\^]")
MOST_URL = 2000
MOST_READ = 20_000
"""How much of a foreign text is looked at; nothing that is shown comes near it."""

ELLIPSIS = "…"


def plain(text: str, limit: int) -> str:
    """One line for a ``plain_text`` object: no controls, no invisible characters, at most ``limit`` long."""
    return _cut(_one_line(text), limit, str)


def escape(text: str, limit: int) -> str:
    """One line of mrkdwn that shows ``text`` and does nothing else; at most ``limit`` long, counted as sent."""
    line = _one_line(text).replace("`", "\u2019")
    return _cut(_MARKER.sub(lambda found: found[0].translate(_LOOK_ALIKES), line), limit, _escaped)


def escape_lines(text: str, limit: int) -> str:
    """Several lines of mrkdwn that show ``text`` and do nothing else; at most ``limit`` long."""
    lines = "\n".join(escape(line, MOST_READ) for line in text[:MOST_READ].splitlines()).strip("\n")
    return lines if len(lines) <= limit else escape(text, limit)


def link(url: str, label: str, limit: int = 200) -> str:
    """A link; ``label`` is untrusted. Only http and https addresses become one, anything else is the label alone."""
    # A pipe can't be escaped in a label, and closes nothing, but a reader of our own output may split there.
    words = escape(label.replace("|", "\u00a6"), limit)
    return f"<{url.replace('&', '&amp;')}|{words}>" if words and is_web_url(url) else words


def is_web_url(url: str) -> bool:
    """Whether a click on it may be offered: http(s), a host, no credentials, nothing that breaks Slack's markup."""
    if len(url) > MOST_URL or _URL_BREAKERS.search(url) or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def mention(slack_id: str) -> str:
    """A mention of a person by Slack's member id.

    :raises ValueError: for anything that is no member id.
    """
    if not is_member_id(slack_id):
        raise ValueError("not a Slack member id")
    return f"<@{slack_id}>"


def is_member_id(word: str) -> bool:
    return bool(_USER_ID.fullmatch(word))


def _one_line(text: str) -> str:
    return " ".join(_clean(_ANSI.sub("", text[:MOST_READ])).split())


def _clean(text: str) -> str:
    return "".join(_shown(text))


def _shown(text: str) -> Iterator[str]:
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if category in _SPACES or char in "\t\n\r\v\f\x85":
            yield " "
        elif category not in _GONE and char not in _BLANKS and marks <= MOST_MARKS:
            yield char


def _escaped(cluster: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in cluster)


def _cut(text: str, limit: int, spell: Callable[[str], str]) -> str:
    """Cut between graphemes so that what ``spell`` makes of it fits."""
    whole = spell(text)
    if len(whole) <= limit:
        return whole
    kept: list[str] = []
    room = limit - len(ELLIPSIS)
    for cluster in _clusters(text):
        spelled = spell(cluster)
        room -= len(spelled)
        if room < 0:
            break
        kept.append(spelled)
    return "".join(kept).rstrip() + ELLIPSIS if limit > 0 else ""


def _clusters(text: str) -> Iterator[str]:
    """What a reader takes for one character, near enough: marks, skin tones and flags stay with what they belong to."""
    cluster = ""
    for char in text:
        if cluster and not _joins(cluster, char):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _joins(cluster: str, char: str) -> bool:
    if unicodedata.category(char) in _MARKS or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    # Hangul vowels and final consonants
    if "\u1160" <= char <= "\u11ff":
        return True
    return len(cluster) == 1 and _is_flag_half(cluster) and _is_flag_half(char)


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
