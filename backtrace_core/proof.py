"""Whether going back helped: what the senders said since, and from when on their silence says something.

A rollback proves little by itself. That the trouble ended soon after it speaks for it; that it goes on speaks against
the suspect only after a time in which its sender would have said that it is over, or where something begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WAIT = timedelta(minutes=30)
"""Alertmanager tells of what ended with the next batch (``group_interval``, 5 min by default), after a rule's
``keep_firing_for`` and the range of its rate; Grafana does the same. Several of these add up to less."""

_PROBE = timedelta(minutes=15)
WAITS: Mapping[str, timedelta] = dict.fromkeys(
    ("better_stack", "checkly", "gatus", "uptime_kuma", "uptimerobot"), _PROBE
)
"""Those that ask the service itself every few minutes, and say at once what they see."""

SETTLES = timedelta(minutes=2)
"""What begins sooner may be the restart itself."""

_SOON = 3
"""After a third of the wait it is said that it is not over yet: 10 min of 30."""


class Stage(StrEnum):
    """``untold``: no sender here tells whether it is over. ``overtaken``: something else is live by now."""

    WATCHING = "watching"
    NOT_YET = "not_yet"
    RESOLVED = "resolved"
    WENT_ON = "went_on"
    FIRED_AGAIN = "fired_again"
    UNTOLD = "untold"
    OVERTAKEN = "overtaken"


AGAINST = frozenset((Stage.WENT_ON, Stage.FIRED_AGAIN))
"""What speaks against the changes that were taken away."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the incident that is surely about its trouble. ``earliest``: when it may have begun at soonest.
    ``started_at``: when the sender states that it did."""

    sender: str
    fingerprint: str
    title: str
    at: datetime
    earliest: datetime
    started_at: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A rollback that is done. ``heard``: oldest first. ``telling``: the senders that have said of anything here that
    it is over; the silence of others means nothing. ``resolved_at`` is the incident's."""

    gone_back_at: datetime
    heard: tuple[Heard, ...]
    telling: frozenset[str]
    resolved_at: datetime | None
    wait: timedelta = WAIT


@dataclass(frozen=True, slots=True)
class Proof:
    """``at``: the moment that it is about. ``title``: what fires again. ``is_over``: nothing more is waited for."""

    stage: Stage
    at: datetime
    title: str = ""
    is_over: bool = False


def prove(watched: Watched, now: datetime) -> Proof:
    """What is known of a rollback now.

    1. What began after it, by a margin, or was over after it and fires again: at once.
    2. That it was resolved after it.
    3. After the wait: that a sender who would have said so has not said that it is over, or has said again since a
       third of the wait that it is not. Else nobody tells.
    """
    end, soon = watched.gone_back_at + watched.wait, watched.gone_back_at + watched.wait / _SOON
    is_over = now >= end
    fired = next((one for one in watched.heard if _is_new(one, watched)), None)
    if fired is not None:
        return Proof(Stage.FIRED_AGAIN, fired.at, fired.title, is_over)
    if watched.resolved_at is not None:
        # One that ended while the rollback was under way was not ended by it; there is nothing to prove then.
        stage = Stage.RESOLVED if watched.resolved_at >= watched.gone_back_at else Stage.WATCHING
        return Proof(stage, watched.resolved_at, is_over=is_over)
    standing = [one for one in watched.heard if one.resolved_at is None]
    tells = any(one.sender in watched.telling for one in standing)
    if is_over:
        goes_on = tells or any(one.at > soon for one in standing)
        return Proof(Stage.WENT_ON if goes_on else Stage.UNTOLD, end, is_over=True)
    if now >= soon and tells:
        return Proof(Stage.NOT_YET, soon)
    return Proof(Stage.WATCHING, watched.gone_back_at)


def wait_for(
    senders: Iterable[str], default: timedelta = WAIT, by_sender: Mapping[str, timedelta] | None = None
) -> timedelta:
    """How long is waited: of several senders the most patient. ``by_sender`` is what the settings say."""
    chosen = {**{sender: min(least, default) for sender, least in WAITS.items()}, **(by_sender or {})}
    return max((chosen.get(sender, default) for sender in senders), default=default)


def _is_new(one: Heard, watched: Watched) -> bool:
    """Whether it surely began after the rollback. A re-notification that states no start is no beginning."""
    if one.at <= watched.gone_back_at:
        return False
    before = [other for other in watched.heard if other.fingerprint == one.fingerprint and other.at < one.at]
    ends = [other.resolved_at for other in before if other.resolved_at is not None and other.resolved_at < one.at]
    began = one.started_at
    if began is None:
        if len(ends) < len(before):
            return False
        began = max([one.earliest, *ends])
    return began > watched.gone_back_at + SETTLES
