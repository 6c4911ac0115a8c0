"""Which incident a message belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backtrace_core.joining import Decision, Relation, Standing, better_told, decide, told_by
from backtrace_core.model import Alert, AlertStatus, Frame, Onset, Service
from backtrace_core.scope import Catalog

NOW = datetime(2026, 11, 20, 2, 6, tzinfo=UTC)
WINDOW = timedelta(minutes=30)
CATALOG = Catalog((Service("web", "shop/web", aliases=("storefront",)), Service("payments", "shop/payments")))
LOGIN = Alert(
    sender="alertmanager",
    status=AlertStatus.FIRING,
    title="LoginErrorRateHigh",
    text="login error rate jumped 5x",
    received_at=NOW,
    onset=Onset(NOW - timedelta(minutes=15), NOW),
    fingerprint="f1",
    service="web",
    environment="production",
    error_terms=("LoginErrorRateHigh", "TypeError"),
)
OTHER = replace(LOGIN, sender="sentry", fingerprint="f2", received_at=NOW + timedelta(minutes=5))


def standing(*alerts: Alert, resolved_after: timedelta | None = None, name: str = "i1") -> Standing:
    said = tuple(told_by(alert, CATALOG) for alert in alerts)
    resolved_at = NOW + resolved_after if resolved_after is not None else None
    return Standing(name, said, frozenset(one.fingerprint for one in said), max(one.at for one in said), resolved_at)


def decided(alert: Alert, *known: Standing) -> Decision:
    return decide(told_by(alert, CATALOG), known, WINDOW)


def test_the_same_service_and_environment_join_whatever_the_sender() -> None:
    """By the service's other names and the environment's short form too."""
    by_other_names = replace(OTHER, service="storefront", environment="prod", title="TypeError: can't subtract")

    assert decided(by_other_names, standing(LOGIN)) == Decision(Relation.SAME, "i1")


@pytest.mark.parametrize(
    "other",
    [
        replace(OTHER, service="payments"),
        replace(OTHER, environment="staging"),
        replace(OTHER, received_at=NOW + timedelta(minutes=31)),
    ],
    ids=["another service", "another environment", "too late"],
)
def test_another_place_or_time_opens_an_incident(other: Alert) -> None:
    """What happens elsewhere, or half an hour after the last message, is not the same trouble."""
    assert decided(other, standing(LOGIN)).relation is Relation.OPENS


def test_the_window_goes_on_with_each_message() -> None:
    """It is measured from the incident's last message, not from its first."""
    later = replace(OTHER, fingerprint="f3", received_at=NOW + timedelta(minutes=34))

    assert decided(later, standing(LOGIN, OTHER)).relation is Relation.SAME


@pytest.mark.parametrize(
    "other",
    [
        replace(OTHER, title="KeyError: 'XI'", error_terms=("KeyError", "'XI'")),
        replace(OTHER, title="DiskAlmostFull", error_terms=("DiskAlmostFull",)),
        replace(OTHER, title="Exports stall", error_terms=("ExportsStall",)),
    ],
    ids=["another class", "another symptom", "no word in common"],
)
def test_what_speaks_of_other_things_is_perhaps_another_trouble(other: Alert) -> None:
    """It is joined all the same: time and place are the same."""
    assert decided(other, standing(LOGIN)) == Decision(Relation.PERHAPS_ANOTHER, "i1")


def test_what_names_nothing_is_told_apart_from_nothing() -> None:
    """A pager's line without error terms says the same as far as anybody can tell."""
    pager = replace(OTHER, sender="pagerduty", title="High error rate (production)", error_terms=())

    assert decided(pager, standing(LOGIN)).relation is Relation.SAME


def test_an_unknown_environment_joins_the_only_open_one() -> None:
    """With two of them nobody can tell which is meant."""
    nowhere = replace(OTHER, environment=None)
    staging = standing(replace(LOGIN, environment="staging", fingerprint="s1"), name="i2")

    assert decided(nowhere, standing(LOGIN)) == Decision(Relation.SAME, "i1")
    assert decided(nowhere, standing(LOGIN), staging).relation is Relation.OPENS


def test_an_unknown_service_joins_by_its_fingerprint_only() -> None:
    """It may be about anything; that it fires again is certain."""
    somewhere = replace(LOGIN, service=None, title="Errors", text="")
    again = replace(somewhere, received_at=NOW + timedelta(hours=4))

    assert decided(replace(somewhere, fingerprint="f2"), standing(somewhere)).relation is Relation.OPENS
    assert decided(again, standing(somewhere)) == Decision(Relation.REPEATS, "i1")


def test_the_fingerprint_beats_all_else() -> None:
    """What fired in an incident fires in it again, also when another one fits by time and words."""
    newer = standing(replace(OTHER, fingerprint="f9"), name="i2")
    again = replace(LOGIN, received_at=NOW + timedelta(minutes=6))

    assert decided(again, standing(LOGIN), newer) == Decision(Relation.REPEATS, "i1")


def test_a_fingerprint_of_weeks_ago_opens_an_incident() -> None:
    """A sender that never resolves would otherwise keep one incident for ever."""
    again = replace(LOGIN, received_at=NOW + timedelta(days=20))

    assert decided(again, standing(LOGIN)).relation is Relation.OPENS


def test_what_fires_again_soon_after_it_was_resolved_reopens() -> None:
    """Within the window; later it is a new trouble, and another alert is one at once."""
    over = standing(LOGIN, resolved_after=timedelta(minutes=10))
    soon = replace(LOGIN, received_at=NOW + timedelta(minutes=20))

    assert decided(soon, over) == Decision(Relation.REOPENS, "i1")
    assert decided(replace(soon, received_at=NOW + timedelta(minutes=41)), over).relation is Relation.OPENS
    assert decided(OTHER, over).relation is Relation.OPENS


def test_of_several_incidents_the_one_with_the_same_words_is_meant() -> None:
    """After a split two incidents of one service are open; the newer one is not the better one."""
    exports = replace(OTHER, title="Exports stall", error_terms=("ExportsStall",), fingerprint="f5")
    another = replace(LOGIN, fingerprint="f6", received_at=NOW + timedelta(minutes=6))

    assert decided(another, standing(LOGIN), standing(exports, name="i2")) == Decision(Relation.SAME, "i1")


def test_a_message_with_frames_is_traced_instead_of_one_that_said_too_little() -> None:
    """It keeps the first one's times; where the first one said as much nothing is traced again."""
    with_frames = replace(OTHER, frames=(Frame("auth/session.py", 41, "expire"),))

    better = better_told(LOGIN, (OTHER, with_frames))
    assert better is not None
    assert (better.frames, better.received_at, better.sender) == (with_frames.frames, NOW, "sentry")
    assert better_told(LOGIN, (OTHER,)) is None


def test_an_environment_that_nobody_states_is_the_one_that_was_traced() -> None:
    """A first alert that states none is about production: staging does not join it, and does not bring others along."""
    vague = replace(LOGIN, environment=None)
    staging = replace(OTHER, environment="staging")

    assert decided(staging, standing(vague)).relation is Relation.OPENS
    assert decided(OTHER, standing(vague)).relation is Relation.SAME
    assert decided(staging, standing(vague, replace(OTHER, fingerprint="f3"))).relation is Relation.OPENS


def test_what_is_heard_of_late_opens_nothing_again() -> None:
    """A message from before the resolution belongs to the incident, which stays resolved."""
    over = standing(LOGIN, resolved_after=timedelta(minutes=10))

    assert decided(replace(LOGIN, received_at=NOW + timedelta(minutes=4)), over) == Decision(Relation.REPEATS, "i1")
    assert decided(replace(LOGIN, received_at=NOW + timedelta(minutes=14)), over) == Decision(Relation.REOPENS, "i1")


def test_what_fires_long_after_its_rollback_is_something_else() -> None:
    """The same fingerprint, and an incident that nobody resolved: the next day's deployment may have brought it."""
    gone_back = replace(standing(LOGIN), gone_back_at=NOW + timedelta(minutes=5))

    assert decided(replace(LOGIN, received_at=NOW + timedelta(minutes=20)), gone_back).relation is Relation.REPEATS
    assert decided(replace(LOGIN, received_at=NOW + timedelta(hours=20)), gone_back).relation is Relation.OPENS


def test_an_incident_does_not_go_on_for_days() -> None:
    """Where something is always amiss, another alert opens an incident anew a day after the first."""
    chain = tuple(replace(OTHER, fingerprint=f"c{n}", received_at=NOW + n * timedelta(minutes=25)) for n in range(59))
    later = replace(OTHER, fingerprint="c59", received_at=NOW + 59 * timedelta(minutes=25))

    assert decided(later, standing(*chain)).relation is Relation.OPENS
    assert decided(chain[20], standing(*chain[:20])).relation is Relation.SAME
