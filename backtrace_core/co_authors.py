"""Who else wrote a change, by what its commits say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_CO_AUTHORS = 50
MOST_NAME = 100

# The trailer that GitLab's squash commits, GitHub and pairing tools write (docs.gitlab.com/user/project/merge_requests/
# commit_templates: %{co_authored_by}). Squashing joins messages, so that it may stand in the middle of one.
_TRAILER = re.compile(
    r"^[ \t]*co-authored-by:[ \t]*([^<>\n]{1,300}?)[ \t]*<[^<>\n]*>[ \t]*$", re.IGNORECASE | re.MULTILINE
)


def co_authors(messages: Iterable[str], author: str) -> tuple[str, ...]:
    """The names in the trailers of ``messages``, each once, without ``author``; of very many the first.

    Only names: addresses are nobody's business.
    """
    found: dict[str, str] = {}
    for message in messages:
        for written in _TRAILER.findall(message):
            name = " ".join(written.split())[:MOST_NAME]
            found.setdefault(name.casefold(), name)
            if len(found) > MOST_CO_AUTHORS:
                break
    found.pop(author.casefold(), None)
    return tuple(found.values())[:MOST_CO_AUTHORS]
