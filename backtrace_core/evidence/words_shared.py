"""The change's own words — title, what it closes, description — are the alert's words."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_core.evidence.change_words import DESCRIPTION, TITLE, WORK_ITEM
from backtrace_core.evidence.context import Context
from backtrace_core.model import Alert, Candidate, Change, Evidence
from backtrace_core.words import words_in

RULE = "words_shared"
_FURTHER = 0.3
_MOST = 2.5
_LEAST = 0.2


def words_shared(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    hits = sorted(_hits(candidate.change, context), key=lambda hit: (-hit[0], hit[1]))
    if not hits or hits[0][0] < _LEAST:
        return None
    best, *others = hits
    weight = min(_MOST, best[0] + _FURTHER * sum(hit[0] for hit in others[:5]))
    return Evidence(RULE, weight, best[1], best[2])


def _hits(change: Change, context: Context) -> Iterator[tuple[float, str, str]]:
    for word, (field, weight) in sorted(context.shared(change.key).items()):
        if field == TITLE:
            yield weight, f'Its title says "{word}", and so does {context.teller}', change.url
        elif field == DESCRIPTION:
            yield weight, f'Its description says "{word}", and so does {context.teller}', change.url
        elif field == WORK_ITEM:
            yield weight, *_of_item(change, word, context.teller)


def _of_item(change: Change, word: str, teller: str) -> tuple[str, str]:
    says, url = what_it_does(change, word)
    return f'{says[0].upper()}{says[1:]}, and {teller} says "{word}"', url


def what_it_does(change: Change, word: str) -> tuple[str, str]:
    """``it closes #7 "Session lost"`` with the page, of the first work item whose title has the word."""
    item = next(item for item in change.work_items if word in words_in(item.title))
    return f'it {"closes" if item.closes else "mentions"} #{item.iid} "{item.title}"', item.url
