"""Fixes for other troubles that going back would lose."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from backtrace_core.model import Caution, Change

_TITLE = re.compile(r"^\s*\[?(revert|hot-?fix)\b", re.IGNORECASE)
_BRANCH = re.compile(r"^(hot-?fix|revert|incident)[/_-]", re.IGNORECASE)
_LABEL = re.compile(r"^(.*::)?(incident|hot-?fix|postmortem|outage)(::.*)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Culprit:
    """A change that an earlier incident named; ``url`` leads to what was said then."""

    key: str
    title: str
    url: str


def lost_fixes(undone: tuple[Change, ...], spared: Collection[str], culprits: Iterable[Culprit]) -> Iterator[Caution]:
    """``spared`` are the keys of the suspects: what is wrong with them is the matter at hand."""
    gone = {change.key for change in undone}
    named = {culprit.key: culprit for culprit in culprits}
    for change in undone:
        if change.key not in spared:
            yield from _lost(change, gone, named)


def _lost(change: Change, gone: set[str], named: Mapping[str, Culprit]) -> Iterator[Caution]:
    # What goes away together with the change that it took back leaves things as they were.
    back = [ref for ref in change.reverts if ref.key not in gone]
    culprit = next(((ref, named[ref.key]) for ref in back if ref.key in named), None)
    if culprit is not None:
        ref, then = culprit
        says = f'{change.label} took {ref.label} back, the likely culprit of "{then.title}": going back brings it back'
        yield Caution(says, then.url or change.url)
    elif back:
        labels, them = ", ".join(ref.label for ref in back), "it" if len(back) == 1 else "them"
        yield Caution(f"{change.label} took {labels} back: going back brings {them} back", change.url)
    elif not change.reverts and (why := _is_fix(change)):
        yield Caution(f"{change.label} looks like a fix of another trouble ({why}): going back loses it", change.url)


def _is_fix(change: Change) -> str:
    """What says so; empty where nothing does."""
    label = next((label for label in change.labels if _LABEL.match(label)), "")
    if label:
        return f"label {label}"
    if _BRANCH.match(change.source_branch):
        return f"branch {change.source_branch}"
    return "by its title" if _TITLE.match(change.title) else ""
