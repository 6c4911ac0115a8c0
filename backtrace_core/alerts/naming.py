"""Names of services that no label states: how headings, hosts, pods and alarms' names have them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.alerts.standing import says_wrong
from backtrace_core.scope import looks_like_environment
from backtrace_core.symptom import symptoms
from backtrace_core.words import words_in

_ROLES = (
    "api|app|backend|bff|bot|broker|cache|client|consumer|cron|db|daemon|engine|frontend|gateway|gw|job|jobs|mailer|"
    "portal|processor|producer|proxy|queue|router|scheduler|server|service|shop|site|store|svc|sync|ui|web|webhook|"
    "website|worker|workers"
)
_KEBAB = r"[a-z][a-z0-9]{1,30}(?:[-_][a-z0-9]{1,30}){1,5}"
_NAME = r"[A-Za-z][\w.-]{1,60}"
_SAID = re.compile(
    rf"\b(?:for|of|in|on) (?:the )?(?:service|app|application)[: ]{{1,3}}[`'\"*]?({_NAME})", re.IGNORECASE
)
_ROLE = re.compile(rf"(?<![\w./@#-])((?:[a-z][a-z0-9]{{0,30}}[-_]){{1,5}}(?:{_ROLES}))(?![\w-]|\.\w)")
_BY_PLACE = re.compile(
    rf"(?<![\w./@#-])({_KEBAB})[ ,/]{{1,2}}[\[(]?(?:env(?:ironment)?[:=] ?)?([A-Za-z-]{{2,20}})(?![\w-])"
)
_PATH_BY_PLACE = re.compile(
    r"(?<![\w./@#:-])([a-z][\w-]{1,40}/[a-z][\w./-]{1,80}?)[ ,]{1,2}"
    r"[\[(](?:env(?:ironment)?[:=] ?)?([A-Za-z-]{2,20})[\])]"
)
_BEHIND_PLACE = re.compile(r"^\W{0,6}\[([A-Za-z-]{2,20})\] ?`?([a-z][\w-]{1,40}(?:/[a-z][\w-]{1,60})?)`?\s?[:|]")
_IN_BRACKETS = re.compile(r"\[([A-Za-z][\w-]{1,40})\] ?(?=\[([A-Za-z][\w-]{1,40})\])")
_NO_NAME = re.compile(
    r"alerts?|alarms?|firing|resolved|ok|warn(?:ing)?|critical|crit|error|fatal|major|minor|high|medium|low|info|notice"
    r"|debug|urgent|page|problem|recovery|incident|test|sev-?\d|p\d|[a-z]{2}-[a-z]{4,10}-\d",
    re.IGNORECASE,
)
"""What stands in brackets and is a state, a severity or a region."""
_STATE = r"(?:alert|alarm|critical|warning|error|firing|resolved|problem|incident|recovered|sev-?\d|p\d)"
_HEAD = rf"^(?:\W{{0,6}}(?::[\w+-]{{1,40}}:\W{{0,3}})?)(?:\[?{_STATE}\]?\s?[:|\s-]{{1,3}})?"
_FIRST_BY_PLACE = re.compile(
    rf"{_HEAD}([a-z][a-z0-9_-]{{2,30}}) (?:[\[(]([A-Za-z-]{{2,20}})[\])]|@ ?([A-Za-z-]{{2,20}}))\s?[:|\u2013\u2014-]",
    re.IGNORECASE,
)
"""``sev2: login (prod) - …``: the first word, where its environment stands behind it."""
_CALLED = re.compile(
    r"^(?:\W{0,6}(?::[\w+-]{1,40}:\W{0,3})?)\[?(?:ALERT|ALARM|FIRING|RESOLVED|INCIDENT)\]? ([a-z][a-z0-9_-]{2,30}): "
)
"""``ALERT payments: …``"""
_A_PART = re.compile(
    rf"(?:{_ROLES}|database|redis|postgres\w{{0,5}}|mysql|mongo\w{{0,3}}|kafka|rabbitmq|nginx|haproxy|kubernetes|k8s|docker|node|host"
    r"|pod|cluster|network|dns|backup|certificate|login|http|https|tcp|ssl|tls|errors?|logs?|requests?|traffic|health\w{0,6})",
    re.IGNORECASE,
)
"""What is a part of many a service, or a technology, names none."""
_CHECKED = re.compile(
    rf"\b(?:health ?checks?|liveness|readiness|probes?|service|app|application)\b[^:\n]{{0,40}}: ({_KEBAB})\s*$",
    re.IGNORECASE,
)
_PAIR = re.compile(
    rf"(?<![\w./:-])([A-Za-z-]{{2,20}})/({_KEBAB})(?![\w/-])|(?<![\w./:-])({_KEBAB})/([A-Za-z-]{{2,20}})(?![\w/-])"
)
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([a-z][a-z0-9-]{1,60})\.[a-z0-9.-]{2,200}", re.IGNORECASE)
_POD_END = re.compile(r"-(?:\d{1,3}|(?=[a-z0-9]{0,9}\d)[a-z0-9]{4,10}|[bcdfghjklmnpqrstvwxz2456789]{5})$")
_LONGEST = 2000


def likely_service(*texts: str) -> str | None:
    """The word of a heading that is most likely a service's name: by what stands before it, its ending, its place."""
    for text in texts:
        line = text.strip().partition("\n")[0][:_LONGEST]
        said, role = _SAID.search(line), _ROLE.search(line)
        if said is not None or role is not None:
            return (said or role)[1].rstrip(".-")  # type: ignore[index]
        checked = _CHECKED.search(line)
        if checked is not None:
            return checked[1]
        name = next((name for name, place in _beside_places(line) if looks_like_environment(place)), None)
        if name is not None:
            return name
    return None


def leading_label(heading: str) -> str | None:
    """The service that a heading names in front, as a label does: ``ALERT payments: …``, ``[payments][prod] …``,
    ``payments (prod): …``. What says what is wrong, or names a part that many services have, is no name of one."""
    line = heading.strip().partition("\n")[0][:_LONGEST]
    called, first, behind = _CALLED.match(line), _FIRST_BY_PLACE.match(line), _BEHIND_PLACE.match(line)
    named = [(called[1], "prod")] if called else []
    named += [(first[1], first[2] or first[3])] if first else []
    named += [(behind[2], behind[1])] if behind else []
    named += _bracketed(line) if line.lstrip().startswith("[") else []
    return next((name for name, place in named if looks_like_environment(place) and _is_a_service(name)), None)


def _is_a_service(name: str) -> bool:
    words = frozenset(words_in(name))
    return _is_name(name) and not _A_PART.fullmatch(name) and not says_wrong(name) and not symptoms(words)


def _bracketed(line: str) -> list[tuple[str, str]]:
    pairs = (match.groups() for match in _IN_BRACKETS.finditer(line))
    return [(name, place) for pair in pairs for name, place in (pair, pair[::-1]) if _is_name(name)]


def _beside_places(line: str) -> Iterator[tuple[str, str]]:
    """(name, what may be its environment) of words that stand together."""
    for pattern in (_BY_PLACE, _PATH_BY_PLACE):
        yield from ((match[1], match[2]) for match in pattern.finditer(line))
    first = _FIRST_BY_PLACE.match(line)
    if first is not None and _is_name(first[1]):
        yield first[1], first[2] or first[3]
    yield from _bracketed(line)
    behind = _BEHIND_PLACE.match(line)
    if behind is not None:
        yield behind[2], behind[1]
    for match in _PAIR.finditer(line):
        yield (match[2], match[1]) if match[2] else (match[3], match[4])


def _is_name(word: str) -> bool:
    return not _NO_NAME.fullmatch(word) and not looks_like_environment(word)


def of_host(address: str) -> str:
    """``checkout`` of ``https://checkout.acme.test/pay``; empty for what is no host."""
    match = _HOST.match(address.strip())
    return match[1] if match is not None else ""


def of_pod(name: str) -> str:
    """A pod's name without what Kubernetes puts behind its workload's: ``web-7d9f8c6b5-x2x4z``, ``db-0``."""
    return _POD_END.sub("", _POD_END.sub("", name))


def in_alarm(name: str) -> tuple[str, str]:
    """The service and the environment in ``payments-api-prod-5xx``: what stands before the environment's word."""
    parts = re.split(r"([-_/. ])", name[:_LONGEST])
    for number, part in enumerate(parts):
        if looks_like_environment(part):
            return "".join(parts[: max(0, number - 1)]), part
    return likely_service(name) or "", ""
