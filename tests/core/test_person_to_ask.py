"""Whom to ask about a change, and why not its author."""

from dataclasses import replace

import pytest

from backtrace_core.model import Person
from backtrace_core.person_to_ask import Part, person_to_ask
from tests.core.builders import change, person

VANI, MARA, KIM, TOMAS = (person(name) for name in ("vani", "mara", "kim", "tomas"))
WHOLE = replace(change(45, "Tighten session expiry"), merged_by=MARA, approvers=(KIM,))


def bot(who: Person) -> Person:
    return replace(who, bot=True)


def blocked(who: Person) -> Person:
    return replace(who, state="blocked")


def test_the_author_is_asked_without_a_word() -> None:
    """Nothing has to be explained."""
    asked = person_to_ask(WHOLE, TOMAS)

    assert (asked.person, asked.is_author, asked.why) == (VANI, True, "")


@pytest.mark.parametrize(
    ("author", "merger", "approver", "asked", "why"),
    [
        (bot(VANI), MARA, KIM, (MARA, Part.MERGED), "Vani is a bot; Mara merged it"),
        (blocked(VANI), MARA, KIM, (MARA, Part.MERGED), "Vani's account is blocked; Mara merged it"),
        (bot(VANI), bot(MARA), KIM, (KIM, Part.APPROVED), "Vani is a bot; Mara is a bot; Kim approved it"),
        (
            replace(VANI, state="ldap_blocked"),
            blocked(MARA),
            bot(KIM),
            (TOMAS, Part.DEPLOYED),
            "Vani's account is ldap blocked; Mara's account is blocked; Kim is a bot; Tomas deployed it",
        ),
        (bot(VANI), bot(VANI), KIM, (KIM, Part.APPROVED), "Vani is a bot; Kim approved it"),
    ],
)
def test_the_next_who_can_answer_is_asked(
    author: Person, merger: Person, approver: Person, asked: tuple[Person, Part], why: str
) -> None:
    """Bots and closed accounts are passed over, each with its reason, in the order of their part."""
    found = person_to_ask(replace(WHOLE, author=author, merged_by=merger, approvers=(approver,)), TOMAS)

    assert (found.person, found.part, found.why) == (*asked, why)


def test_the_ghost_is_nobody() -> None:
    """What deleted people wrote belongs to an account that is active and read by nobody."""
    ghost = replace(person("ghost"), name="Ghost User")
    found = person_to_ask(replace(WHOLE, author=ghost), TOMAS)

    assert (found.person, found.why) == (MARA, "Ghost User stands for accounts that were deleted; Mara merged it")


def test_what_is_learned_later_counts() -> None:
    """Who turns out not to be assignable is passed over with the reason that was found."""
    found = person_to_ask(WHOLE, TOMAS, {VANI.id: "is no member of shop/web"})

    assert (found.person, found.why) == (MARA, "Vani is no member of shop/web; Mara merged it")


def test_a_commit_of_nobody_known_leads_to_who_deployed_it() -> None:
    """GitLab knows no user for many a commit."""
    found = person_to_ask(replace(WHOLE, author=None, author_name="V. Rao", merged_by=None, approvers=()), TOMAS)

    assert (found.person, found.why) == (TOMAS, "GitLab knows no user for V. Rao; Tomas deployed it")


def test_there_may_be_nobody() -> None:
    """Then it says whom it passed over."""
    found = person_to_ask(replace(WHOLE, author=bot(VANI), merged_by=bot(VANI), approvers=()), None)

    assert (found.person, found.part, found.why) == (None, None, "Vani is a bot")
