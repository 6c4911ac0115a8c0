"""Which incident an alert belongs to: one trouble is told by several senders, and again and again.

A table of rules, tried in order. They follow what senders do (Alertmanager and Grafana repeat what fires every four
hours by default, ``repeat_interval``; a re-notification keeps its labels) and what people on call complain of: the same
incident reported by several tools, and one card for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from backtrace_core.model import Alert, Verdict
from backtrace_core.scope import Catalog, environment_name, scope_of, service_of
from backtrace_core.symptom import symptoms
from backtrace_core.words import COMMON_IN_ALERTS, words_in

REPEATS_WITHIN = timedelta(days=1)
"""How long a fingerprint stands for the incident that is open: senders repeat what fires after hours (four by default
in Alertmanager and Grafana, up to a day in many settings); an error that comes back after weeks is a new trouble."""

_CLASS = re.compile(r"(?:\w+[.:$]+)*(\w+(?:Error|Exception|Fault|Panic))", re.IGNORECASE)


class Relation(StrEnum):
    """What a message is to its incident: the one that opened it, one that says the same, one in its thread, perhaps
    another trouble; known already; and known from before, so that the incident is open again."""

    OPENS = "opens"
    SAME = "same"
    BELOW = "below"
    PERHAPS_ANOTHER = "perhaps_another"
    REPEATS = "repeats"
    REOPENS = "reopens"


@dataclass(frozen=True, slots=True)
class Told:
    """What of an alert is compared. ``service`` and ``environment`` are lower case, None where nobody can tell them.
    ``traced_in`` is the environment in which it is looked for where it states none.

    ``classes`` are names of error classes, ``words`` the stems of its terms and title, ``kinds`` names of symptoms.
    ``has_terms``: the sender names something that can be told from another's.
    """

    fingerprint: str
    service: str | None
    environment: str | None
    traced_in: str | None
    classes: frozenset[str]
    words: frozenset[str]
    kinds: frozenset[str]
    has_terms: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident as it stands. ``said`` is told by its messages, without those that are perhaps another trouble;
    ``fingerprints`` are those of all. ``last_at`` is the newest message's time.

    ``gone_back_at``: when a rollback for it succeeded last, None where none did.
    """

    incident_id: str
    said: tuple[Told, ...]
    fingerprints: frozenset[str]
    last_at: datetime
    resolved_at: datetime | None
    gone_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """``incident_id`` is None where the message opens an incident of its own."""

    relation: Relation
    incident_id: str | None = None


OPENS = Decision(Relation.OPENS)


def told_by(alert: Alert, catalog: Catalog) -> Told:
    """What of the alert is compared."""
    service, scope = service_of(alert, catalog), scope_of(alert, catalog)
    name = service.name if service else alert.service
    terms = " ".join(alert.error_terms)
    # The service's own name stands in every other alert of it.
    own = COMMON_IN_ALERTS | frozenset(words_in(name or ""))
    words = frozenset(words_in(f"{alert.title} {terms}"))
    return Told(
        fingerprint=alert.fingerprint,
        service=name.lower() if name else None,
        environment=environment_name(alert.environment) if alert.environment else None,
        traced_in=environment_name(scope.environment) if scope else None,
        classes=frozenset(found[1].lower() for term in alert.error_terms if (found := _CLASS.fullmatch(term))),
        words=words - own,
        kinds=frozenset(symptom.name for symptom in symptoms(words)),
        has_terms=not own.issuperset(words_in(terms)),
        at=alert.received_at,
    )


def decide(told: Told, standing: Iterable[Standing], window: timedelta) -> Decision:
    """Where a message belongs, among the incidents of its team and channel.

    1. The exact fingerprint beats all: what fires again is the incident that it fired in, within a day while that is
       open, and within ``window`` after it was resolved (it is open again then). What was posted before that was
       resolved, and is heard of late, opens nothing again. What fires ``window`` after its rollback, and later, is
       something else, or was not caused by what was rolled back: it opens an incident.
    2. An alert of which nobody knows the service joins nothing else: it could be about anything.
    3. Same service, same environment, within ``window`` of the incident's last message and a day of its first, whatever
       the sender. An environment that is not stated fits any, where there is only one; an incident whose messages state
       none is about the one in which it was traced.
    """
    known = tuple(standing)
    return _known(told, known, window) or _beside(told, known, window)


def below(home: Standing) -> Decision:
    """Where a message belongs that its sender has put into a thread of an incident: there, whatever it says."""
    return Decision(Relation.BELOW if home.resolved_at is None else Relation.REOPENS, home.incident_id)


def differs(told: Told, other: Told) -> bool:
    """Whether two messages speak of different things: kinds of symptom or error classes that are stated on both sides
    and have nothing in common, or terms without one word in common. What is not stated tells nothing apart."""
    if _apart(told.kinds, other.kinds) or _apart(told.classes, other.classes):
        return True
    return told.has_terms and other.has_terms and _apart(told.words, other.words)


def is_another(verdict: Verdict, other: Verdict | None) -> bool:
    """Whether ``verdict`` blames changes that ``other`` does not: joined to it they would be shown nowhere. None is an
    incident whose own trace failed."""
    mine, theirs = (
        {suspect.candidate.change.key for suspect in one.named} if one else set() for one in (verdict, other)
    )
    return bool(mine) and mine.isdisjoint(theirs)


def together(told: Sequence[Told]) -> list[list[int]]:
    """Which of several messages speak of the same things, by their places in ``told``: each group in its order."""
    groups: list[list[int]] = []
    for nth, one in enumerate(told):
        home = next((group for group in groups if not differs(one, told[group[0]])), None)
        if home is None:
            groups.append([nth])
        else:
            home.append(nth)
    return groups


def better_told(first: Alert, others: Iterable[Alert]) -> Alert | None:
    """The alert to trace instead of the first: the one with most frames and terms of those that say more. It keeps the
    first one's times, since that is when the trouble was noticed."""
    best = max(others, key=_telling, default=None)
    if best is None or not tells_more(best, first):
        return None
    return replace(
        best,
        received_at=first.received_at,
        onset=first.onset,
        started_at=first.started_at,
        fingerprint=first.fingerprint,
    )


def tells_more(alert: Alert, other: Alert) -> bool:
    return _telling(alert) > _telling(other)


def _telling(alert: Alert) -> tuple[int, int]:
    return len(alert.frames), len(alert.error_terms)


def _apart(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def _known(told: Told, standing: tuple[Standing, ...], window: timedelta) -> Decision | None:
    fired_in = [one for one in standing if told.fingerprint in one.fingerprints]
    for one in sorted(fired_in, key=lambda one: (one.resolved_at is None, one.last_at), reverse=True):
        if one.resolved_at is None:
            if one.gone_back_at is not None and told.at - one.gone_back_at > window:
                return OPENS
            if _near(told.at, one.last_at, REPEATS_WITHIN):
                return Decision(Relation.REPEATS, one.incident_id)
        elif _near(told.at, one.resolved_at, window):
            is_late = told.at <= one.resolved_at
            return Decision(Relation.REPEATS if is_late else Relation.REOPENS, one.incident_id)
    return None


def _beside(told: Told, standing: tuple[Standing, ...], window: timedelta) -> Decision:
    still = [one for one in standing if one.resolved_at is None and _goes_on(told, one, window)]
    fitting = [one for one in still if _same_place(told, one)]
    places = {place for one in fitting for place in _places(one)}
    if not fitting or (told.environment is None and len(places) > 1):
        return OPENS
    best = max(fitting, key=lambda one: (not _all_differ(told, one), one.last_at))
    relation = Relation.PERHAPS_ANOTHER if _all_differ(told, best) else Relation.SAME
    return Decision(relation, best.incident_id)


def _goes_on(told: Told, standing: Standing, window: timedelta) -> bool:
    # A service in which something is always amiss would otherwise have one card for ever.
    first = min((other.at for other in standing.said), default=standing.last_at)
    return _near(told.at, standing.last_at, window) and _near(told.at, first, REPEATS_WITHIN)


def _same_place(told: Told, standing: Standing) -> bool:
    if told.service is None or all(told.service != other.service for other in standing.said):
        return False
    places = _places(standing)
    return told.environment is None or not places or told.environment in places


def _places(standing: Standing) -> set[str]:
    """The environments that its messages state; where none does, those in which they are looked for."""
    stated = {other.environment for other in standing.said if other.environment}
    return stated or {other.traced_in for other in standing.said if other.traced_in}


def _all_differ(told: Told, standing: Standing) -> bool:
    return all(differs(told, other) for other in standing.said)


def _near(moment: datetime, other: datetime, within: timedelta) -> bool:
    # Also before it: what was missed is read from the channel's history later than what was heard.
    return abs(moment - other) <= within
