"""What a person asks with ``/backtrace``: ``[service] [environment] [since WHEN] symptom``.

The first word is a service if the catalog knows it, else part of the symptom; an alias is both, since it may well be
the part that is broken (``login errors``). ``since WHEN`` may stand anywhere, and an environment also behind ``on`` or
``in``. An environment that the service does not have is never taken for a symptom: the answer would be about another.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from backtrace_core.alerts.slack_text import decode, unmarked
from backtrace_core.alerts.stack import frames_in
from backtrace_core.alerts.terms import error_terms
from backtrace_core.model import Alert, AlertStatus, Onset, Service
from backtrace_core.occasion import QUESTION
from backtrace_core.scope import Catalog, environment_of_service, looks_like_environment, unknown_environment

UNKNOWN_ONSET = timedelta(minutes=15)
"""How far the truth may lie from what a person says, or before the moment when nobody says it."""
FARTHEST = timedelta(days=30)

_SINCE = re.compile(r"(?:^|\s)since\s+(\S{1,40})(?:\s+(\d{1,2}:\d\d)(?=\s|$))?", re.IGNORECASE)
_CLOCK = re.compile(r"^(\d{1,2}):(\d\d)$")
_AGO = re.compile(r"^(\d{1,6})(m|min|h|d)$", re.IGNORECASE)
_UNITS = {"m": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_PLACE = frozenset(("on", "in"))
_LONGEST = 2000
_LONGEST_TITLE = 150

WHAT_SINCE_TAKES = "“since” takes 14:00, 30m, 2h, 1d, or a date with a time such as 2026-11-22T14:00"


@dataclass(frozen=True, slots=True)
class Question:
    """``since``: when the trouble began, as the person said; None when nobody said. It is the onset, not the window."""

    alert: Alert
    since: datetime | None


def read_question(text: str, asked_at: datetime, tz: tzinfo, catalog: Catalog) -> Question | str:
    """The question, or one sentence that says why it is not understood. Times are in the asker's zone ``tz``."""
    asked = unmarked(decode(text))[:_LONGEST].strip()
    since, rest = _take_since(asked, asked_at, tz)
    if isinstance(since, str):
        return since
    words = rest.split()
    service = catalog.find(words[0]) if words else None
    if service is None and words and _is_other_project(words[0], catalog):
        return f"{words[0][:_LONGEST_TITLE]} is no project that Backtrace knows."
    others = words[1:] if service else words
    environment = _environment(others, service)
    if service is None and not any(char.isalnum() for char in rest):
        return _says_nothing(_SINCE.search(asked))
    if service is None and words == [environment]:
        return "It names an environment, but no symptom and no service."
    if service is not None and environment_of_service(service, environment) is None:
        return unknown_environment(service, environment or "")
    symptom = others[1:] if others and others[0] == environment else others
    if service is not None and words[0].lower() not in (service.name.lower(), service.project.lower()):
        symptom = [words[0], *symptom]
    return Question(_alert((rest, " ".join(symptom)), service, environment, (asked_at, since)), since)


def _says_nothing(since: re.Match[str] | None) -> str:
    when = f" {since[0].strip()}" if since else ""
    missing = "It says when, but not what is wrong" if since else "It does not say what is wrong"
    return f"{missing}: name a symptom or a service, for example /backtrace login errors{when}."


def _take_since(asked: str, asked_at: datetime, tz: tzinfo) -> tuple[datetime | str | None, str]:
    """When it began (or why that is not understood), and the text without it."""
    match = _SINCE.search(asked)
    if match is None:
        return None, asked
    said, clock = match[1], match[2]
    moment, end = _moment(said, asked_at, tz), match.end()
    if clock is not None and _CLOCK.match(said) is None and _AGO.match(said) is None:
        moment = _moment(f"{said}T{clock.zfill(5)}", asked_at, tz)
    elif clock is not None:
        end = match.start(2)
    rest = f"{asked[: match.start()]} {asked[end:]}".strip()
    if moment is None:
        return f"“since {said}” is not understood: {WHAT_SINCE_TAKES}.", rest
    if moment > asked_at:
        return f"“since {said}” lies in the future.", rest
    if asked_at - moment > FARTHEST:
        return f"“since {said}” is more than {FARTHEST.days} days ago, farther than is looked back.", rest
    return moment, rest


def _moment(said: str, asked_at: datetime, tz: tzinfo) -> datetime | None:
    clock, ago = _CLOCK.match(said), _AGO.match(said)
    try:
        if clock is not None:
            return _latest_clock(int(clock[1]), int(clock[2]), asked_at, tz)
        if ago is not None:
            return asked_at - int(ago[1]) * _UNITS[ago[2].lower()]
        moment = datetime.fromisoformat(said)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=tz)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _latest_clock(hour: int, minute: int, asked_at: datetime, tz: tzinfo) -> datetime:
    """That time of today where it has been already, else of yesterday.

    :raises ValueError: when no clock shows it.
    """
    here = asked_at.astimezone(tz)
    today = datetime(here.year, here.month, here.day, hour, minute, tzinfo=tz)
    past = today if today <= here else today - timedelta(days=1)
    return past.astimezone(UTC)


def _is_other_project(word: str, catalog: Catalog) -> bool:
    """Whether it looks like a project beside those of the catalog; files of the code have an ending."""
    group, slash, name = word.strip("/").lower().partition("/")
    groups = {service.project.lower().partition("/")[0] for service in catalog.services}
    return bool(slash) and group in groups and "." not in name


def _environment(words: list[str], service: Service | None) -> str | None:
    """The environment that the words name, as written: the first word, or one behind ``on`` or ``in``.

    Where no service is known the first word may be one that the catalog lacks, and the second the environment.
    """
    first = words[: 1 if service else 2]
    behind = (word for before, word in pairwise(words) if before.lower() in _PLACE)
    return next((word for word in (*first, *behind) if _names_environment(word, service)), None)


def _names_environment(word: str, service: Service | None) -> bool:
    own = service is not None and environment_of_service(service, word) is not None
    return own or looks_like_environment(word)


def _onset(asked_at: datetime, since: datetime | None) -> Onset:
    """People round: what is said may be a quarter of an hour off, either way, but not after the question."""
    if since is None:
        return Onset(asked_at - UNKNOWN_ONSET, asked_at)
    return Onset(since - UNKNOWN_ONSET, min(asked_at, since + UNKNOWN_ONSET))


def _title(symptom: str, rest: str, place: tuple[Service | None, str | None]) -> str:
    service, environment = place
    if service is None:
        return symptom or rest
    if not symptom or symptom.lower() in map(str.lower, service.aliases):
        return f"something is wrong with {symptom or service.name}{f' on {environment}' if environment else ''}"
    return symptom


def _alert(
    said: tuple[str, str], service: Service | None, environment: str | None, when: tuple[datetime, datetime | None]
) -> Alert:
    rest, symptom = said
    asked_at, since = when
    name = service.name if service else ""
    identity = f"{name}\x1f{environment or ''}\x1f{symptom.lower()}"
    return Alert(
        sender=QUESTION,
        status=AlertStatus.FIRING,
        title=_title(symptom, rest, (service, environment))[:_LONGEST_TITLE],
        text=rest,
        received_at=asked_at,
        onset=_onset(asked_at, since),
        fingerprint=hashlib.sha256(identity.encode(errors="replace")).hexdigest()[:32],
        service=name or None,
        environment=environment,
        started_at=since,
        error_terms=error_terms(symptom, symptom),
        frames=frames_in(symptom),
    )
