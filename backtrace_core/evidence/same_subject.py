"""Its words keep the same company in this project as the alert's, or quite another."""

from __future__ import annotations

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
    own = _words(change.key, context)
    said = own & context.query.weights.keys()
    if 2 * len(said) > len(own):
        return None
    if said:
        return Evidence(RULE, weight, f"Speaks mostly of other things than {context.teller}", change.url)
    return Evidence(RULE, weight, f"Has no word of what {context.teller} says is wrong", change.url)


def _words(key: str, context: Context) -> set[str]:
    """The folders' names too: where nearly all lies below one, the alert may share that with everybody."""
    words = context.words(key)
    folders = (place for place in words.places if place.endswith("/"))
    return words.all().union(*map(_words_of_folder, folders))


# The folders of a project come again in each of its changes.
@lru_cache(maxsize=at_hand.PATHS)
def _words_of_folder(place: str) -> frozenset[str]:
    return frozenset(stems_in(place))
