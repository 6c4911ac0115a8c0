"""Alembic migrations: ``downgrade`` is what people wrote into it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.undoing.text import Found, Text, dropped_by_sql, lost

_PATH = re.compile(r"(^|/)(?:alembic|migrations)/versions/[^/]+\.py$", re.IGNORECASE)
_UP, _DOWN = (re.compile(rf"^def\s+{name}\s*\(") for name in ("upgrade", "downgrade"))
_NEXT = re.compile(r"^\S")
_DROPS = re.compile(r"\b(drop_column|drop_table)\s*\(")
_EMPTY = re.compile(r"^\s*(pass|\.\.\.|return(\s+None)?|[rub]?\"\"\".*|.*\"\"\"|'''.*''')?\s*$")
_RAISES = re.compile(r"^\s*raise\b")


def is_one(path: str) -> bool:
    return bool(_PATH.search(path))


def against(text: Text) -> Iterator[Found]:
    """A ``downgrade`` that is missing, does nothing or raises; and what ``upgrade`` drops."""
    begun, down = text.first(_DOWN), text.part(_DOWN, _NEXT)
    up = text.first(_UP)
    if down is None or begun is None:
        if up is not None and text.whole:
            yield Found('it has no "downgrade"', up[0])
    elif all(_EMPTY.match(line) for _, line in down.lines):
        yield Found('its "downgrade" does nothing', begun[0])
    elif any(_RAISES.match(line) for _, line in down.lines):
        yield Found('its "downgrade" refuses', begun[0])
    forward = text.without(down)
    for number, found in forward.every(_DROPS):
        yield lost("drops a column" if found[1] == "drop_column" else "drops a table", number)
    yield from dropped_by_sql(forward)
