"""Flyway migrations: ``V2__name`` is undone by a script ``U2__name``, which only its paid editions run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.undoing.text import Found, Text, dropped_by_sql

_PATH = re.compile(r"(^|/)V(\d[\d._]*)__[^/]+\.(sql|java|kt)$")


def is_one(path: str) -> bool:
    return bool(_PATH.search(path))


def against(text: Text) -> Iterator[Found]:
    """No undo script in the same change, or data that is thrown away."""
    own = _PATH.search(text.path)
    version = own[2] if own is not None else ""
    undoes = re.compile(rf"(^|/)U{re.escape(version)}__[^/]+$")
    if not any(undoes.search(path) for path in text.beside):
        yield Found("no undo script came with it", text.lines[0][0] if text.lines else 0)
    yield from dropped_by_sql(text)
