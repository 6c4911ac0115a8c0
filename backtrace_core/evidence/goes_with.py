"""The project's history joins a word of the alert to a file or folder that the change touches."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.links import file_url
from backtrace_core.likeness import GOES_WITH as RULE
from backtrace_core.model import Alert, Candidate, Evidence

_FAINT = 0.05


def goes_with(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    change = candidate.change
    strength = context.likeness.strength(change.key, RULE)
    joined = context.likeness.goes.get(change.key)
    if joined is None or strength < _FAINT:
        return None
    weight = context.model.weight(RULE) * strength
    word, place, *_ = joined
    both, there = context.corpus.saying_at(word, place)
    says = (
        f'Touches {place}: {both} of the {there} known changes there say "{context.written(word)}",'
        f" as {context.teller} does"
    )
    path = place if not place.endswith("/") else next((f.path for f in change.files if f.path.startswith(place)), "")
    return Evidence(RULE, weight, says, file_url(change, path) if path else change.url)
