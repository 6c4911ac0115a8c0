"""The lines that a change added to a migration, with their numbers, and how to look for things in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backtrace_core.model import FileDiff

MOST_LINES = 2_000
LONGEST_LINE = 1_000

_DROPS = re.compile(
    r"\bDROP\s+(TABLE|COLUMN)\b|\b(TRUNCATE)\b|\b(DELETE)\s+FROM\b"
    # `ALTER TABLE t DROP c`: the word COLUMN may be left out in most dialects.
    r"|\bALTER\s+TABLE\s+\S+\s+(DROP)\s+(?!CONSTRAINT|INDEX|KEY|PRIMARY|FOREIGN|CHECK|DEFAULT|NOT|IDENTITY)\w",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """What speaks against a migration's way back, and in which line."""

    why: str
    line: int


@dataclass(frozen=True, slots=True)
class Text:
    """``lines`` are (number, text) pairs; ``whole``: all of the file is in them. ``beside``: the change's paths."""

    path: str
    lines: tuple[tuple[int, str], ...]
    whole: bool
    beside: frozenset[str]

    def first(self, pattern: re.Pattern[str]) -> tuple[int, re.Match[str]] | None:
        """The first line in which it is found."""
        return next(self.every(pattern), None)

    def every(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
        for number, line in self.lines:
            found = pattern.search(line)
            if found is not None:
                yield number, found

    def part(self, start: re.Pattern[str], end: re.Pattern[str]) -> Text | None:
        """From the line after ``start`` to the one before ``end``; None where nothing begins so."""
        begun = self.first(start)
        if begun is None:
            return None
        after = [line for line in self.lines if line[0] > begun[0]]
        ends = next((n for n, (_, line) in enumerate(after) if end.search(line)), len(after))
        return Text(self.path, tuple(after[:ends]), self.whole, self.beside)

    def without(self, part: Text | None) -> Text:
        gone = {number for number, _ in part.lines} if part is not None else set()
        return Text(self.path, tuple(row for row in self.lines if row[0] not in gone), self.whole, self.beside)

    def call(self, line: int) -> str:
        """The text from a line on to the bracket that closes the first one opened there."""
        opened, said = 0, list[str]()
        for _, text in (row for row in self.lines if row[0] >= line):
            for at, mark in enumerate(text):
                opened += (mark in "([{") - (mark in ")]}")
                if mark in ")]}" and opened == 0:
                    return " ".join((*said, text[: at + 1]))
            said.append(text)
        return " ".join(said)


def text_of(file: FileDiff, beside: Iterable[str]) -> Text:
    """The added lines, without what stands behind ``#`` and ``--`` alone on a line."""
    added = [row for hunk in file.hunks for row in hunk.added][:MOST_LINES]
    kept = tuple((number, line[:LONGEST_LINE]) for number, line in added if not _is_comment(line))
    return Text(file.path, kept, file.new_file, frozenset(beside))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", "--", "//"))


def dropped_by_sql(text: Text) -> Iterator[Found]:
    """SQL that throws data away."""
    for number, found in text.every(_DROPS):
        what = next(group for group in found.groups() if group).upper()
        does = {"TABLE": "drops a table", "COLUMN": "drops a column", "DROP": "drops a column"}.get(
            what, "deletes rows"
        )
        yield lost(does, number)


def lost(does: str, line: int) -> Found:
    return Found(f"it {does}, and what was in there is lost", line)
