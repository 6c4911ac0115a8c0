"""Which path of the repository a stack frame means: the one that shares the longest end with what the trace printed.

Traces print the container's absolute paths, bundlers' URLs, packages without the source folder, or a bare file name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import unquote

from backtrace_core import at_hand
from backtrace_core.model import Frame
from backtrace_core.words import is_file

Parts = tuple[str, ...]

_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]+)://?", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:(?=[/\\])")
_WITH_AUTHORITY = re.compile(r"^(https?|file|webpack(-internal)?|ng|vite|turbopack)$", re.IGNORECASE)
"""Schemes whose first part is a host or the bundle's name; ``app://`` has none (docs.sentry.io: source maps)."""
_MODULE = re.compile(r"^\w+(\.\w+)+(\$\w+)*$")
_JVM = re.compile(r"\.(java|kt|scala|groovy)$")

# Where images put a service: the conventions of the official images, of Heroku, Lambda and GitLab's own runner. A `*`
# is the folder that each service calls otherwise.
_ROOTS: tuple[Parts, ...] = (
    ("usr", "src", "app"),
    ("usr", "src", "*"),
    ("usr", "src"),
    ("usr", "local", "app"),
    ("usr", "share", "nginx", "html"),
    ("var", "www", "html"),
    ("var", "www", "*"),
    ("var", "www"),
    ("var", "task"),
    ("srv", "*"),
    ("srv",),
    ("opt", "*"),
    ("opt",),
    ("home", "*", "*"),
    ("home", "*"),
    ("builds", "*", "*"),
    ("go", "src", "*", "*", "*"),
    ("app",),
    ("code",),
    ("workspace",),
    ("src",),
)
_OTHERS: tuple[Parts, ...] = (
    ("site-packages",),
    ("dist-packages",),
    ("node_modules",),
    ("gems",),
    ("pkg", "mod"),
    (".cargo", "registry"),
    ("rustc",),
    ("vendor", "bundle"),
    ("usr", "lib"),
    ("usr", "local", "go"),
    ("lib", "python3*"),
)
"""Where installers and runtimes put other people's code."""
_FOLDER_AND_NAME = 2


def same_file(printed: str, path: str) -> bool:
    """Whether a trace's file can be that path of the repository."""
    return _shared(printed, path) > 0


def is_own(printed: str) -> bool:
    """False for files of libraries and runtimes, as far as their folders say so."""
    return bool(printed) and _foreign_from(_folded(printed)) is None and not printed.startswith(("<", "node:"))


def inside_library(printed: str) -> str | None:
    """The path below the folder where an installer put a library; None for own code."""
    parts = _folded(printed)
    start = _foreign_from(parts)
    if start is None:
        return None
    mark = next(mark for mark in _OTHERS if _is_at(parts, start, mark))
    return "/".join(parts_of(printed)[start + len(mark) :])


def stripped(printed: str) -> tuple[str, ...]:
    """The paths below the folders in which images keep services, the shortest first; the whole one where none fits.

    Only a guess at the path in the repository: nothing here knows what the repository has.
    """
    parts = parts_of(printed)
    found = sorted({parts[length:] for length in _root_lengths(printed)}, key=len)
    return tuple("/".join(rest) for rest in found or [parts] if len(rest) >= _FOLDER_AND_NAME)


class KnownPaths:
    """The paths that a repository is known to have. ``renamed``: old path -> the path that it has now."""

    def __init__(self, paths: Iterable[str], renamed: Mapping[str, str] | None = None) -> None:
        self._now = dict(renamed or {})
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in dict.fromkeys((*paths, *self._now)):
            self._by_name[_stem(_known(path)[-1:])].append(path)

    def of(self, frame: Frame) -> tuple[str, ...]:
        """The paths that the frame may mean: those with the longest shared end. More than one is an ambiguity."""
        named = self._by_name.get(_stem(_folded(frame.file)[-1:]), ())
        found = [(_closeness(frame, path), path) for path in named if same_file(frame.file, path)]
        closest = max((closeness for closeness, _ in found), default=None)
        return tuple(dict.fromkeys(self._now.get(path, path) for closeness, path in found if closeness == closest))


def _closeness(frame: Frame, path: str) -> tuple[int, bool]:
    """Parts of the shared end, then whether the path has no more than these."""
    known = _known(path)
    shared = _common(_qualified(frame), known)
    return shared, shared == len(known)


def _shared(printed: str, path: str) -> int:
    """How many parts of their ends are the same; 0 where it must be another file.

    One of both is wholly the end of the other. What a container's folder precedes may lie deeper in the repository,
    but then a folder has to agree as well: every service has an ``index.js``.
    """
    frame, known = _folded(printed), _known(path)
    if not frame or not known or _is_foreign_to(printed, known):
        return 0
    shared = _common(frame, known)
    rest = min((len(frame) - length for length in _root_lengths(printed)), default=len(frame))
    enough = len(frame) if len(frame) == rest else max(_FOLDER_AND_NAME, rest)
    return shared if shared and (shared == len(known) or shared >= enough) else 0


def _is_foreign_to(printed: str, known: Parts) -> bool:
    """Code of libraries is only the repository's where the library lies in the repository, folder and all."""
    frame = _folded(printed)
    start = _foreign_from(frame)
    if start is None:
        return False
    inside = frame[start:]
    return known[-len(inside) :] != inside


def _common(one: Parts, other: Parts) -> int:
    if "." not in one[-1]:
        # Module and class names lack the file's ending.
        other = (*other[:-1], _stem(other[-1:]))
    length = 0
    for mine, theirs in zip(reversed(one), reversed(other), strict=False):
        if mine != theirs:
            break
        length += 1
    return length


def _stem(last: Parts) -> str:
    return last[0].partition(".")[0] if last else ""


def _qualified(frame: Frame) -> Parts:
    """The JVM prints a file's bare name; the package stands before the class: ``com.acme.Cart.close``."""
    parts = _folded(frame.file)
    if len(parts) != 1 or not frame.function or not _JVM.search(frame.file):
        return parts
    package = [word for word in frame.function.rpartition("/")[2].split(".")[:-1] if word[:1].islower()]
    return (*(word.lower() for word in package), *parts)


@lru_cache(maxsize=2_000)
def parts_of(printed: str) -> Parts:
    """Folders and name as written, without scheme, host, query and drive."""
    text = unicodedata.normalize("NFC", printed.strip())
    scheme = _SCHEME.match(text)
    if scheme is not None:
        text = unquote(re.split(r"[?#]", text[scheme.end() :], maxsplit=1)[0])
        if scheme[0].endswith("//") and _WITH_AUTHORITY.match(scheme[1]):
            text = text.partition("/")[2]
    text = _DRIVE.sub("", text)
    if "/" not in text and "\\" not in text and _MODULE.match(text) and not is_file(text):
        text = text.partition("$")[0].replace(".", "/")
    return tuple(part for part in text.replace("\\", "/").split("/") if part not in ("", ".", "..", "~"))


@lru_cache(maxsize=2_000)
def _folded(printed: str) -> Parts:
    return tuple(part.lower() for part in parts_of(printed))


@lru_cache(maxsize=at_hand.PATHS)
def _known(path: str) -> Parts:
    """Of a path in the repository, which is never anything but folders and a name."""
    return tuple(unicodedata.normalize("NFC", path).lower().split("/"))


@lru_cache(maxsize=2_000)
def _root_lengths(printed: str) -> tuple[int, ...]:
    """How many parts at the beginning of an absolute path may be the container's."""
    if not printed.lstrip().startswith(("/", "file:", "app:")) and not _DRIVE.match(printed):
        return ()
    parts = _folded(printed)
    return tuple(len(root) for root in _ROOTS if len(root) < len(parts) and _is_at(parts, 0, root))


@lru_cache(maxsize=2_000)
def _foreign_from(parts: Parts) -> int | None:
    """Where the last folder of other people's code begins."""
    starts = range(len(parts) - 1, -1, -1)
    return next((start for start in starts if any(_is_at(parts, start, mark) for mark in _OTHERS)), None)


def _is_at(parts: Parts, start: int, pattern: Parts) -> bool:
    there = parts[start : start + len(pattern)]
    return len(there) == len(pattern) and all(map(fnmatchcase, there, pattern))
