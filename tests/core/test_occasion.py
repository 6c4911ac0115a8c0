"""How a card speaks of the moment when the trouble began, and of who says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backtrace_core.model import Alert, Deployment, Frame, Harvest, Suspect
from backtrace_core.occasion import at_occasion, occasion, teller
from backtrace_core.question import Question, read_question
from backtrace_core.rank import rank
from backtrace_core.scope import Catalog
from backtrace_core.trace import trace
from tests.core.builders import T0, WEB, alert, before, change, changed, deployment, harvest, lines

SESSION = change(45, "Tighten session expiry", changed("auth/session.py", lines("check_expiry(token)", at=40)))
SAID = "web since 2026-11-22T12:00 session.py fails: SessionExpired"


def asked(text: str = SAID) -> Alert:
    question = read_question(text, T0, UTC, Catalog((WEB,)))
    assert isinstance(question, Question), question
    return question.alert


def first(of: Alert, found: Harvest) -> Suspect:
    return rank(trace(found, of), of, found).suspects[0]


def times(of: Alert, shipped: Deployment) -> list[str]:
    evidence = first(of, harvest((shipped, (SESSION,)))).evidence
    return [e.says for e in evidence if e.rule == "deployed_before_onset"]


def running_since(moment: datetime) -> Deployment:
    return replace(deployment(7, None), started_at=moment)


def test_trouble_began_when_it_is_said_to_have() -> None:
    """What is printed is what was said; the quarter of an hour around it is for the weighing alone."""
    said = asked()

    assert said.began == said.started_at == before(40)
    assert said.onset.latest - said.began == timedelta(minutes=15)
    assert asked("web session fails").began == T0
    assert alert("Errors").began == T0
    assert replace(alert("Errors"), started_at=before(9)).began == before(9)


@pytest.mark.parametrize(
    ("shipped", "sentence"),
    [
        (deployment(7, before(44)), "Went live 4 min before it began"),
        (deployment(7, before(39)), "Its deployment was under way when it began"),
        (deployment(7, before(30)), "Went live 10 min after the time that was given"),
        (running_since(before(41)), "Its deployment was still running when it began"),
        (running_since(before(33)), "Its deployment started 7 min after the time that was given"),
    ],
)
def test_distances_are_from_the_time_that_was_given(shipped: Deployment, sentence: str) -> None:
    """Nothing is said to have run at a time when nothing ran, and no distance is one from a time that nobody named."""
    assert times(asked(), shipped) == [sentence]


def test_distances_without_a_time_are_from_the_question() -> None:
    """Nobody said when it began: the one time that is known is that of the question."""
    assert times(asked("web session fails"), deployment(7, before(6))) == ["Went live 6 min before the question"]


def test_of_an_alert_the_words_stay() -> None:
    """An alert fires; the deployment that ran then was under way."""
    assert times(alert("Errors"), deployment(7, before(6))) == ["Went live 6 min before the alert"]
    assert times(alert("Errors"), deployment(7, before(-1))) == ["Its deployment was under way when the alert fired"]
    assert (occasion(alert("Errors")), at_occasion(alert("Errors"))) == ("the alert", "when the alert fired")


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        "web session fails",
        "web check_expiry is wrong",
        "web login is slow",
        "web login says nothing of cookies",
        "web unrelated things break there and everywhere",
    ],
)
def test_a_question_is_never_called_an_alert(text: str) -> None:
    """Nobody was alerted: neither in the evidence nor in the advice."""
    migration = change(46, "Slots", changed("shop/migrations/0042_slot.py"))
    cookie = change(47, "Cookie flags", changed("auth/cookie.py"), closes="Session cookies")
    of = replace(asked(text), frames=(Frame("shop/a.py", 3),) if "unrelated" in text else ())
    ranking = rank(*(trace(found := harvest((deployment(7, before(50)), (SESSION, migration, cookie))), of), of), found)
    said = [ranking.advice, *(e.says for suspect in ranking.suspects for e in suspect.evidence)]

    assert [words for words in said if "alert" in words] == []
    assert teller(of) == "the question"
