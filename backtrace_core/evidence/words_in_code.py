"""Words of the alert stand in the paths and the changed lines of the change."""

from __future__ import annotations

from backtrace_core.evidence.change_words import CODE, PATH
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.links import file_url
from backtrace_core.evidence.words_shared import and_also
from backtrace_core.likeness import WORDS_IN_CODE as RULE
from backtrace_core.model import Alert, Candidate, Evidence


def words_in_code(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """The most telling word is said with the file that has it."""
    change = candidate.change
    found = context.likeness.shared.get(change.key, {})
    here = {word: much for word, (field, much) in found.items() if field in (CODE, PATH)}
    if not here:
        return None
    first = max(here, key=lambda word: (word in context.said, here[word], word))
    words, written = context.words(change.key), context.written(first)
    in_path = found[first][0] == PATH
    path = (words.path if in_path else words.code)[first]
    what = f"Changes {path}" if in_path else f'Changes code about "{written}" in {path}'
    says = f'{what}, and {context.teller} says "{written}"{and_also(here, first, context)}'
    weight = context.model.weight(RULE) * context.likeness.strength(change.key, RULE)
    return Evidence(RULE, weight, says, file_url(change, path))
