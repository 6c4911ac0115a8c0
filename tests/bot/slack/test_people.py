"""The line of people on the card."""

from dataclasses import replace

from backtrace_core.model import Change, Person, WorkItem
from bot.slack.people import people
from bot.slack.sentences import work_item
from tests.bot.slack.stories import PIET, VANI, change, deployment, suspect

ANA = Person(7, "ana", "Ana Li", "https://gitlab.test/ana")
BOT = Person(58, "renovate-bot", "Renovate Bot", "https://gitlab.test/renovate-bot", bot=True)
CHANGE = change(45, "Tighten session expiry")


def line(what: Change) -> str:
    return people(suspect(what, deployment(7, 6)))


def test_a_plain_change_has_a_plain_line() -> None:
    """One approver, and a merger beside an author who can be asked, are not worth a word."""
    plain = replace(CHANGE, merged_by=ANA, approvers=(ANA,))

    assert line(plain) == "Author: Vani Rao (vani) · Deployed by Piet de Vries (piet)"


def test_of_a_bots_change_the_merger_is_the_person_to_ask() -> None:
    """It says that the author is a bot, and who to turn to."""
    assert line(replace(CHANGE, author=BOT, merged_by=ANA)) == (
        "Author: Renovate Bot (renovate-bot), a bot · Merged by Ana Li (ana): the person to ask"
        " · Deployed by Piet de Vries (piet)"
    )


def test_the_blocked_are_passed_over_down_to_who_deployed() -> None:
    """Nobody else had a part in it."""
    gone = replace(VANI, state="blocked")

    assert line(replace(CHANGE, author=gone, merged_by=gone)) == (
        "Author: Vani Rao (vani), blocked · Deployed by Piet de Vries (piet): the person to ask"
    )


def test_forks_co_authors_and_several_approvers_are_shown() -> None:
    """Very many are counted, names are escaped."""
    names = ("<!channel>", "Bo", "Cy", "Di", "Ed")
    said = line(replace(CHANGE, from_fork=True, co_authors=names, approvers=(ANA, PIET)))

    assert "Author: Vani Rao (vani), from a fork · With " in said
    assert "Bo, Cy and 2 more · Approved by Ana Li (ana), Piet de Vries (piet) · " in said
    assert "<!channel>" not in said


def test_an_approver_may_be_the_person_to_ask() -> None:
    """Named once."""
    said = line(replace(CHANGE, author=BOT, merged_by=BOT, approvers=(ANA, PIET)))

    assert "Approved by Ana Li (ana): the person to ask · Deployed" in said


def test_a_mentioned_work_item_is_called_so() -> None:
    """It is not closed by the change."""
    item = WorkItem("shop/web", 12, "Sign in", "https://gitlab.test/shop/web/-/issues/12", closes=False)

    assert work_item(item).endswith("(mentioned)")
    assert "mentioned" not in work_item(replace(item, closes=True))
