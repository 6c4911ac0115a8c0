"""The error says that a file or a module is missing, and the change moved or deleted it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from posixpath import basename, splitext

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_settings
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Evidence, Family, FileDiff
from backtrace_core.raised import Raised

RULE = "moved_file"
WEIGHT = 7.0
"""Believed: who asks for what is gone finds it gone, and the line that asked is no cause."""
BY_WORD, SETTINGS = 4.5, 4.5
"""Where the error has no more than the file's bare name; where it misses a setting, and settings were moved."""
_SHORTEST = 4
_QUOTED = re.compile(r"['\"`]([^'\"`\n]{2,200})['\"`]")
_PATH = re.compile(r"[\w@~./\\-]{3,200}")
_MISSES = re.compile(
    r"(?:^|: *)(?:no|unknown|missing) (?:such )?(?:file|module|task|job|handler|template|view|command|plugin)\b"
    r"|no such (?:file|module)|no module named|cannot find (?:module|package)|file not found",
    re.IGNORECASE,
)
"""Not ``no response from``, ``is missing``: what of the program itself is not there."""
_NO_SETTING = re.compile(
    r"\bno (?:section|option|setting|configuration)|(?:missing|undefined|unknown) (?:section|option|setting|config)"
    r"|\bNo(?:Section|Option)Error|ImproperlyConfigured",
    re.IGNORECASE,
)


def moved_file(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    found = max(_found(candidate.change.files, context.raised), default=None)
    if found is None:
        return None
    weight, old, path, missing = found
    verb = "Moves" if path != old else "Deletes"
    says = f"{verb} {old}, and {context.teller} says that {missing} is missing"
    return Evidence(RULE, weight, says, file_url(candidate.change, path), Family.PLACE)


def _found(files: tuple[FileDiff, ...], raised: Raised) -> Iterator[tuple[float, str, str, str]]:
    for file in files:
        if not (file.deleted_file or (file.renamed_file and file.old_path != file.path)):
            continue
        old = file.old_path
        named = next((name for name in _names(raised.message) if _means(name, old)), None)
        stem = basename(splitext(old)[0])
        if named is not None and raised.not_there:
            yield WEIGHT, old, file.path, named
        elif len(stem) >= _SHORTEST and _last_word(raised.message, stem):
            yield BY_WORD, old, file.path, f'"{stem}"'
        elif is_settings(old) and _NO_SETTING.search(raised.message):
            yield SETTINGS, old, file.path, "a setting"


# Each candidate is held against the same alert.
@lru_cache(maxsize=16)
def _names(message: str) -> tuple[str, ...]:
    quoted = [match[1] for match in _QUOTED.finditer(message)]
    paths = [match[0] for match in _PATH.finditer(message) if "/" in match[0] or "." in match[0]]
    return tuple(dict.fromkeys(name.strip(" .") if name.endswith(".") else name.strip() for name in (*quoted, *paths)))


def _means(name: str, path: str) -> bool:
    """``./handlers/baskets``, ``worker.handlers.thumbnails``, ``/srv/app/config.json``: from some folder on."""
    written = re.sub(r"^(?:\.{0,2}/|@/|~/)+", "", name.replace("\\", "/"))
    forms = (written, written.replace(".", "/")) if "/" not in written else (written,)
    known = (path, splitext(path)[0])
    return any(form and _ends(one, form) for form in forms for one in known)


def _ends(one: str, other: str) -> bool:
    """Whether the longer of two paths ends with the shorter, which is more than a word or has an ending."""
    short, long = sorted((one, other), key=len)
    telling = "/" in short or "." in short
    return telling and (long == short or long.endswith(f"/{short}"))


def _last_word(message: str, word: str) -> bool:
    """Whether a line says that a file or such is not there, and ends with the word: ``no task of the kind x``."""
    own = rf"['\"`]?{re.escape(word)}['\"`]?\.?\s*$"
    return any(_MISSES.search(line) and re.search(rf"[\s'\"`]{own}", line) for line in message.splitlines())
