"""Two words of the alert stand side by side in the change as well: together they mean one thing, apart many."""

from __future__ import annotations

from itertools import pairwise

from backtrace_core.evidence.change_words import paths_of
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.links import file_url
from backtrace_core.likeness import WORDS_TOGETHER as RULE
from backtrace_core.model import Alert, Candidate, Change, Evidence
from backtrace_core.words import stems_in


def words_together(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """The rarest two, in whatever order."""
    change = candidate.change
    words = context.likeness.together.get(change.key)
    if words is None:
        return None
    weight = context.model.weight(RULE) * context.likeness.strength(change.key, RULE)
    where, path = _where(change, words)
    one, other = (context.written(word) for word in words)
    says = f'Has "{one}" and "{other}" side by side in {where}, as {context.teller} does'
    return Evidence(RULE, weight, says, file_url(change, path) if path else change.url)


def _where(change: Change, words: tuple[str, str]) -> tuple[str, str]:
    """With the path, where it is a path that has them."""
    for text, name in ((change.title, "its title"), (change.description, "its description")):
        if _has(text, words):
            return name, ""
    item = next((item for item in change.work_items if _has(item.title, words)), None)
    if item is not None:
        return f"#{item.iid}", ""
    path = next((file.path for file in change.files if any(_has(each, words) for each in paths_of(file))), "")
    return (path, path) if path else ("the lines that it changes", "")


def _has(text: str, words: tuple[str, str]) -> bool:
    return any({one, other} == set(words) for one, other in pairwise(stems_in(text)))
