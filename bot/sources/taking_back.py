"""Of several reverts in one merge request those that stand: one that was reverted there again takes nothing back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# The commits' form of `git revert`; GitLab's button writes it too (docs.gitlab.com/user/project/merge_requests/
# revert_changes), and of a merge request its number.
REVERTED = re.compile(r"This reverts merge request (?:[\w./-]*)!(\d+)")
REVERTED_COMMIT = re.compile(r"This reverts commit ([0-9a-f]{7,64})")
# A squashed commit may list the messages of those that it was made of.
_HEADING = re.compile(r"^(?:\* )?((?:Revert|Reapply) \".*\")[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Said:
    """A message, or one of those in a squashed one, whose ``sha`` is empty."""

    sha: str
    title: str
    text: str


def said_by(sha: str, title: str, text: str) -> tuple[Said, ...]:
    """A message's parts, in their order."""
    before, *rest = _HEADING.split(text)
    parts = zip(rest[::2], rest[1::2], strict=True)
    return (Said(sha, title, before), *(Said("", heading, below) for heading, below in parts))


def standing(messages: Iterable[Said]) -> tuple[tuple[Said, ...], tuple[Said, ...]]:
    """Those that nobody took back, and those that somebody did; ``messages``: the oldest first."""
    several = tuple(messages)
    gone = set[int]()
    for place in reversed(range(len(several))):
        target = _target(several, place) if place not in gone else None
        if target is not None:
            gone.add(target)
    stand = tuple(one for place, one in enumerate(several) if place not in gone)
    return stand, tuple(one for place, one in enumerate(several) if place in gone)


def _target(several: Sequence[Said], place: int) -> int | None:
    """Which of the others it takes back: by the sha that it names, else by the title, since rebasing gives new shas."""
    written = REVERTED_COMMIT.findall(several[place].text)
    by_sha = [n for n, one in enumerate(several) if n != place and any(one.sha.startswith(sha) for sha in written)]
    titles = _undone_titles(several[place].title)
    by_title = [n for n in range(place) if several[n].title in titles]
    return next(reversed(by_sha or by_title), None)


def _undone_titles(title: str) -> tuple[str, ...]:
    """git names a revert of a revert ``Revert "Revert …"``, and since 2.43 ``Reapply …``."""
    kind, _, quoted = title.partition(" ")
    if kind == "Reapply":
        return (f"Revert {quoted}",)
    return (quoted[1:-1],) if kind == "Revert" else ()
