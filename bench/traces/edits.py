"""From a text before and after to the edit that can be made elsewhere too: its place is found by its lines."""

from __future__ import annotations

from difflib import SequenceMatcher

from sandbox.worlds.patch import Edit, apply

_MOST_CONTEXT = 6


def edit_between(path: str, before: str, after: str) -> Edit | None:
    """The edit with as few lines of context as make its places clear; None where even many don't."""
    for context in range(1, _MOST_CONTEXT + 1):
        edit = Edit(path, _hunks(before.splitlines(), after.splitlines(), context))
        try:
            if apply(edit, before) == after:
                return edit
        except ValueError:
            continue
    return None


def _hunks(before: list[str], after: list[str], context: int) -> tuple[tuple[str, ...], ...]:
    groups = SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context)
    return tuple(tuple(line for code in group for line in _lines(code, before, after)) for group in groups)


def _lines(code: tuple[str, int, int, int, int], before: list[str], after: list[str]) -> list[str]:
    kind, old, old_end, new, new_end = code
    if kind == "equal":
        return [f" {line}" for line in before[old:old_end]]
    return [*(f"-{line}" for line in before[old:old_end]), *(f"+{line}" for line in after[new:new_end])]
