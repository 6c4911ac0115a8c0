"""Whether a migration looks as if it could be run backwards, by its text and the conventions of its framework.

Rails: guides.rubyonrails.org/active_record_migrations (reversible migrations). Django: docs.djangoproject.com,
ref/migration-operations. Alembic: alembic.sqlalchemy.org, tutorial. Flyway: documentation.red-gate.com, undo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from backtrace_core.model import FileDiff
from backtrace_core.undoing import alembic, django, flyway, rails
from backtrace_core.undoing.text import Found, Text, dropped_by_sql, text_of


class Looks(Enum):
    REVERSIBLE = auto()
    NOT_REVERSIBLE = auto()
    CANT_BE_TOLD = auto()


@dataclass(frozen=True, slots=True)
class Reversal:
    """``why`` is a part of a sentence; ``line`` is the line in the new file that shows it, 0 where none does."""

    looks: Looks
    why: str
    line: int = 0


Rule = Callable[[Text], Iterable[Found]]

_RULES: tuple[tuple[str, Callable[[str], bool], Rule], ...] = (
    ("Rails", rails.is_one, rails.against),
    ("Alembic", alembic.is_one, alembic.against),
    ("Django", django.is_one, django.against),
    ("Flyway", flyway.is_one, flyway.against),
)


def reversal_of(file: FileDiff, beside: Iterable[str]) -> Reversal:
    """What one migration looks like. ``beside`` are the paths of the same change's files."""
    if file.deleted_file:
        return Reversal(Looks.CANT_BE_TOLD, "it was deleted")
    if not file.hunks:
        return Reversal(Looks.CANT_BE_TOLD, "its text was not read")
    text = text_of(file, beside)
    framework, against = _rules_for(text)
    speaks_against = next(iter(sorted(against, key=lambda found: found.line)), None)
    if speaks_against is not None:
        return Reversal(Looks.NOT_REVERSIBLE, speaks_against.why, speaks_against.line)
    if not framework:
        return Reversal(Looks.CANT_BE_TOLD, "Backtrace does not know its framework")
    if not file.new_file:
        return Reversal(Looks.CANT_BE_TOLD, "only a part of it was changed")
    return Reversal(Looks.REVERSIBLE, framework)


def _rules_for(text: Text) -> tuple[str, list[Found]]:
    for framework, is_one, against in _RULES:
        if is_one(text.path):
            return framework, list(against(text))
    return "", list(_by_sql(text))


def _by_sql(text: Text) -> Iterator[Found]:
    if text.path.lower().endswith(".sql"):
        yield from dropped_by_sql(text)
