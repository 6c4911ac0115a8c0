"""The note with the verdict: short, kind, complete, and safe."""

from dataclasses import replace

import pytest

from backtrace_core.model import Outcome
from bot.gitlab.note import incident_text, note_of
from tests.bot.gitlab.verdicts import NASTY, WEB, verdict


def test_the_note_of_a_named_change():
    """What it is, who wrote and who deployed it, why it is named, where to go back to, what was looked at."""
    text = note_of(verdict())

    assert text.startswith("**Likely culprit**\n\n")
    assert f"- [`!\u200b45 Tighten session expiry`]({WEB}/-/merge_requests/45)\n" in text
    assert f"[`deployment 502`]({WEB}/-/jobs/8502) of 2026-11-21 13:58 UTC, deployed by @mara" in text
    assert f"its work item is [`#\u200b1 Tighten session expiry`]({WEB}/-/issues/1)" in text
    assert f"To go back to: [`deployment 501`]({WEB}/-/jobs/8501)" in text
    assert "Looked at 14 deployments and 43 changes since 2026-11-18 14:06 UTC." in text


@pytest.mark.parametrize(
    ("outcome", "headline"),
    [
        (Outcome.SHORTLIST, "**The change most likely involved is one of these**"),
        (Outcome.NO_CHANGE, "**No change explains this**"),
        (Outcome.NOT_ENOUGH, "**Not enough evidence to name a change**"),
    ],
)
def test_the_other_outcomes(outcome: Outcome, headline: str):
    """Each outcome has its headline; where nobody is named, nobody's change stands there."""
    text = note_of(verdict(outcome=outcome, suspects=4))

    assert text.startswith(headline)
    assert ("merge_requests/46" in text) is (outcome is Outcome.SHORTLIST)


def test_a_note_that_names_nobody_says_what_would_help():
    """As the card does; other people's words in it are no Markdown."""
    thin = replace(verdict(outcome=Outcome.NOT_ENOUGH, suspects=2), advice="A stack trace of **web** would help most.")

    assert "Advice: `A stack trace of **web** would help most.`" in note_of(thin)
    assert "Advice:" not in note_of(verdict())


def test_what_people_ruled_out_is_said():
    """A change that fitted and was taken off: none of the others is cleared or blamed by that."""
    left = verdict(outcome=Outcome.NOT_ENOUGH, suspects=2)
    text = note_of(replace(left, ruled_out=(left.suspects[0].candidate.change.ref,)))

    assert text.startswith("**Not enough evidence to name another change**")
    assert f"Ruled out by people: [`!\u200b45 Tighten session expiry`]({WEB}/-/merge_requests/45)." in text


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_note_stays_and_so_it_has_no_percentages(outcome: Outcome):
    """How likely in numbers is not calibrated; the order is what can be said."""
    assert "%" not in note_of(verdict(outcome=outcome, suspects=9))


def test_of_several_the_order_is_said_in_words():
    """The first is the most likely; a single one is not compared with anything."""
    text = note_of(verdict(outcome=Outcome.SHORTLIST, suspects=3))

    assert "merge_requests/45), most likely\n" in text
    assert "merge_requests/46), less likely\n" in text
    assert "most likely" not in note_of(verdict())


def test_what_was_asked_is_not_called_an_alert():
    """An incident may be opened from the card of a question; and what shipped after it began is counted."""
    given = verdict()
    asked = replace(
        given, alert=replace(given.alert, sender="question"), looked_at=replace(given.looked_at, left_out_later=2)
    )

    assert "Backtrace opened this for a question of 2026-11-21 14:06 UTC" in incident_text(asked, "inc-1")[1]
    assert "Changes that shipped later and are left out: 2." in note_of(asked)


def test_the_less_likely_are_listed_shortly():
    """One line each, five at most."""
    text = note_of(verdict(suspects=9))

    assert text.partition("Less likely:")[2].count("merge_requests/") == 5
    assert "and 3 more" in text


@pytest.mark.parametrize("outcome", list(Outcome))
def test_no_line_begins_with_what_others_wrote(outcome: Outcome):
    """All foreign text hostile: no line is a command, nobody but the deployer is mentioned."""
    title, description = incident_text(verdict(NASTY), "inc-1")
    text = note_of(verdict(NASTY, outcome, suspects=9))

    for line in (*text.splitlines(), *description.splitlines(), title):
        assert not line.lstrip().startswith("/")
        assert "@all" not in line
        assert "~bug" not in line
    assert description.startswith("<!-- backtrace:inc-1 -->\n")
    assert description.count("<!--") == 1


def test_what_came_by_no_deployment_was_not_written() -> None:
    """A feature flag was changed, a job ran: the note says by whom, not that somebody wrote it."""
    plain = verdict("ok")
    (suspect,) = plain.suspects
    alone = replace(suspect, candidate=replace(suspect.candidate, deployment=None))

    assert "written by" in note_of(plain)
    assert "written by" not in note_of(replace(plain, suspects=(alone,)))
