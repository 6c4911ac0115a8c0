"""Whom to ask about a change: the author, or who else had a part in it and can answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backtrace_core.model import Change, Person

ACTIVE = "active"
GHOST = ("ghost", "Ghost User")
"""Whose what deleted people wrote becomes (docs.gitlab.com/user/profile/account/delete_account); it is active."""


class Part(StrEnum):
    """What somebody did for a change, as the verb that says so."""

    WROTE = "wrote"
    MERGED = "merged"
    APPROVED = "approved"
    DEPLOYED = "deployed"


@dataclass(frozen=True, slots=True)
class PersonToAsk:
    """``person`` is None where nobody can be asked. ``why`` is plain text; empty where it is simply the author."""

    person: Person | None
    part: Part | None
    why: str = ""

    @property
    def is_author(self) -> bool:
        return self.part is Part.WROTE


def person_to_ask(change: Change, deployer: Person | None, unfit: Mapping[int, str] | None = None) -> PersonToAsk:
    """The author, else the one who merged, else an approver, else ``deployer``, who ran the deployment; or nobody.

    Asked are people whose account is active: bots read nothing, and GitLab assigns nothing to blocked accounts.
    ``unfit`` says, by the person's id, why somebody can't be asked whom the change alone does not show to be unfit.
    """
    reasons: dict[int, str] = {}
    unknown = () if change.author else (f"GitLab knows no user for {change.author_name or 'the author'}",)
    for person, part in _in_turn(change, deployer):
        why_not = _why_not(person, unfit or {})
        if not why_not:
            said = (*unknown, *reasons.values(), f"{person.name} {part.value} it")
            return PersonToAsk(person, part, "" if part is Part.WROTE else "; ".join(said))
        reasons.setdefault(person.id, why_not)
    return PersonToAsk(None, None, "; ".join((*unknown, *reasons.values())))


def _in_turn(change: Change, deployer: Person | None) -> Iterator[tuple[Person, Part]]:
    if change.author is not None:
        yield change.author, Part.WROTE
    if change.merged_by is not None:
        yield change.merged_by, Part.MERGED
    yield from ((approver, Part.APPROVED) for approver in change.approvers)
    if deployer is not None:
        yield deployer, Part.DEPLOYED


def _why_not(person: Person, unfit: Mapping[int, str]) -> str:
    if (person.username, person.name) == GHOST:
        return f"{person.name} stands for accounts that were deleted"
    if person.bot:
        return f"{person.name} is a bot"
    if person.state != ACTIVE:
        return f"{person.name}'s account is {person.state.replace('_', ' ')}"
    return f"{person.name} {why}" if (why := unfit.get(person.id, "")) else ""
