"""The alert and the change have a word written the same way, letter by letter: the rarer, the more it says."""

from __future__ import annotations

from backtrace_core.evidence.change_words import ChangeWords
from backtrace_core.evidence.context import Context
from backtrace_core.likeness import NAME_SHARED as RULE
from backtrace_core.model import Alert, Candidate, Evidence


def name_shared(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    change = candidate.change
    name = context.likeness.names.get(change.key)
    if name is None:
        return None
    weight = context.model.weight(RULE) * context.likeness.strength(change.key, RULE)
    where = _where(name, context.words(change.key))
    says = f'Has "{name}" in {where}, letter by letter as {context.teller} writes it'
    return Evidence(RULE, weight, says, change.url)


def _where(name: str, words: ChangeWords) -> str:
    if name in words.identifiers:
        return words.identifiers[name][1]
    if name in words.tokens:
        return "its title or description"
    return "its paths" if name in words.files else "the lines that it changes"
