"""The change's own words — title, what it closes, description — are the alert's words."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_core.evidence import change_words as fields
from backtrace_core.evidence.context import Context
from backtrace_core.model import Alert, Candidate, Change, Evidence, WorkItem
from backtrace_core.words import words_in

RULE = "words_shared"
TITLE, WORK_ITEM, DESCRIPTION = 1.5, 1.5, 0.6
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
    words = context.changes[change.key]
    for word in sorted(words.title):
        weight = TITLE * context.strength(fields.TITLE, word)
        yield weight, f'Its title says "{word}", and so does the alert', change.url
    for item in change.work_items:
        yield from _of_item(item, words.title, context)
    for word in sorted(words.description - words.title - words.work_item):
        weight = DESCRIPTION * context.strength(fields.DESCRIPTION, word)
        yield weight, f'Its description says "{word}", and so does the alert', change.url


def _of_item(item: WorkItem, title: frozenset[str], context: Context) -> Iterator[tuple[float, str, str]]:
    """Words that the title does not have already: a merge request often bears its work item's name."""
    verb = "closes" if item.closes else "mentions"
    for word in sorted(set(words_in(item.title)) - title):
        weight = WORK_ITEM * context.strength(fields.WORK_ITEM, word)
        yield weight, f'It {verb} #{item.iid} "{item.title}", and the alert says "{word}"', item.url
