"""The evidence for and against a suspect, one line each: the file or the time in it leads to GitLab. Pure."""

from __future__ import annotations

import re

from backtrace_core.model import Evidence, Suspect
from bot.slack.text import escape, link, plain

MOST_SAYS = 400

_FILE = r"/?[\w.@+-]+(?:/[\w.@+-]+)+(?::\d+)?|\b[\w-]+\.[A-Za-z]{1,5}\b(?::\d+)?"
_TIME = r"less than a minute|\d+ (?:min|h|days)\b(?: \d+ min\b)?"
_TELLING = re.compile(f"{_FILE}|{_TIME}")


def speaking_for(suspect: Suspect, most: int) -> list[str]:
    return [f"• {fact_line(one)}" for one in _strongest(suspect) if one.weight >= 0][:most]


def speaking_against(suspect: Suspect, most: int) -> list[str]:
    return [f"• {fact_line(one)}" for one in reversed(_strongest(suspect)) if one.weight < 0][:most]


def in_short(suspect: Suspect, most: int) -> list[str]:
    """The strongest for it; what speaks against it only where nothing else is left to say, and then said to do so."""
    against = (line.replace("• ", "• Against it: ", 1) for line in speaking_against(suspect, most))
    return [*speaking_for(suspect, most), *against][:most]


def _strongest(suspect: Suspect) -> list[Evidence]:
    return sorted(suspect.evidence, key=lambda evidence: -evidence.weight)


def fact_line(evidence: Evidence) -> str:
    """The sentence with a link in it, on what it can be checked by; at its end where it has neither file nor time."""
    says = plain(evidence.says, MOST_SAYS)
    found = _TELLING.search(says)
    if found is None:
        there = link(evidence.url, "look")
        return f"{escape(says, MOST_SAYS)} ({there})" if there.startswith("<") else escape(says, MOST_SAYS)
    before, after = says[: found.start()], says[found.end() :]
    return f"{_piece(before)}{link(evidence.url, found[0])}{_piece(after)}"


def _piece(words: str) -> str:
    """Escaped, with the blanks at its ends."""
    left = " " if words[:1] == " " else ""
    right = " " if words.strip() and words[-1:] == " " else ""
    return f"{left}{escape(words, MOST_SAYS)}{right}"
