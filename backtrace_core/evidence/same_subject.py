"""Its words keep the same company in this project as the alert's, or quite another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.evidence.context import Context
from backtrace_core.hidden import is_unread
from backtrace_core.likeness import SAME_SUBJECT as RULE
from backtrace_core.model import Alert, Candidate, Evidence
from backtrace_core.words import stems_in

_FAINT = 0.05
"""In standard deviations from the project's usual."""


def same_subject(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """Silent against a change that was not read whole, for what is unknown speaks against nobody; and against one most
    of whose words the alert says.
    """
    change = candidate.change
    strength = context.likeness.strength(change.key, RULE)
    if abs(context.likeness.deviation(change.key, RULE)) < _FAINT or (strength < 0 and is_unread(change)):
        return None
    weight = context.model.weight(RULE) * strength
    if strength > 0:
        says = f"Is about what {context.teller} is about, by the words that go together in this project"
        return Evidence(RULE, weight, says, change.url)
    if not (context.likeness.shared.get(change.key) or _lies_below(change.key, context)):
        return Evidence(RULE, weight, f"Has no word of what {context.teller} says is wrong", change.url)
    if _is_mostly_said(change.key, context):
        return None
    return Evidence(RULE, weight, f"Speaks mostly of other things than {context.teller}", change.url)


def _lies_below(key: str, context: Context) -> bool:
    """Whether the alert has a word of its folders: where nearly all lies below one, that is shared with everybody."""
    return any(not context.query.weights.keys().isdisjoint(_words_of_folder(place)) for place in _folders(key, context))


def _is_mostly_said(key: str, context: Context) -> bool:
    words, asked = context.words(key), context.query.weights.keys()
    if 2 * len(asked) <= max(map(len, words.counts.values())):
        return False
    own = words.all().union(*map(_words_of_folder, _folders(key, context)))
    return 2 * len(own & asked) > len(own)


def _folders(key: str, context: Context) -> Iterator[str]:
    return (place for place in context.words(key).places if place.endswith("/"))


# The folders of a project come again in each of its changes.
@lru_cache(maxsize=at_hand.PATHS)
def _words_of_folder(place: str) -> frozenset[str]:
    return frozenset(stems_in(place))
