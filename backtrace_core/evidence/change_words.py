"""The words of one change, by where they stand: in paths, in changed lines, in the title, in what it closes."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from backtrace_core import at_hand
from backtrace_core.evidence.file_kinds import is_product_code, is_written_elsewhere
from backtrace_core.evidence.layout import beneath
from backtrace_core.model import Change, FileDiff
from backtrace_core.spelling import Spelled, spelled
from backtrace_core.words import is_identifier, spelled_words, stems_in, tokens, without_urls

PATH, CODE, TITLE, WORK_ITEM, DESCRIPTION = "path", "code", "title", "work item", "description"
FIELDS = (PATH, TITLE, WORK_ITEM, CODE, DESCRIPTION)
_LINES_PER_FILE = 2000
_LINE, _TEXT = 500, 20_000
_BROKEN_WORD = re.compile(r"\w{1,200}\Z")
_OPENING = 3000
_TITLE_COUNTS = 2
_FILES = 300
"""More of one change are read for no words: a move of a whole tree would be about everything."""

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """``counts``: by field, how often it has each word (stems). ``path`` and ``code`` say which file has it first.

    ``identifiers``: whole names of code that runs, lower case -> (as written, file). Whole tokens in lower case are
    ``tokens`` of its prose, ``in_code`` of its changed lines, ``files`` its files with and without their folders.
    ``places``: its files, and the folders above them. ``spelled``: how its prose is spelled, ``prose`` the words that
    this goes by, each once.
    """

    counts: Mapping[str, Counts]
    path: Mapping[str, str]
    code: Mapping[str, str]
    identifiers: Mapping[str, tuple[str, str]]
    in_code: frozenset[str]
    tokens: frozenset[str]
    files: frozenset[str]
    places: frozenset[str]
    spelled: Spelled = field(compare=False)
    prose: tuple[str, ...]

    @property
    def title(self) -> Counts:
        return self.counts[TITLE]

    @property
    def work_item(self) -> Counts:
        return self.counts[WORK_ITEM]

    def names(self, name: str) -> bool:
        """Whether it has that whole name, lower case: in its prose, its code, its paths."""
        return name in self.tokens or name in self.in_code or name in self.files

    def all_names(self) -> set[str]:
        return {*self.tokens, *self.in_code, *self.files}

    def all(self) -> set[str]:
        return {word for words in self.counts.values() for word in words}

    def shares_with(self, other: ChangeWords) -> bool:
        """Whether both have a word."""
        pairs = product(self.counts.values(), other.counts.values())
        return any(not own.keys().isdisjoint(theirs) for own, theirs in pairs)


def change_words(change: Change, layout: frozenset[str] = frozenset()) -> ChangeWords:
    """Vendored and generated files are left out, and the folders of the ``layout``.

    Tests and docs are read: they break nothing, but say what the change is about. Remembered, since the same changes
    are weighed before and after their diffs are read, and again at the next alert.
    """
    items = " ".join(item.title for item in change.work_items)
    return _words_of(_Said(change.title, _cut(change.description, _TEXT), items, change.files[:_FILES]), layout)


@dataclass(frozen=True, slots=True)
class _Said:
    title: str
    description: str
    items: str
    files: tuple[FileDiff, ...]


class _Found:
    """Words counted, and the file that has each first."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: dict[str, str] = {}

    def add(self, words: Sequence[str], path: str) -> None:
        self.counts.update(words)
        for word in words:
            self.first.setdefault(word, path)


class _InCode(_Found):
    """Of changed lines also whole names."""

    def __init__(self) -> None:
        super().__init__()
        self.identifiers: dict[str, tuple[str, str]] = {}
        self.written: set[str] = set()

    def read(self, file: FileDiff) -> None:
        text = "\n".join(_lines(file))
        self.add(stems_in(text), file.path)
        for name in tokens(text):
            if (lower := name.lower()) not in self.written:
                self.written.add(lower)
            if is_identifier(name) and is_product_code(file):
                self.identifiers.setdefault(lower, (name, file.path))


@lru_cache(maxsize=at_hand.CHANGES)
def _words_of(change: _Said, layout: frozenset[str]) -> ChangeWords:
    in_paths, in_code = _Found(), _InCode()
    read = [file for file in change.files if not (file.generated or is_written_elsewhere(file.path))]
    for file in read:
        for name in paths_of(file):
            in_path = _words_of_path(beneath(name, layout))
            in_paths.add(in_path, file.path)
        in_code.read(file)
    paths = [path for file in read for path in paths_of(file)]
    prose = _spoken(change)
    said = ((name, Counter(stems_in(text))) for name, text in _prose(change))
    return ChangeWords(
        # The garbage collector walks what is in a Counter, but not plain words and numbers in a dict.
        counts={name: dict(counts) for name, counts in ((PATH, in_paths.counts), (CODE, in_code.counts), *said)},
        path=in_paths.first,
        code=in_code.first,
        identifiers=in_code.identifiers,
        in_code=frozenset(in_code.written),
        tokens=frozenset(token.lower() for token in tokens(f"{change.title} {change.description}")),
        files=frozenset(name for path in paths for name in _file_names(path.lower())),
        places=frozenset(place for path in paths for place in places_of(path)),
        spelled=spelled(prose),
        prose=tuple(map(sys.intern, prose)),
    )


def _spoken(change: _Said) -> Mapping[str, int]:
    """The words of its prose as :func:`spelled_words` finds them, with how often each counts."""
    counts = Counter(word for text in (change.title, change.items) for word in spelled_words(text))
    twice = {word: _TITLE_COUNTS * count for word, count in counts.items()}
    return Counter(spelled_words(_opening(change.description))) + Counter(twice)


def _opening(description: str) -> str:
    """What a description says first, without links: further down stand checklists."""
    return without_urls(description[:_OPENING])


def _prose(change: _Said) -> tuple[tuple[str, str], ...]:
    return (TITLE, change.title), (WORK_ITEM, change.items), (DESCRIPTION, change.description)


def _file_names(path: str) -> tuple[str, str]:
    return path, path.rpartition("/")[2]


@lru_cache(maxsize=at_hand.PATHS)
def places_of(path: str) -> tuple[str, ...]:
    """The file, then the folders above it, each with a ``/`` at its end."""
    found, folder = [path], path
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        found.append(f"{folder}/")
    return tuple(found)


def paths_of(file: FileDiff) -> tuple[str, ...]:
    """Of a renamed file both: an alert may be of the version before, and what left its old place fails there."""
    return (file.path, file.old_path) if file.renamed_file and file.old_path != file.path else (file.path,)


@lru_cache(maxsize=at_hand.PATHS)
def _words_of_path(path: str) -> tuple[str, ...]:
    """Without the file's ending."""
    return tuple(stems_in(path.rpartition(".")[0] or path))


def _cut(text: str, most: int) -> str:
    """Not within a word: the beginning of ``properties`` is no ``proper``."""
    return text if len(text) <= most else _BROKEN_WORD.sub("", text[: most + 1])[:most]


def _lines(file: FileDiff) -> Iterator[str]:
    """Headings (the function around a hunk) and changed lines, capped: a huge diff matches everything by chance."""
    left = _LINES_PER_FILE
    for hunk in file.hunks:
        yield hunk.heading
        for _, text in (*hunk.added, *hunk.removed):
            if left == 0:
                return
            left -= 1
            yield _cut(text, _LINE)
