"""Lines of code as tokens, without comments: enough to tell whether two pieces of code are the same. No parser.

A diff has only lines, of files in many languages: what begins in a line above and is not shown is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Tokens = tuple[str, ...]

_LONGEST_LINE = 500
_TOKEN = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`"  # texts
    r"|[A-Za-z_$][\w$]*|\d[\w.]*"  # names, numbers
    r"|=>|->|\*\*|\?\.|\?\?|&&|\|\||[=!<>]==?|[-+*/%]=|\S"
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*$")
_HASH = (".py", ".rb", ".sh", ".ex", ".exs", ".pl", ".toml", ".ini", ".yml", ".yaml", ".cfg", ".conf", ".tf", ".txt")
_DASHES = (".sql", ".lua", ".hs")
_PROSE = re.compile(r"^\s*(?:\"\"\"|'''|/\*|\*/|\*\s)|\"\"\"\s*$")
_CLOSING = (")", "]", "}")


def code_of(lines: Iterable[str], path: str) -> tuple[Tokens, ...]:
    """The tokens of each line that has any; comments and the beginnings of documentation are none."""
    return tuple(found for line in lines if (found := tokens_of(line, path)))


def tokens_of(line: str, path: str) -> Tokens:
    """Of one line. ``path`` says how its comments begin."""
    text = line[:_LONGEST_LINE]
    if _PROSE.search(text):
        return ()
    found: list[str] = []
    for match in _TOKEN.finditer(text):
        if _begins_comment(text, match.start(), path):
            break
        found.append(match[0])
    return tuple(found)


def joined(lines: Iterable[Tokens]) -> Tokens:
    """One piece; a comma before a closing bracket is the layout's."""
    flat = [piece for line in lines for piece in line]
    return tuple(
        piece
        for piece, after in zip(flat, (*flat[1:], ""), strict=False)
        if not (piece == "," and after in _CLOSING) and piece != ";"
    )


def is_name(piece: str) -> bool:
    return _NAME.match(piece) is not None


def names_in(text: str) -> Iterator[str]:
    """The names in a line of code, also those inside of its texts."""
    yield from re.findall(r"[A-Za-z_$][\w$]*", text[:_LONGEST_LINE])


def _begins_comment(text: str, at: int, path: str) -> bool:
    if path.endswith(_HASH):
        return text[at] == "#"
    if path.endswith(_DASHES):
        return text.startswith("--", at)
    return text.startswith(("//", "/*"), at)
