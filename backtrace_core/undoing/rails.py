"""Rails migrations: ``change`` is run backwards by Rails, ``up`` needs a ``down``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.undoing.text import Found, Text, dropped_by_sql, lost

_PATH = re.compile(r"(^|/)(migrate|post_migrate)/[^/]+\.rb$")
_SAYS_SO = re.compile(r"\bIrreversibleMigration\b")
_UP, _DOWN, _CHANGE = (re.compile(rf"^\s*def\s+(?:self\.)?{name}\b") for name in ("up", "down", "change"))
_NEXT = re.compile(r"^\s*def\s+")
_GIVES_UP = re.compile(r"^\s*(end|nil|return)?\s*$")
_DROPS = re.compile(
    r"\b(remove_columns?|drop_table|drop_join_table|remove_reference|remove_belongs_to|remove_timestamps)\b"
)
_ONE_WAY = re.compile(r"^\s*(change_column|execute)\b")
_BOTH_WAYS = re.compile(r"\breversible\s+(do|\{)")
_DEFAULT = re.compile(r"^\s*change_column_default\b")
_DROP_WORDS = {"drop_table": "drops a table", "drop_join_table": "drops a table"}


def is_one(path: str) -> bool:
    return bool(_PATH.search(path))


def against(text: Text) -> Iterator[Found]:
    """Rails can't turn ``change_column`` and ``execute`` round; what is dropped comes back empty at best."""
    says_so = text.first(_SAYS_SO)
    if says_so is not None:
        yield Found("it says itself that it is irreversible", says_so[0])
    down = text.part(_DOWN, _NEXT)
    yield from _without_a_way_back(text, down)
    forward = text.without(down)
    for number, found in forward.every(_DROPS):
        yield lost(_DROP_WORDS.get(found[1], "drops a column"), number)
    yield from dropped_by_sql(forward)
    if text.first(_CHANGE) is not None and text.first(_BOTH_WAYS) is None:
        yield from _one_way(forward)


def _without_a_way_back(text: Text, down: Text | None) -> Iterator[Found]:
    up = text.first(_UP)
    if up is not None and down is None and text.whole:
        yield Found('it has "up" without "down"', up[0])
    begun = text.first(_DOWN)
    if begun is not None and down is not None and all(_GIVES_UP.match(line) for _, line in down.lines):
        yield Found('its "down" does nothing', begun[0])


def _one_way(forward: Text) -> Iterator[Found]:
    for number, found in forward.every(_ONE_WAY):
        yield Found(f"Rails can't turn {found[1]} round", number)
    for number, _ in forward.every(_DEFAULT):
        if "from:" not in forward.call(number) and "from:" not in _line(forward, number):
            yield Found("Rails can't turn change_column_default round without from:", number)


def _line(text: Text, number: int) -> str:
    return next(line for at, line in text.lines if at == number)
