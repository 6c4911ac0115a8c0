"""Django migrations: operations know their way back, but for code and SQL that were given none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.undoing.text import Found, Text, dropped_by_sql, lost

_PATH = re.compile(r"(^|/)migrations/\d{4}_\w+\.py$")
_LOSES = re.compile(r"\bmigrations\.(RemoveField|DeleteModel)\b")
_RUNS = re.compile(r"\bmigrations\.(RunPython|RunSQL)\b")
_NOTHING = re.compile(r"\b(?:RunPython|RunSQL)\.noop\b")


def is_one(path: str) -> bool:
    return bool(_PATH.search(path))


def against(text: Text) -> Iterator[Found]:
    """``RunPython`` and ``RunSQL`` need a second argument; what is removed comes back empty."""
    for number, found in text.every(_LOSES):
        yield lost("drops a column" if found[1] == "RemoveField" else "drops a table", number)
    for number, found in text.every(_RUNS):
        call = text.call(number)
        if not _has_way_back(call):
            yield Found(f'its "{found[1]}" has no way back', number)
        elif _NOTHING.search(call):
            yield Found(f'the way back of its "{found[1]}" does nothing', number)
    yield from dropped_by_sql(text)


def _has_way_back(call: str) -> bool:
    return "reverse_code" in call or "reverse_sql" in call or _positional(call) > 1


def _positional(call: str) -> int:
    """How many arguments of a call have no name. Commas in brackets and in quotes part none."""
    inside, depth, quote, parts = call.partition("(")[2].rstrip(") "), 0, "", [""]
    for mark in inside:
        quote = "" if mark == quote else quote or (mark if mark in "\"'" else "")
        depth += 0 if quote else (mark in "([{") - (mark in ")]}")
        if mark == "," and depth == 0 and not quote:
            parts.append("")
        else:
            parts[-1] += mark
    return sum(1 for part in parts if part.strip() and not re.match(r"\s*\w+\s*=[^=]", part))
