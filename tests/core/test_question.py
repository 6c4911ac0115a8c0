"""What people type after ``/backtrace``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtrace_core.model import Service
from backtrace_core.question import Question, read_question
from backtrace_core.scope import Catalog, scope_of
from backtrace_core.words import words_in
from tests.core.builders import T0

BERLIN = ZoneInfo("Europe/Berlin")
CATALOG = Catalog(
    (Service("web", "shop/web", ("production", "staging"), ("login",)), Service("checkout", "shop/checkout"))
)


def asked(text: str) -> Question:
    question = read_question(text, T0, BERLIN, CATALOG)
    assert isinstance(question, Question), question
    return question


def test_words_that_are_no_service_are_symptom() -> None:
    """Where the catalog does not know the first word, all of it is the symptom and the service stays open."""
    question = asked("cart errors")

    assert question.alert.title == "cart errors"
    assert question.alert.service is None
    assert question.since is None
    assert question.alert.onset.latest == T0


def test_an_alias_names_the_service_and_stays_a_symptom() -> None:
    """``login errors`` is about the service behind the alias, and still about login."""
    question = asked("login errors")

    assert question.alert.service == "web"
    assert question.alert.title == "login errors"


def test_a_clock_time_is_in_the_askers_zone() -> None:
    """12:40 UTC is 13:40 in Berlin: 13:00 there was 40 minutes ago, and 14:00 was yesterday."""
    assert asked("checkout since 13:00").since == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert asked("checkout since 14:00").since == datetime(2026, 11, 21, 13, 0, tzinfo=UTC)


def test_project_environment_since_and_symptom() -> None:
    """The long form of the grammar, with everything in it."""
    question = asked("shop/web production since 2h 500s on login")
    scope = scope_of(question.alert, CATALOG, question.since)

    assert question.alert.title == "500s on login"
    assert question.since == T0 - timedelta(hours=2)
    assert scope is not None
    assert (scope.service.name, scope.environment) == ("web", "production")
    assert scope.since < question.alert.onset.earliest - timedelta(hours=48)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("30m", 30),
        ("2h", 120),
        ("1d", 1440),
        ("2026-11-22T13:00", 40),
        ("2026-11-22T12:00Z", 40),
        ("2026-11-22 13:00", 40),
    ],
)
def test_since_takes_lengths_and_dates(said: str, minutes: int) -> None:
    """Each way of saying when is understood, and is no part of the symptom."""
    question = asked(f"checkout since {said} slow")

    assert question.since == T0 - timedelta(minutes=minutes)
    assert question.alert.title == "slow"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "production",
        "checkout since never",
        "checkout since 25:00",
        "web since 2026-12-01T10:00",
        "web since 900d",
    ],
)
def test_nonsense_gets_a_reason(text: str) -> None:
    """What is not understood is answered with a sentence, never guessed."""
    reason = read_question(text, T0, BERLIN, CATALOG)

    assert isinstance(reason, str)
    assert reason.endswith(".")


def test_a_time_alone_is_answered_with_an_example() -> None:
    """When is understood; what is missing is what, and how that would look."""
    assert read_question("since 13:00", T0, BERLIN, CATALOG) == (
        "It says when, but not what is wrong: name a symptom or a service, "
        "for example /backtrace login errors since 13:00."
    )
    assert read_question(" … ", T0, BERLIN, CATALOG) == (
        "It does not say what is wrong: name a symptom or a service, for example /backtrace login errors."
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("web", "something is wrong with web"),
        ("shop/web since 2h", "something is wrong with web"),
        ("web staging", "something is wrong with web on staging"),
        ("login", "something is wrong with login"),
        ("web slow", "slow"),
    ],
)
def test_a_service_alone_gets_a_title_that_is_a_sentence(text: str, title: str) -> None:
    """A title of one name says nothing; the words that are put in say nothing of the cause either."""
    assert asked(text).alert.title == title
    assert {*words_in(title)} <= {"login", "slow"}


@given(st.text(max_size=80).map(lambda tail: f"web since {tail}") | st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    """Whatever is typed gives a question or a reason, never an exception."""
    assert isinstance(read_question(text, T0, BERLIN, CATALOG), Question | str)
