"""The migrations of a change, the worst to have first."""

from __future__ import annotations

from dataclasses import dataclass

from backtrace_core.migrations import is_migration
from backtrace_core.model import Change, FileDiff
from backtrace_core.undoing.reversal import Looks, Reversal, reversal_of

_WORST_FIRST = (Looks.NOT_REVERSIBLE, Looks.CANT_BE_TOLD, Looks.REVERSIBLE)


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration of a change. ``says`` is a sentence: what its text lets one think of running it backwards."""

    file: FileDiff
    reversal: Reversal

    @property
    def says(self) -> str:
        why, line = self.reversal.why, self.reversal.line
        if self.reversal.looks is Looks.NOT_REVERSIBLE:
            return f"It doesn't look reversible{f' (line {line})' if line else ''}: {why}"
        if self.reversal.looks is Looks.CANT_BE_TOLD:
            return f"Whether it is reversible can't be told: {why}"
        return f"It looks reversible, by the rules of {why}; nobody has run it backwards"


def migrations_of(change: Change) -> tuple[Migration, ...]:
    """Without those that undo others (Flyway's ``U2__name``, ``name.down.sql``): they run when somebody asks for it."""
    paths = [file.path for file in change.files]
    found = (Migration(f, reversal_of(f, paths)) for f in change.files if is_migration(f.path) and not _undoes(f.path))
    return tuple(sorted(found, key=lambda one: (_WORST_FIRST.index(one.reversal.looks), one.file.path)))


def _undoes(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(".down.sql") or (name[:1] == "U" and name[1:2].isdigit() and "__" in name)
