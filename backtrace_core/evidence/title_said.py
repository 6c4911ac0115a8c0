"""The alert says much of the change's title, not only a word of it: then it is about what the change is about."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.words_shared import listed
from backtrace_core.likeness import TITLE_SAID as RULE
from backtrace_core.model import Alert, Candidate, Evidence

_MOST_SAID = 4


def title_said(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """The rarest of its words are said."""
    change = candidate.change
    weight = context.model.weight(RULE) * context.likeness.strength(change.key, RULE)
    if not weight:
        return None
    shared = context.words(change.key).title.keys() & context.query.weights.keys()
    rarest = sorted(shared, key=lambda word: (-context.corpus.rarity(word), word))[:_MOST_SAID]
    says = f"Of its title {context.teller} says {listed([context.written(word) for word in rarest])}"
    return Evidence(RULE, weight, says, change.url)
