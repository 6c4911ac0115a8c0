"""What speaks against going back, in sentences for the card and the modal."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_core.evidence.links import file_url
from backtrace_core.migrations import is_migration
from backtrace_core.model import Caution, Change, Deployment

MANY = 10


def cautions_for(undone: tuple[Change, ...] | None) -> tuple[Caution, ...]:
    """``undone``: what going back takes away; None: it could not be read."""
    if undone is None:
        return (Caution("What going back undoes could not be read: a migration can't be ruled out"),)
    return (*_migrations(undone), *_unread(undone), *_many(undone))


def left_alone(target: Deployment, siblings: tuple[str, ...]) -> tuple[Caution, ...]:
    """``siblings``: the names of the other jobs that deployed in the target's pipeline; they stay where they are."""
    if not siblings or target.job is None:
        return ()
    verb = "deploys" if len(siblings) == 1 else "deploy"
    says = f"{_listed(list(siblings))} {verb} {target.environment} too: going back retries {target.job.name} alone"
    return (Caution(says, target.url),)


def _migrations(undone: tuple[Change, ...]) -> Iterator[Caution]:
    for change in undone:
        path = next((file.path for file in change.files if is_migration(file.path)), None)
        if path is not None:
            says = f"{change.label} migrated the database ({path})"
            yield Caution(
                f"{says}: going back does not undo that, and older code may not fit it", file_url(change, path)
            )


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
