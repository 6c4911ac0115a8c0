"""The database says what is missing or broken, and the change's migration drops, renames or constrains it; or the
migration has the error's own words, which the database then says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.links import file_url
from backtrace_core.migrations import is_migration
from backtrace_core.model import Alert, Candidate, Evidence, Family, FileDiff

RULE = "schema_in_error"
DONE, NAMED = 6.5, 2.0
"""Believed. Where the migration does it to that name; where it has the name and does something else."""
_MISSING = (
    re.compile(r"table [\"'`]?([\w.]+)[\"'`]? has no column named [\"'`]?(\w+)", re.IGNORECASE),
    re.compile(r"no such (?:table|column): [\"'`]?([\w.]+)", re.IGNORECASE),
    re.compile(r"unknown column [\"'`]([\w.]+)", re.IGNORECASE),
    re.compile(r"column [\"'`]?([\w.]+)[\"'`]? (?:of relation [\"'`](\w+)[\"'`] )?does not exist", re.IGNORECASE),
    re.compile(r"(?:relation|table) [\"'`]([\w.]+)[\"'`] (?:does not|doesn't) exist", re.IGNORECASE),
)
_BROKEN = (
    re.compile(r"null value in column [\"'`]([\w.]+)[\"'`].{0,80}violates (not-null) constraint", re.IGNORECASE),
    re.compile(r"(unique|check|not null|foreign key) constraint failed(?:: ([^\n]{1,200}))?", re.IGNORECASE),
    re.compile(r"violates (unique|check|not-null|foreign key) constraint(?: [\"'`]?([\w.]+))?", re.IGNORECASE),
)
_TAKES_AWAY = re.compile(r"drop|renam|remov|delet", re.IGNORECASE)
_CONSTRAINS = {
    "unique": re.compile(r"unique|primary", re.IGNORECASE),
    "check": re.compile(r"\bcheck\b|constraint", re.IGNORECASE),
    "not null": re.compile(r"not null|null *[=(:] *false|nullable", re.IGNORECASE),
    "foreign key": re.compile(r"foreign|references|add_reference", re.IGNORECASE),
}
_WORDS = re.compile(r"[A-Za-z_]\w+")
_TEXT = re.compile(r"['\"]([^'\"\n]{8,120})['\"]")
_MOST_LINES, _NEAR = 400, 3


@dataclass(frozen=True, slots=True)
class _Wanted:
    """``does``: what a migration does that brings such an error about; ``names``: to which tables and columns."""

    does: re.Pattern[str]
    names: frozenset[str]
    telling: str


def schema_in_error(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    migrations = [file for file in candidate.change.files if _is_of_schema(file)]
    said = next(_said(migrations, context.raised.message), None)
    if said is not None:
        says = f'The migration {said[1]} has "{said[0]}", the very words of {context.teller}'
        return Evidence(RULE, DONE, says, file_url(candidate.change, said[1]), Family.PLACE)
    wanted = _wanted(context.raised.message)
    if wanted is None:
        return None
    found = max(_found(migrations, wanted), default=None)
    if found is None:
        return None
    weight, path, name, what = found
    says = f'{what} "{name}", which {context.teller} names'
    return Evidence(RULE, weight, says, file_url(candidate.change, path), Family.PLACE)


# Each candidate is held against the same alert.
@lru_cache(maxsize=16)
def _wanted(message: str) -> _Wanted | None:
    for pattern in _MISSING:
        if match := pattern.search(message):
            names = [part for group in match.groups() if group for part in group.lower().split(".")]
            return _Wanted(_TAKES_AWAY, frozenset(names), names[-1])
    for pattern in _BROKEN:
        if match := pattern.search(message):
            kind = next((k for k in _CONSTRAINS for g in match.groups() if g and g.lower().replace("-", " ") == k), "")
            said = [group for group in match.groups() if group and group.lower().replace("-", " ") != kind]
            names = [word.lower() for group in said for word in _WORDS.findall(group)]
            return _Wanted(_CONSTRAINS[kind], frozenset(names), names[-1]) if kind and names else None
    return None


def _is_of_schema(file: FileDiff) -> bool:
    path, old = file.path, file.old_path
    return path.endswith(".sql") or is_migration(path) or (old != path and is_migration(old))


def _said(files: Iterable[FileDiff], message: str) -> Iterator[tuple[str, str]]:
    """Triggers raise by words of their own, which no code of the service has: a text of several words."""
    for file in files:
        texts = (match[1] for h in file.hunks for _, line in h.added[:_MOST_LINES] for match in _TEXT.finditer(line))
        yield from ((text, file.path) for text in texts if " " in text.strip() and text in message)


def _found(files: Iterable[FileDiff], wanted: _Wanted) -> Iterator[tuple[float, str, str, str]]:
    """Nats, the path, the name, and what the migration has to do with it."""
    for file in files:
        lines = [line.lower() for hunk in file.hunks for _, line in hunk.added[:_MOST_LINES]]
        places = [place for place, line in enumerate(lines) if wanted.telling in _words(line)]
        if any(_does(wanted, lines, place) for place in places):
            yield DONE, file.path, wanted.telling, f"The migration {file.path} drops, renames or constrains"
        elif places:
            yield NAMED, file.path, wanted.telling, f"The migration {file.path} has"
        # The tools run migrations in the order of their names: one under another name is run at another time, or not.
        elif file.renamed_file or file.deleted_file:
            own = wanted.names & _words(re.sub(r"[_\-./]|\d+", " ", file.old_path.lower()))
            did = f"{'Deletes' if file.deleted_file else 'Renames'} the migration {file.old_path}, whose name has"
            yield from ((DONE, file.path, name, did) for name in sorted(own)[:1] if wanted.does is _TAKES_AWAY)


def _does(wanted: _Wanted, lines: list[str], place: int) -> bool:
    """In the line that has the name, or near: a statement may have several."""
    return any(wanted.does.search(line) for line in lines[max(0, place - _NEAR) : place + _NEAR + 1])


def _words(text: str) -> set[str]:
    return set(_WORDS.findall(text))
