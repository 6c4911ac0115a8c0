"""What speaks against going back, in sentences for the card and the modal."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_core.evidence.links import line_url
from backtrace_core.model import Caution, Change
from backtrace_core.undoing.migrated import Migration, migrations_of

MANY = 10


def cautions_for(undone: tuple[Change, ...] | None) -> tuple[Caution, ...]:
    """``undone``: what going back takes away; None: it could not be read."""
    if undone is None:
        return (Caution("What going back undoes could not be read: a migration can't be ruled out"),)
    return (*_migrations(undone), *_unread(undone), *_many(undone))


def _migrations(undone: tuple[Change, ...]) -> Iterator[Caution]:
    for change in undone:
        found = migrations_of(change)
        if found:
            yield _migrated(change, found)


def _migrated(change: Change, found: tuple[Migration, ...]) -> Caution:
    """The one that is worst to have; of the others the number."""
    worst = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    says = f"{change.label} migrated the database ({worst.file.path}{more})"
    then = f"going back does not undo that, and older code may not fit it. {worst.says}"
    return Caution(f"{says}: {then}", line_url(change, worst.file, worst.reversal.line))


def _unread(undone: tuple[Change, ...]) -> Iterator[Caution]:
    unread = [change.label for change in undone if not change.files]
    if unread:
        yield Caution(f"The files of {_listed(unread)} could not be read: a migration can't be ruled out")


def _many(undone: tuple[Change, ...]) -> Iterator[Caution]:
    if len(undone) > MANY:
        yield Caution(f"Going back undoes {len(undone)} changes")


def _listed(labels: list[str]) -> str:
    shown = 3
    more = f" and {len(labels) - shown} more" if len(labels) > shown else ""
    return ", ".join(labels[:shown]) + more
