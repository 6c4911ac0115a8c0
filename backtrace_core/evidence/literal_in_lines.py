"""The changed lines have a value that the alert quotes: the missing key, the unknown column, what is no number."""

from __future__ import annotations

import math

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Evidence, Family

RULE = "literal_in_lines"
WEIGHT = 3.0
"""Believed, not measured: the culprit set has no lines."""


def literal_in_lines(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """Among several that change such a line, or where other changes have that name, it says less of each."""
    hits = context.quoted.hits.get(candidate.change.key, ())
    if not hits:
        return None
    hit = max(hits, key=lambda each: each.share * _rarity(each.value, context))
    others = context.quoted.having[hit.value] - 1
    so_do = f"; {others} {'others have it in their lines' if others > 1 else 'other has it in its lines'}"
    says = f'Changes a line of {hit.path} with "{hit.value}", which {context.teller} names{so_do if others else ""}'
    weight = hit.share * WEIGHT * _rarity(hit.value, context)
    return Evidence(RULE, weight, says, file_url(candidate.change, hit.path), Family.MECHANISM)


def _rarity(value: str, context: Context) -> float:
    having = max(1, context.quoted.having[value], context.corpus.naming.get(value.lower(), 1))
    return 1 / math.sqrt(having)
