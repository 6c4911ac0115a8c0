"""The words of one change, by where they stand: in paths, in changed lines, in the title, in what it closes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.evidence.layout import beneath
from backtrace_core.model import Change, FileDiff
from backtrace_core.words import is_identifier, tokens, words_in

PATH, CODE, TITLE, WORK_ITEM, DESCRIPTION = "path", "code", "title", "work item", "description"
WEIGHTS = {PATH: 2.0, TITLE: 1.5, WORK_ITEM: 1.5, CODE: 1.2, DESCRIPTION: 0.6}
"""How much a shared word says, in nats, by where it stands."""
_LINES_PER_FILE = 2000
_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """``path`` and ``code`` say for a word which file has it first.

    ``identifiers``: whole names, lower case -> (as written, file).
    """

    path: Mapping[str, str]
    code: Mapping[str, str]
    identifiers: Mapping[str, tuple[str, str]]
    title: frozenset[str]
    work_item: frozenset[str]
    description: frozenset[str]

    def fields(self) -> Iterator[tuple[str, Iterable[str]]]:
        yield PATH, self.path
        yield CODE, self.code
        yield TITLE, self.title
        yield WORK_ITEM, self.work_item
        yield DESCRIPTION, self.description

    def all(self) -> set[str]:
        return {word for _, words in self.fields() for word in words}


def change_words(change: Change, layout: frozenset[str] = frozenset()) -> ChangeWords:
    """Tests, docs and generated files are left out: they break no production. So are the folders of the ``layout``."""
    path: dict[str, str] = {}
    code: dict[str, str] = {}
    identifiers: dict[str, tuple[str, str]] = {}
    for file in change.files:
        if is_product_code(file):
            for name in paths_of(file):
                _read(path, _words_of_path(beneath(name, layout)), file.path)
            text = "\n".join(_lines(file))
            _read(code, words_in(text), file.path)
            for name in filter(is_identifier, tokens(text)):
                identifiers.setdefault(name.lower(), (name, file.path))
    return ChangeWords(
        path=path,
        code=code,
        identifiers=identifiers,
        title=frozenset(words_in(change.title)),
        work_item=frozenset(word for item in change.work_items for word in words_in(item.title)),
        description=frozenset(words_in(change.description[:_TEXT])),
    )


def paths_of(file: FileDiff) -> tuple[str, ...]:
    """Of a renamed file both: an alert may be of the version before, and what left its old place fails there."""
    return (file.path, file.old_path) if file.renamed_file and file.old_path != file.path else (file.path,)


@lru_cache(maxsize=at_hand.PATHS)
def _words_of_path(path: str) -> tuple[str, ...]:
    """Without the file's ending."""
    return tuple(words_in(path.rpartition(".")[0] or path))


def _read(into: dict[str, str], words: Iterable[str], path: str) -> None:
    for word in words:
        into.setdefault(word, path)


def _lines(file: FileDiff) -> Iterator[str]:
    """Headings (the function around a hunk) and changed lines, capped: a huge diff matches everything by chance."""
    left = _LINES_PER_FILE
    for hunk in file.hunks:
        yield hunk.heading
        for _, text in (*hunk.added, *hunk.removed):
            if left == 0:
                return
            left -= 1
            yield text[:500]
