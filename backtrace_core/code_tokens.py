"""Lines of code as tokens, without comments: enough to tell whether two pieces of code are the same. No parser.

A diff has only lines, of files in many languages: what begins in a line above and is not shown is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

Tokens = tuple[str, ...]

_LONGEST_LINE = 500
_TOKEN = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`"  # texts
    r"|[A-Za-z_$][\w$]*|\d[\w.]*"  # names, numbers
    r"|=>|->|\*\*|\?\.|\?\?|&&|\|\||[=!<>]==?|[-+*/%]=|\S"
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*$")
_PYTHON = (".py", ".pyi")
_SCRIPT = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx")
_HASH = (*_PYTHON, ".rb", ".rake", ".sh", ".ex", ".exs", ".toml", ".yml", ".yaml", ".tf", ".ini", ".cfg", ".conf")
_SLASHES = (*_SCRIPT, ".java", ".kt", ".go", ".rs", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".swift", ".dart", ".php")
_DASHES = (".sql", ".lua", ".hs")
_FIRST_ONLY = (".ini", ".cfg", ".conf")
"""There a mark of a comment after a value is the value's."""
_DOCUMENTATION = re.compile(r"^\s*(\"\"\"|''')[A-Z][^\"'{}\\]*[.!?]\1\s*$")
_BLOCK = re.compile(r"^\s*/\*(?![!+])(?:(?!\*/).)*\*/\s*$")
_ORDERS = re.compile(
    r"#!|frozen_string_literal|coding[:=]|//\s*(?:go:|\+build)|@jsx|#\s*cython:|#\s*distutils:|syntax=|@(?:ts-|flow)"
)
"""Comments that tools take for orders."""
_OPENING, _CLOSING = {")": "(", "]": "[", "}": "{"}, (")", "]", "}")
_BEFORE_VALUES = frozenset(("return", "yield", "in", "and", "or", "not", "is", "if", "else", "assert", "await", "for"))


@dataclass(frozen=True, slots=True)
class Line:
    """``indent``: the blanks that it begins with."""

    indent: str
    tokens: Tokens


def code_of(lines: Iterable[str], path: str) -> tuple[Tokens, ...]:
    """The tokens of each line that has any; comments, and documentation on one line, are none. As far as they go."""
    return tuple(found for line in lines if (found := tokens_of(line, path)))


def tokens_of(line: str, path: str) -> Tokens:
    """Of one line. ``path`` says how its comments begin."""
    text = line[:_LONGEST_LINE]
    is_prose = (path.endswith(_PYTHON) and _DOCUMENTATION.match(text)) or (
        path.endswith(_SLASHES) and _BLOCK.match(text) and not _ORDERS.search(text)
    )
    if is_prose:
        return ()
    found: list[str] = []
    for match in _TOKEN.finditer(text):
        if _begins_comment(text, match.start(), path):
            break
        found.append(match[0])
    return tuple(found)


def surely(lines: Iterable[str], path: str) -> tuple[Line, ...] | None:
    """The lines that have code; None where that can't be told from these lines alone.

    That is so of a language that is not known, of a line that is cut off, of a text or a bracket that begins or ends in
    a line that is not shown.
    """
    several = tuple(lines)
    if not path.endswith((*_HASH, *_SLASHES, *_DASHES)) or any(len(line) > _LONGEST_LINE for line in several):
        return None
    found = tuple(
        Line(line[: len(line) - len(line.lstrip())], own) for line in several if (own := tokens_of(line, path))
    )
    flat = [piece for line in found for piece in line.tokens]
    unclosed = any(piece in "\"'`" for piece in flat) or any(a + b in ("/*", "*/") for a, b in pairwise(flat))
    adjacent = any(a[-1] == b[0] and b[0] in "\"'`" for a, b in pairwise(flat))
    return None if unclosed or adjacent or not _is_closed(flat) else found


def _is_closed(flat: Iterable[str]) -> bool:
    open_now: list[str] = []
    for piece in flat:
        if piece in _OPENING.values():
            open_now.append(piece)
        elif piece in _CLOSING and (not open_now or open_now.pop() != _OPENING[piece]):
            return False
    return not open_now


def laid_out(lines: Iterable[Line], path: str) -> Tokens:
    """One piece in which all that may mean something stands: the blanks before a line, and where it ends.

    Inside of brackets neither does, and a comma before the closing one is the layout's where there is another.
    """
    found: list[str] = []
    open_now: list[int] = []
    for line in lines:
        if not _is_free(found, open_now, path):
            found.append(f"\n{line.indent}")
        for piece in line.tokens:
            if piece in _CLOSING:
                _close(found, open_now.pop(), path)
            found.append(piece)
            if piece in _OPENING.values():
                open_now.append(len(found) - 1)
    return tuple(found)


def _is_free(found: list[str], open_now: list[int], path: str) -> bool:
    inside = found[open_now[-1]] if open_now else ""
    return inside in ("(", "[") or (inside == "{" and path.endswith(_PYTHON))


def _close(found: list[str], start: int, path: str) -> None:
    """Drop the comma at the end, of several in Python and JavaScript: ``(a,)`` is not ``(a)``."""
    if not path.endswith((*_PYTHON, *_SCRIPT)) or found[-1] != "," or found[start] == "{":
        return
    depth, commas = 0, 0
    for piece in found[start + 1 : -1]:
        depth += (piece in _OPENING.values()) - (piece in _CLOSING)
        commas += piece == "," and not depth
    before = found[start - 1] if start else ""
    is_call = found[start] == "(" and is_name(before) and before not in _BEFORE_VALUES
    if found[-2] not in (",", found[start]) and (commas or is_call):
        found.pop()


def joined(lines: Iterable[Tokens]) -> Tokens:
    """One piece, without what ends a line."""
    return tuple(piece for line in lines for piece in line if piece != ";")


def is_name(piece: str) -> bool:
    return _NAME.match(piece) is not None


def names_in(text: str) -> Iterator[str]:
    """The names in a line of code, also those inside of its texts."""
    yield from re.findall(r"[A-Za-z_$][\w$]*", text[:_LONGEST_LINE])


def _begins_comment(text: str, at: int, path: str) -> bool:
    """At the beginning of the line or after a blank: ``${name#old}`` and ``http://host`` have none."""
    before, rest = text[:at], text[at:]
    if before.strip() and (path.endswith(_FIRST_ONLY) or not before[-1].isspace()):
        return False
    if _ORDERS.search(rest):
        return False
    if path.endswith(_HASH):
        return rest.startswith("#")
    if path.endswith(_DASHES):
        return rest.startswith("-- ")
    return path.endswith(_SLASHES) and rest.startswith("//")
