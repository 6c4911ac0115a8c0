"""The folders in which nearly everything of a project lies (``src/main/java``, the name of the package).

Such a folder is how the project is laid out: that an alert says its name tells none of the changes from another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.model import Change

_NEARLY_ALL, _LEAST_CANDIDATES = 0.79, 2
_MOST, _LEAST_CHANGES = 0.5, 5


def layout_of(candidates: Iterable[Change], shipped: Iterable[Change]) -> frozenset[str]:
    """Folders from the root on, each with a ``/`` at its end.

    Those that nearly all ``candidates`` touch, or more than half of what ``shipped`` where that are many. Changes count
    and not files: one large change of one folder lays out no project.
    """
    return frozenset((*_shared(candidates, _NEARLY_ALL, _LEAST_CANDIDATES), *_shared(shipped, _MOST, _LEAST_CHANGES)))


def beneath(path: str, layout: frozenset[str]) -> str:
    """The path without the folders that say nothing."""
    return path[max((len(folder) for folder in _folders(path) if folder in layout), default=0) :] if layout else path


def _shared(changes: Iterable[Change], share: float, least: int) -> Iterator[str]:
    touched = [folders for change in changes if (folders := _touched(change)) is not None]
    counts = Counter(folder for folders in touched for folder in folders)
    for folder, count in counts.items():
        if count >= least and count / len(touched) > share:
            yield folder


def _touched(change: Change) -> set[str] | None:
    """The folders of a change; None of one that changes no code."""
    paths = [file.path for file in change.files if is_product_code(file)]
    return {folder for path in paths for folder in _folders(path)} if paths else None


@lru_cache(maxsize=at_hand.PATHS)
def _folders(path: str) -> tuple[str, ...]:
    parts = path.split("/")
    return tuple("/".join(parts[:end]) + "/" for end in range(1, len(parts)))
