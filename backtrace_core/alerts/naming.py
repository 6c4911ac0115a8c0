"""Names of services that no label states: how headings, hosts, pods and alarms' names have them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.scope import looks_like_environment

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
_FIRST_BY_PLACE = re.compile(
    rf"^(?:\W{{0,6}}(?::[\w+-]{{1,40}}:\W{{0,3}})?)(?:\[?{_STATE}\]?\s?[:|\s-]{{1,3}})?([a-z][a-z0-9_-]{{2,30}})"
    r" [\[(]([A-Za-z-]{2,20})[\])]\s?[:|\u2013\u2014-]",
    re.IGNORECASE,
)
"""``sev2: login (prod) - …``: the first word, where its environment stands behind it."""
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


def _beside_places(line: str) -> Iterator[tuple[str, str]]:
    """(name, what may be its environment) of words that stand together."""
    for pattern in (_BY_PLACE, _PATH_BY_PLACE):
        yield from ((match[1], match[2]) for match in pattern.finditer(line))
    first = _FIRST_BY_PLACE.match(line)
    if first is not None and _is_name(first[1]):
        yield first[1], first[2]
    for match in _IN_BRACKETS.finditer(line):
        yield from ((name, place) for name, place in (match.groups(), match.groups()[::-1]) if _is_name(name))
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
