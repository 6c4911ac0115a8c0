"""Its title and description are spelled like the alert, or quite unlike it: whole words need not be the same."""

from __future__ import annotations

from collections.abc import Iterable

from backtrace_core.evidence.context import Context
from backtrace_core.hidden import is_unread
from backtrace_core.likeness import SPELLED_ALIKE as RULE
from backtrace_core.model import Alert, Candidate, Evidence
from backtrace_core.spelling import threes_of

_FAINT = 0.1
"""In standard deviations from the project's usual."""
_WORDS_ALIKE = 0.4


def spelled_alike(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """Two words are told that share the letters which tell most. Silent against a change that was not read whole."""
    change = candidate.change
    strength = context.likeness.strength(change.key, RULE)
    if abs(context.likeness.deviation(change.key, RULE)) < _FAINT or (strength < 0 and is_unread(change)):
        return None
    weight = context.model.weight(RULE) * strength
    if strength < 0:
        return Evidence(
            RULE, weight, f"Is spelled less like what {context.teller} says than changes usually are", change.url
        )
    three = context.likeness.threes.get(change.key)
    words = _alike(three, context.query.spoken, context.words(change.key).prose) if three is not None else ""
    return Evidence(
        RULE, weight, f"Is spelled more like what {context.teller} says than changes usually are{words}", change.url
    )


def _alike(three: int, spoken: Iterable[str], own: Iterable[str]) -> str:
    """The two words that have the three letters, and most others, in common; empty where that is not much."""
    asked = sorted(word for word in spoken if three in threes_of(word))
    having = sorted(word for word in own if three in threes_of(word))
    pairs = [(_in_common(one, other), one, other) for one in asked for other in having]
    much, said, has = max(pairs, default=(0.0, "", ""))
    if much < _WORDS_ALIKE:
        return ""
    return f', as by "{has}"' if has == said else f', as by "{has}" and "{said}"'


def _in_common(one: str, other: str) -> float:
    """Dice's coefficient of their threes."""
    own, others = set(threes_of(one)), set(threes_of(other))
    return 2 * len(own & others) / (len(own) + len(others))
