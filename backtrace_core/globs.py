"""Names with ``*``, ``?`` or ``[…]`` in them, as settings and scopes have them: ``production/*``, ``web-*``."""

from __future__ import annotations

from fnmatch import fnmatchcase

_SIGNS = frozenset("*?[")


def is_glob(name: str) -> bool:
    return not _SIGNS.isdisjoint(name)


def matches(pattern: str, name: str) -> bool:
    """In any case of letters; ``*`` stands for slashes too."""
    return fnmatchcase(name.lower(), pattern.lower())


def literal_start(pattern: str) -> str:
    """What stands before the first sign: ``production/`` of ``production/*``."""
    return next((pattern[:at] for at, char in enumerate(pattern) if char in _SIGNS), pattern)
