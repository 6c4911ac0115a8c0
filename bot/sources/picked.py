"""Of which commits something says that it is a cherry-pick: by the line that tools write, never by prose."""

from __future__ import annotations

import re
from collections.abc import Iterable

# `git cherry-pick -x` and GitLab's button "Cherry-pick" write this line; a GitLab writes it with a hyphen.
_LINE = re.compile(r"\(cherry[ -]picked from commit ([0-9a-f]{7,64})\)")
_WORDS = "picked from commit "
# What stands below it: further trailers (`-x -s`), git's list of conflicts, and GitLab's list of what a merge had.
_BELOW = re.compile(r"[A-Za-z][\w-]*: \S.*|#.*|Conflicts:|\t.*|[0-9a-f]{7,40} \S.*")


def picked_by(message: str) -> tuple[str, ...]:
    """Of a whole commit message: the line counts at its end only, since above people quote and explain."""
    found = list[str]()
    for line in reversed(message.splitlines()[1:]) if _WORDS in message else ():
        text = line.rstrip()
        picked = _LINE.fullmatch(text)
        if picked:
            found.append(picked[1])
        elif text and not _BELOW.fullmatch(text):
            break
    return _once(reversed(found))


def picked_in(description: str) -> tuple[str, ...]:
    """Of a merge request's description: the line may stand anywhere, but alone."""
    lines = description.splitlines() if _WORDS in description else ()
    return _once(found[1] for line in lines if (found := _LINE.fullmatch(line.rstrip())))


def _once(shas: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(shas))
