"""What a derivation may look at, and what a claim is."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from backtrace_core.model import Alert, Candidate, Change, ChangeKind, Evidence, FileDiff, Harvest
from backtrace_core.words import FILLERS, stem

MOST_FILES, _MOST_LINES, _LONGEST_LINE, _LONGEST_TEXT = 300, 2000, 500, 20_000
"""Of one change so many are read for words, of one file so many lines: what was not read is known of nobody."""
_PART = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_UNSPACED = re.compile(
    r"[\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]+"
)
"""Scripts that put no blank between words."""

_ABOUT_ANOTHER = re.compile(
    r"\W*(?:revert|back(?:ing|ed|s)? ?out|roll(?:ing|ed|s)? ?back|re-?land|re-?appl(?:y|ies))", re.IGNORECASE
)
_LOCKS = re.compile(
    r"(^|/)(vendor|vendored|third[_-]party|node_modules|bower_components|Pods|Carthage)/|\.min\.(js|css)$|\.map$"
    r"|(^|/)dist/[^/]+\.js$|(^|/)(go\.sum|Package\.resolved)$|_pb2(_grpc)?\.pyi?$|\.pb\.go$"
    r"|(^|/)(uv|poetry|pdm|yarn|bun|Cargo|Gemfile|composer|Podfile|pubspec|Pipfile|deno|gradle|mix|flake)\.lock\w*$"
    r"|(^|/)(npm-shrinkwrap|package-lock|packages\.lock)\.json$|(^|/)pnpm-lock\.yaml$"
)


class Known:
    """The known changes of the project, each read once. ``changes``: by key."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes = {change.key: change for change in changes}
        self.by_label = {name: change for change in self.changes.values() for name in (change.key, change.label)}
        self._words: dict[str, frozenset[str]] = {}
        self._speaking: dict[str, tuple[str, ...]] = {}

    def words(self, key: str) -> frozenset[str]:
        if key not in self._words:
            self._words[key] = frozenset(words_of(text_of(self.changes[key])))
        return self._words[key]

    def speaking(self, text: str) -> tuple[str, ...]:
        """The keys of those that have words of a text, the one with most of them first. What takes another change back,
        or brings it again, is about that.
        """
        if text not in self._speaking:
            asked = frozenset(words_of(text))
            counts = {
                k: len(asked & self.words(k)) for k, c in self.changes.items() if not _ABOUT_ANOTHER.match(c.title)
            }
            self._speaking[text] = tuple(sorted((k for k in counts if counts[k]), key=lambda k: (-counts[k], k)))
        return self._speaking[text]

    def touching(self, place: str) -> tuple[Change, ...]:
        """The changes that touch a file, or something below a folder, which has a ``/`` at its end."""
        return self._at.get(place, ())

    @cached_property
    def _at(self) -> Mapping[str, tuple[Change, ...]]:
        found: dict[str, list[Change]] = {}
        for change in self.changes.values():
            for place in _places_of(change):
                found.setdefault(place, []).append(change)
        return {place: tuple(several) for place, several in found.items()}


def _places_of(change: Change) -> set[str]:
    paths = [path for f in change.files[:MOST_FILES] if is_written_here(f) for path in paths_of(f)]
    return {path[:end] for path in paths for end in (len(path), *(at.end() for at in re.finditer("/", path)))}


def is_about_another(title: str) -> bool:
    """Whether it takes another change back, or brings it again."""
    return bool(_ABOUT_ANOTHER.match(title))


@dataclass(frozen=True)
class Given:
    """One fact, whose it is said to be, and all that is known. ``candidates``: all, the one that is looked at too."""

    fact: Evidence
    candidate: Candidate
    candidates: tuple[Candidate, ...]
    alert: Alert
    harvest: Harvest
    known: Known

    @property
    def change(self) -> Change:
        return self.candidate.change

    @cached_property
    def asked(self) -> str:
        """All that the alert says."""
        return "\n".join((self.alert.title, self.alert.text, *self.alert.error_terms))

    def file(self, path: str) -> FileDiff | None:
        """With all its hunks: where a link became a file, git tells of it twice."""
        several = [file for file in self.change.files if file.path == path]
        return replace(several[0], hunks=tuple(h for file in several for h in file.hunks)) if several else None


Said = Mapping[str, str]
"""The printed elements of a sentence, by the names that its form gives them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``form``: how the sentence goes, each printed element in a group with a name. ``holds``: whether these are so.
    ``links``: the pages that show it.
    """

    form: re.Pattern[str]
    holds: Callable[[Said, Given], bool]
    links: Callable[[Said, Given], Iterable[str]]


def claim(
    form: str,
    holds: Callable[[Said, Given], bool],
    links: Callable[[Said, Given], Iterable[str]] = lambda _, given: (given.change.url,),
) -> Claim:
    """``{teller}`` and ``{Teller}`` in the form stand for who says it."""
    tellers = {"{teller}": "(?P<teller>the alert|the question)", "{Teller}": "(?P<teller>The alert|The question)"}
    for mark, group in tellers.items():
        form = form.replace(mark, group)
    return Claim(re.compile(form, re.DOTALL), holds, links)


def at_file(said: Said, given: Given) -> tuple[str, ...]:
    """The change's page at the file that the sentence names."""
    return (page_at(given.change, said["path"]),)


def page_at(change: Change, path: str) -> str:
    """GitLab's anchor of a file in a diff is the SHA-1 of its path."""
    anchor = hashlib.sha1(path.encode(errors="replace"), usedforsecurity=False).hexdigest()
    return f"{change.url}{'/diffs' if change.kind is ChangeKind.MERGE_REQUEST else ''}#{anchor}"


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def stands(name: str, text: str, *, any_case: bool = False) -> bool:
    """As a whole: not as a part of a longer word."""
    own, there = composed(name), composed(text)
    if any_case:
        own, there = own.lower(), there.lower()
    return bool(own) and re.search(rf"(?<!\w){re.escape(own)}(?!\w)", there) is not None


@lru_cache(maxsize=50_000)
def words_of(text: str) -> tuple[str, ...]:
    """Stems in their order, the parts of names apart, without the commonest words of English."""
    pieces = (piece for part in _PART.findall(composed(text)) for piece in _pieces(part))
    return tuple(
        found for piece in pieces if (found := stem(piece)) not in FILLERS and (len(piece) > 1 or not piece.isascii())
    )


def _pieces(part: str) -> Iterator[str]:
    if part.isascii():
        yield from _CAMEL.findall(part)
        return
    start = 0
    for run in _UNSPACED.finditer(part):
        if part[start : run.start()]:
            yield from _pieces_apart(part[start : run.start()])
        yield from (run[0][at : at + 2] for at in range(max(1, len(run[0]) - 1)))
        start = run.end()
    if part[start:]:
        yield from _pieces_apart(part[start:])


def _pieces_apart(piece: str) -> Iterator[str]:
    yield from _CAMEL.findall(piece) if piece.isascii() else (piece,)


def writes(word: str, text: str) -> bool:
    """Letter by letter but for capitals, as a word or a part of a name."""
    return word.lower() in {piece.lower() for part in _PART.findall(composed(text)) for piece in _pieces(part)}


def has_word(word: str, text: str) -> bool:
    """Inflected or not."""
    wanted = set(words_of(word))
    return bool(wanted) and wanted <= set(words_of(text))


def lines_of(file: FileDiff) -> list[str]:
    """All that were added or taken away."""
    return [text for hunk in file.hunks for _, text in (*hunk.added, *hunk.removed)]


def code_of(file: FileDiff) -> str:
    """Its changed lines, and what stands around them as the diff tells it."""
    return "\n".join((*(hunk.heading for hunk in file.hunks), *lines_of(file)))


def paths_of(file: FileDiff) -> tuple[str, ...]:
    return (file.path, file.old_path) if file.old_path else (file.path,)


def text_of(change: Change) -> str:
    """All that is known of its words: what people wrote, its paths, its lines."""
    files = [file for file in change.files[:MOST_FILES] if is_written_here(file)]
    paths = (path.rpartition(".")[0] or path for file in files for path in paths_of(file))
    items = (item.title for item in change.work_items)
    return "\n".join((change.title, change.description[:_LONGEST_TEXT], *items, *paths, *map(_read_of, files)))


def _read_of(file: FileDiff) -> str:
    """As far as it is read: the hunks with the first lines. Of a long line the beginning, as far as its words are
    whole.
    """
    read: list[str] = []
    left = _MOST_LINES
    for hunk in file.hunks:
        lines = [text for _, text in (*hunk.added, *hunk.removed)]
        read += (hunk.heading, *lines[:left])
        left -= len(lines)
        if left < 0:
            break
    return "\n".join(t if len(t) <= _LONGEST_LINE else t[:_LONGEST_LINE].rpartition(" ")[0] for t in read)


def is_written_here(file: FileDiff) -> bool:
    """Neither by tools nor by others."""
    return not file.generated and not _LOCKS.search(file.path)


def quoted(listed: str | None) -> list[str]:
    """``"a", "b" and "c"`` taken apart; of nothing none."""
    return re.findall(r'"([^"]+)"', listed or "")
