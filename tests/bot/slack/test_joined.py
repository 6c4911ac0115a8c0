"""What is said of messages that joined an incident."""

from __future__ import annotations

import pytest

from backtrace_core.joining import Relation
from bot.slack.joined import JoinedLine, joined_words, sender_name

SAME = JoinedLine("pagerduty", "Login error rate is high", Relation.SAME, "https://acme.slack.com/archives/C1/p1")


def test_a_line_says_who_and_leads_there() -> None:
    """By the name under which people know the sender."""
    assert joined_words([SAME]) == (
        "PagerDuty says the same: <https://acme.slack.com/archives/C1/p1|Login error rate is high>"
    )


def test_of_very_many_the_first_stand_and_the_rest_are_counted() -> None:
    """One post, however many they are."""
    words = joined_words([SAME] * 42).split("\n")

    assert len(words) == 6
    assert words[-1] == "… and 37 more"


@pytest.mark.parametrize("relation", [Relation.REPEATS, Relation.BELOW, Relation.OPENS])
def test_of_what_is_known_nothing_is_said(relation: Relation) -> None:
    """What fires again, and what stands in the thread already."""
    assert joined_words([JoinedLine("sentry", "x", relation)]) == ""


def test_foreign_words_are_only_read() -> None:
    """Titles and senders come from outside."""
    words = joined_words([JoinedLine("<!here>", "<!channel> *now*", Relation.PERHAPS_ANOTHER)])

    assert "<!" not in words
    assert "*now*" not in words
    assert sender_name("home_made") == "Home made"
