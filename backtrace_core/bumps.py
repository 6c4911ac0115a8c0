"""Which versions of dependencies a change takes, read from the lines of manifests and lock files.

One line says it, or it is not read: the hunks have no lines around them, so that a bare ``version = "1.5.0"`` of a lock
file names nothing. Most lock files do name the package once more, in the address of the archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.model import Bump, FileDiff, Library

_LONGEST_LINE, _MOST_LINES = 500, 5_000

_NAME = r"(@?[A-Za-z0-9][\w./-]{0,120})"
_VERSION = r"v?(\d{1,9}[\w.+-]{0,60})"
_REQUIREMENT = re.compile(
    rf"^[\s\"'-]*([A-Za-z0-9][\w.-]{{0,120}})(?:\[[\w, -]{{0,80}}\])?\s*(?:[=~>]=|===)\s*{_VERSION}"
)
_KEYED = re.compile(rf"^\s*[\"']?{_NAME}[\"']?\s*[:=]\s*(?:\{{\s*version\s*=\s*)?[\"'][\^~>=\s]*{_VERSION}[\"']")
_GO = re.compile(rf"^\s*(?:require\s+)?([\w.-]{{1,80}}/[\w./-]{{1,160}})\s+{_VERSION}")
_GEM_LOCK = re.compile(rf"^\s{{4,8}}([A-Za-z0-9][\w.-]{{0,120}}) \({_VERSION}\)\s*$")
_GEM = re.compile(rf"^\s*gem\s+[\"']([\w.-]{{1,120}})[\"']\s*,\s*[\"'][~>=\s]*{_VERSION}[\"']")
_MAVEN = re.compile(rf"<([A-Za-z][\w.-]{{0,120}})\.version>\s*{_VERSION}\s*</")
_GRADLE = re.compile(rf"[\"'][\w.-]{{1,120}}:([\w.-]{{1,120}}):{_VERSION}[\"']")
_IMAGE = re.compile(
    rf"^\s*(?:-\s*)?(?:FROM\s+(?:--\S+\s+)?|image:\s*[\"']?)([\w./:-]{{1,200}}?):{_VERSION}(?=[\s\"'@]|$)"
)
_WHEEL = re.compile(rf"([A-Za-z0-9][\w.]{{0,120}})-{_VERSION}-[\w.]{{1,40}}-[\w.]{{1,40}}-[\w.]{{1,80}}\.whl\b")
_SOURCE = re.compile(rf"([A-Za-z0-9][\w.-]{{0,120}})-{_VERSION}\.(?:tar\.gz|zip)\b")
_TARBALL = re.compile(rf"((?:@[\w.-]{{1,80}}/)?[\w.-]{{1,120}})/-/[\w.-]{{1,120}}?-{_VERSION}\.tgz\b")

_BY_NAME: tuple[tuple[re.Pattern[str], tuple[re.Pattern[str], ...]], ...] = (
    (re.compile(r"(?:requirements|constraints)[\w.-]*\.(?:txt|in)$"), (_REQUIREMENT,)),
    (re.compile(r"^pyproject\.toml$|^Pipfile$"), (_REQUIREMENT, _KEYED)),
    (re.compile(r"^(?:poetry|uv|pdm)\.lock$"), (_WHEEL, _SOURCE)),
    (re.compile(r"^(?:package|composer)\.json$|^Cargo\.toml$"), (_KEYED,)),
    (re.compile(r"^package-lock\.json$|^yarn\.lock$|^npm-shrinkwrap\.json$"), (_TARBALL, _KEYED)),
    (re.compile(r"^go\.mod$"), (_GO,)),
    (re.compile(r"^Gemfile\.lock$"), (_GEM_LOCK,)),
    (re.compile(r"^Gemfile$"), (_GEM,)),
    (re.compile(r"^pom\.xml$"), (_MAVEN,)),
    (re.compile(r"^build\.gradle(?:\.kts)?$"), (_GRADLE,)),
    (re.compile(r"Dockerfile|^values[\w.-]*\.ya?ml$|^(?:docker-)?compose[\w.-]*\.ya?ml$"), (_IMAGE,)),
)
_NO_PACKAGE = frozenset(("version", "python", "node", "go", "php", "rust-version", "lockfileversion"))


def bumps_of(file: FileDiff) -> tuple[Bump, ...]:
    """Each package whose version changed, once, in the order of the lines. Of an unknown kind of file none."""
    patterns = _patterns(file.path)
    if not patterns:
        return ()
    old = {key: version for key, _, version, _ in _said((line for h in file.hunks for line in h.removed), patterns)}
    found: dict[str, Bump] = {}
    for key, package, version, line in _said((line for hunk in file.hunks for line in hunk.added), patterns):
        if key in old and old[key] != version:
            found.setdefault(key, Bump(package, old[key], version, file.path, line))
    return tuple(found.values())


def has_bumps(path: str) -> bool:
    """Whether a file of that name says which versions of packages are taken."""
    return bool(_patterns(path))


# The same paths are looked at in each change, and again at the next alert.
@lru_cache(maxsize=at_hand.PATHS)
def _patterns(path: str) -> tuple[re.Pattern[str], ...]:
    name = path.rpartition("/")[2]
    return next((found for kind, found in _BY_NAME if kind.search(name)), ())


def library_of(bump: Bump, libraries: Iterable[Library]) -> Library | None:
    """The library of that package; ``_``, ``.`` and ``-`` and the case of letters make no difference (PEP 503).

    Packages that are named by an address, as Go's and images are, may be given whole or from any ``/`` on.
    """
    name = same_package(bump.package)
    return next((one for one in libraries if f"/{name}".endswith(f"/{same_package(one.package)}")), None)


def _said(
    lines: Iterable[tuple[int, str]], patterns: tuple[re.Pattern[str], ...]
) -> Iterator[tuple[str, str, str, int]]:
    """What lines say: the package as it is compared and as it is written, the version, the line's number."""
    for place, (number, text) in enumerate(lines):
        if place >= _MOST_LINES:
            return
        match = next((found for pattern in patterns if (found := pattern.search(text[:_LONGEST_LINE]))), None)
        if match is not None and same_package(match[1]) not in _NO_PACKAGE:
            yield same_package(match[1]), match[1], match[2], number


def same_package(package: str) -> str:
    """A package's name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package).lower()
