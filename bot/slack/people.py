"""The people of a change on the card: who wrote it, who had a part in it, and whom to ask. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backtrace_core.model import Change, Person, Suspect
from backtrace_core.person_to_ask import ACTIVE, Part, PersonToAsk, person_to_ask
from bot.slack.sentences import MOST_NAME, author, person
from bot.slack.text import escape

MOST_NAMED = 3


def people(suspect: Suspect) -> str:
    """One line. Somebody else than the author is pointed out where the author can't be asked."""
    change, deployer = suspect.candidate.change, suspect.candidate.deployer
    return " · ".join(_parts(change, deployer, person_to_ask(change, deployer)))


def _parts(change: Change, deployer: Person | None, asked: PersonToAsk) -> Iterator[str]:
    fork = ", from a fork" if change.from_fork else ""
    yield f"Author: {author(change)}{_state(change.author)}{fork}"
    if change.co_authors:
        yield f"With {_named([escape(name, MOST_NAME) for name in change.co_authors])}"
    if asked.part is Part.MERGED and asked.person is not None:
        yield f"Merged by {person(asked.person)}{_TO_ASK}"
    if asked.part is Part.APPROVED and asked.person is not None:
        yield f"Approved by {person(asked.person)}{_TO_ASK}"
    elif len(change.approvers) > 1:
        yield f"Approved by {_named([person(approver) for approver in change.approvers])}"
    if deployer is not None:
        yield f"Deployed by {person(deployer)}{_TO_ASK if asked.part is Part.DEPLOYED else ''}"


_TO_ASK = ": the person to ask"


def _state(who: Person | None) -> str:
    if who is None:
        return ""
    if who.bot:
        return ", a bot"
    return "" if who.state == ACTIVE else f", {escape(who.state.replace('_', ' '), MOST_NAME)}"


def _named(names: Sequence[str]) -> str:
    """Each is escaped already."""
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
