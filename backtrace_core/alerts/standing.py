"""What a heading and a colour say of unknown senders' messages: wrong, over, or no alert at all.

A word anywhere ends no alert: what is up, closed, recovering or deployed may be what is wrong. Only a status word does:
in front, in brackets, behind a colon, or as what the sentence says.
"""

from __future__ import annotations

import re

_DECORATION = r"^\s*(?::[\w+-]{1,40}:\s*|[^\w\s@\[:]{1,4}\s*){0,3}"
_BRACKETS = r"(?:\[[^\]\n]{1,60}\]\s*){0,2}?"
_WORD = r"(?:resolved|recovered|recovery|closed|ok|behoben|已恢复)"
_VERB = r"(?:is|are|was|has|have|has been|have been)(?: now)?"
_OVER = (
    rf"{_DECORATION}{_BRACKETS}\[\s*{_WORD}(?![\w-])[^\]\n]{{0,40}}\]",
    rf"{_DECORATION}{_BRACKETS}\[[^\]\w]{{0,4}}(?::white_check_mark: )?up\]",
    rf"{_DECORATION}{_BRACKETS}{_WORD}(?:\s*[:!#|]|\s+[-\u2013\u2014#]|\s*$)",
    r"^\s*(?::white_check_mark:|:large_green_circle:|✅|🟢)",
    rf"(?::|\s[-\u2013\u2014|→])\s*{_WORD}[.!)\s]*$",
    rf"\b{_VERB} (?:resolved|closed|recovered|back to normal)[.!\s]*$",
    rf"{_DECORATION}(?:incident|alert|alarm|issue|problem|st[öo]rung)\b[^:\n]{{0,40}}? {_WORD}(?=\s*[:.!#]|\s*$| by )",
)
_IS_OVER = re.compile("|".join(f"(?:{way})" for way in _OVER), re.IGNORECASE)
_IS_UP = re.compile(r"\b(?:is|are) up(?: again)?(?=\s*[:.!]|\s*$)", re.IGNORECASE)
_FIRES = re.compile(rf"\bFIRING\b|(?i:{_DECORATION}(?:re-?)?(?:firing|triggered)\b)")
_SAYS_OVER = re.compile(
    r"\b(?:resolved|recover(?:ed|y)|closed|back to normal|ok|behoben|已恢复)(?![\w/])|:white_check_mark:|✅|🟢",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"\b(firing|fired|triggered|alert|alarm|critical|error|errors|exception|fatal|panic(?:ked)?|fail(?:ed|ing|ure|s)?"
    r"|down|outage|unhealthy|unavailable|degraded|timed? ?out|timeout|latency|crash(?:ed|ing|loop)?|oom(?:killed)?|5xx"
    r"|http 5\d\d|no data|unhandled\w{0,40}|warn(?:ing)?|st[öo]rung|backlog|breach(?:ed)?|exceed(?:ed|s)?|above"
    r"|spike)\b"
    r"|:rotating_light:|:fire:|:red_circle:|:warning:|🔥|🚨|🔴|⚠",
    re.IGNORECASE,
)
_SEVERE = re.compile(rf"\b(?:CRITICAL|ERROR|FIRING)\b|(?i:{_DECORATION}\[?(?:critical|error|firing)\b)")
_NEWS = (
    r"starting deploy\b",
    r"deploy(?:ment)? to \S{1,100} (?:succeeded|failed|canceled)\b",
    r"deployed (?:v?\d|(?:\S{1,100} ){1,3}(?:to|on|in)\b)",
    r"rolled back (?:\S{1,100} ){1,3}to\b",
    r"pipeline #?\d",
    r"(?:handover|standup|daily summary|weekly report|watchdog|there are more images than can be shown)\b",
)
_SOMEBODY_DID = (
    r"is (?:now )?on call\b",
    r"(?:opened|merged|closed|reopened|approved|unapproved|updated|created) (?:merge|pull) request\b",
    r"(?:created an?|posted an update|acknowledged the alert|assigned to|commented on)\b",
    r"(?:was |has been )?(?:successfully )?(?:deployed|rolled back|synced)\b",
)
_NO_ALERT = re.compile(
    rf"{_DECORATION}(?:{'|'.join(_NEWS)}|(?P<who>(?:[^\s,;:]{{1,60}} ){{1,4}})(?:{'|'.join(_SOMEBODY_DID)}))",
    re.IGNORECASE,
)
_HEX = re.compile(r"^[0-9a-f]{6}$")
_CLEARLY = 1.2
"""How much stronger than the others a colour's strongest part is: orange is no red, turquoise no green."""
_MUCH = 2.0


def is_no_alert(heading: str) -> bool:
    """Deployments, merge requests, pipelines and rosters, by how they begin; never what calls itself an error."""
    match = _NO_ALERT.match(heading)
    return match is not None and not _SEVERE.search(heading) and not says_wrong(match["who"] or "")


def says_wrong(text: str) -> bool:
    return _WRONG.search(text) is not None


def says_over(text: str) -> bool:
    """Anywhere in the text; enough only where something else says so too."""
    return _SAYS_OVER.search(text) is not None


def fires(heading: str) -> bool:
    """Mixed groups fire."""
    return _FIRES.search(heading) is not None


def is_over(heading: str) -> bool:
    """By a status word; ``is up`` where nothing in the heading is wrong: an error rate may be up, too."""
    return _IS_OVER.search(heading) is not None or (_IS_UP.search(heading) is not None and not says_wrong(heading))


def is_red(colour: str) -> bool:
    """Slack's ``danger``, or six hex digits."""
    red, green, blue = _parts(colour)
    return colour == "danger" or red > _MUCH * max(green, blue)


def is_green(colour: str) -> bool:
    """Slack's ``good``, or six hex digits."""
    red, green, blue = _parts(colour)
    return colour == "good" or green > _CLEARLY * max(red, blue)


def _parts(colour: str) -> tuple[int, int, int]:
    if not _HEX.match(colour):
        return 0, 0, 0
    return int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16)
