"""Whether going back helped, and what that is worth in a ranking."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backtrace_core.model import Alert, Harvest, Outcome, Outlived
from backtrace_core.proof import WAIT, Heard, Proof, Stage, Watched, prove, wait_for
from backtrace_core.rank import Ranking, rank
from backtrace_core.trace import trace
from tests.core.builders import T0, alert, before, change, changed, deployment, harvest, lines

BACK = T0
"""When the rollback was done."""


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def heard(at: float, fingerprint: str = "f1", *, over: float | None = None, sender: str = "alertmanager") -> Heard:
    """A message so many minutes after the rollback, that states no start; ``over``: when it was said to have ended."""
    when = BACK + minutes(at)
    ended = None if over is None else BACK + minutes(over)
    return Heard(sender, fingerprint, f"Alert {fingerprint}", when, when - minutes(15), resolved_at=ended)


def stated(at: float, began: float, fingerprint: str = "f1") -> Heard:
    return replace(heard(at, fingerprint), started_at=BACK + minutes(began), earliest=BACK + minutes(began))


def watched(*messages: Heard, over: float | None = None, telling: str = "alertmanager") -> Watched:
    resolved = None if over is None else BACK + minutes(over)
    return Watched(BACK, messages, frozenset((telling,)), resolved)


FIRST = heard(-20)


@pytest.mark.parametrize(
    ("found", "after", "stage"),
    [
        (watched(FIRST), 5, Stage.WATCHING),
        (watched(FIRST), 9.9, Stage.WATCHING),
        (watched(FIRST), 10, Stage.NOT_YET),
        (watched(FIRST), 29.9, Stage.NOT_YET),
        (watched(FIRST), 30, Stage.WENT_ON),
        (watched(replace(FIRST, resolved_at=BACK + minutes(4)), over=4), 5, Stage.RESOLVED),
        (watched(replace(FIRST, resolved_at=BACK + minutes(4)), over=4), 60, Stage.RESOLVED),
        (watched(replace(FIRST, resolved_at=BACK - minutes(1)), over=-1), 60, Stage.WATCHING),
        (watched(FIRST, telling="sentry"), 20, Stage.WATCHING),
        (watched(FIRST, telling="sentry"), 30, Stage.UNTOLD),
        (watched(FIRST, heard(4), telling="sentry"), 30, Stage.UNTOLD),
        (watched(FIRST, heard(12), telling="sentry"), 30, Stage.WENT_ON),
        (watched(), 60, Stage.UNTOLD),
        (watched(replace(FIRST, resolved_at=BACK + minutes(4)), heard(6, "f2", sender="sentry")), 30, Stage.UNTOLD),
    ],
    ids=[
        "sooner than anybody would say",
        "just before a third of the wait",
        "a third of the wait",
        "still within the wait",
        "the wait is over",
        "resolved",
        "resolved, long ago",
        "resolved before the rollback was done",
        "a sender that never says when it is over",
        "the same, when the wait is over",
        "told once more by what was on its way",
        "told again and again by one that never ends",
        "nobody told of it, a person asked",
        "what is left is told by one that never ends",
    ],
)
def test_what_a_rollback_proves_by_and_by(found: Watched, after: float, stage: Stage) -> None:
    """Silence counts only of those who would have spoken, and only once they would have."""
    assert prove(found, BACK + minutes(after)).stage is stage


@pytest.mark.parametrize(
    ("message", "is_new"),
    [
        (heard(5), False),
        (heard(5, "f2"), False),
        (heard(16, "f2"), False),
        (heard(18, "f2"), True),
        (stated(5, -1, "f2"), False),
        (stated(5, 1, "f2"), False),
        (stated(5, 3, "f2"), True),
        (stated(5, 3), True),
        (stated(-1, -3), False),
    ],
    ids=[
        "the same again",
        "another one, which may have begun before",
        "the same, almost surely after",
        "another one that surely began after",
        "another one that states a start before",
        "another one within the restart",
        "another one that states a start after",
        "the same with another start",
        "from before",
    ],
)
def test_what_begins_after_the_rollback_counts_at_once(message: Heard, is_new: bool) -> None:  # noqa: FBT001 - a column of the table
    """Where it surely began later, by a margin for what the restart itself does."""
    found = prove(watched(FIRST, message), BACK + minutes(19))

    assert (found.stage is Stage.FIRED_AGAIN) is is_new
    assert found.title == (message.title if is_new else "")


def test_what_was_over_and_fires_again_began_anew() -> None:
    """Though its sender states no start: it was over in between. It outweighs that it had ended."""
    ended = replace(FIRST, resolved_at=BACK + minutes(4))
    again = heard(9)

    assert prove(watched(ended, again), BACK + minutes(9)) == Proof(Stage.FIRED_AGAIN, again.at, "Alert f1")
    assert prove(watched(ended, replace(again, resolved_at=BACK + minutes(12)), over=12), BACK + minutes(13)).stage is (
        Stage.FIRED_AGAIN
    )


def test_what_ended_before_and_fires_again_soon_may_be_the_same() -> None:
    """It was over already when the rollback was done; when it began again nobody states."""
    flapping = replace(FIRST, resolved_at=BACK - minutes(1))

    assert prove(watched(flapping, heard(3)), BACK + minutes(10)).stage is Stage.NOT_YET


def test_nothing_is_waited_for_after_the_wait() -> None:
    """Whatever it came to."""
    assert [prove(watched(FIRST), BACK + minutes(after)).is_over for after in (10, 29, 30)] == [False, False, True]
    assert prove(watched(FIRST, over=4), BACK + minutes(31)).is_over


def test_the_wait_is_that_of_the_most_patient_sender() -> None:
    """Probes say at once what they see; what the settings say beats both."""
    assert wait_for(()) == wait_for(("alertmanager",)) == wait_for(("uptimerobot", "grafana")) == WAIT
    assert wait_for(("uptimerobot",)) == minutes(15)
    assert wait_for(("uptimerobot",), minutes(10)) == minutes(10)
    assert wait_for(("uptimerobot", "sentry"), minutes(10), {"uptimerobot": minutes(12)}) == minutes(12)


# --- in the ranking -------------------------------------------------------------------------------------------------

SESSION = change(45, "Tighten session expiry", changed("auth/session.py", lines("ttl = session_expiry(300)")))
CART = change(46, "Round cart totals", changed("cart/totals.py", lines("return round(total)")))
SAID = alert("session expiry fails", "session expiry raises in auth/session.py for cart totals")


PLENTY = 0.5
"""More than what is enough to be named."""


def ranked(*outlived: Outlived, alert_: Alert = SAID) -> Ranking:
    found: Harvest = replace(
        harvest((deployment(7, before(6)), (SESSION,)), (deployment(6, before(90)), (CART,))), outlived=outlived
    )
    return rank(trace(found, alert_), alert_, found)


TOOK = Outlived(SESSION.key, minutes(30), "https://gitlab.acme.test/shop/web/-/deployments/9")


def test_what_was_taken_away_in_vain_is_less_suspect() -> None:
    """With its sentence, and the rollback's page."""
    plain, tried = ranked(), ranked(TOOK)
    (before_it,) = (s for s in plain.suspects if s.candidate.change.key == SESSION.key)
    (after_it,) = (s for s in tried.suspects if s.candidate.change.key == SESSION.key)
    fact = next(e for e in after_it.evidence if e.rule == "outlived")

    assert plain.outcome is Outcome.NAMED
    assert after_it.probability < before_it.probability
    assert fact.says == "The trouble went on 30 min after the rollback took !45 away"
    assert fact.url == TOOK.url
    assert fact.weight < 0


def test_a_new_firing_is_named_in_the_sentence() -> None:
    """What it was, and when."""
    tried = ranked(replace(TOOK, after=minutes(12), fired="LoginErrors"))
    says = [e.says for s in tried.suspects for e in s.evidence if e.rule == "outlived"]

    assert says == ["LoginErrors began to fire 12 min after the rollback took !45 away"]


BOTH = alert(
    "TypeError in round(total) of cart totals",
    "TypeError in round(total) of cart totals cart/totals.py session_expiry auth/session.py",
)


def test_it_names_nobody_else() -> None:
    """Whoever comes first only because another one is out of it is shown, and not named."""
    assert ranked(alert_=BOTH).suspects[0].candidate.change.key == SESSION.key
    tried = ranked(TOOK, alert_=BOTH)

    assert tried.suspects[0].candidate.change.key == CART.key
    assert tried.suspects[0].probability > PLENTY
    assert tried.outcome is not Outcome.NAMED


def test_it_names_no_more_what_was_taken_away_in_vain() -> None:
    """However much else speaks for it, it is at most one that could explain it; alone it is named."""
    tried = ranked(TOOK)

    assert tried.suspects[0].candidate.change.key == SESSION.key
    assert tried.outcome in (Outcome.SHORTLIST, Outcome.NOT_ENOUGH)
    assert ranked().outcome is Outcome.NAMED


def test_who_is_named_anyway_stays_named() -> None:
    """What was taken away in vain was another one: the facts about this one are as before."""
    tried = ranked(replace(TOOK, key=CART.key))

    assert tried.outcome is Outcome.NAMED
    assert tried.suspects[0].candidate.change.key == SESSION.key


def test_a_migration_stays_when_its_code_is_gone() -> None:
    """What it did to the database may go on breaking: then the rollback proves nothing about it."""
    migrates = change(47, "Add expiry column", changed("db/migrate/20261120_add_expiry.rb", lines("add_column")))
    found = harvest((deployment(7, before(6)), (migrates,)))
    gone = replace(found, outlived=(replace(TOOK, key=migrates.key),))
    tried = rank(trace(gone, SAID), SAID, gone)

    assert not [e for s in tried.suspects for e in s.evidence if e.rule == "outlived"]
