"""Changes after which the code does what it did: comments, layout, a local name, a value named or not named.

Blame that follows lines blames those as well: Kim, Zimmermann, Pan and Whitehead 2006 ("Automatic identification of
bug-introducing changes") pass over comments and layout, Neto, da Costa and Kulesza 2018 ("The impact of refactoring
changes on the SZZ algorithm") over refactorings.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.code_tokens import Tokens, code_of, is_name, joined
from backtrace_core.evidence.file_kinds import is_doc, is_settings, is_test
from backtrace_core.model import FileDiff, Hunk

LAYOUT = "comments and layout"
NAMES = "names inside of a function"
LOGS = "what is logged"
NEW = "code that nothing on the trace calls"
_DECLARES = frozenset(("const", "let", "var", "val", "final", "auto"))
_DEFINES = frozenset(("def", "function", "fn", "func", "class"))
_BEFORE_DEFINING = frozenset(("async", "export", "public", "private", "protected", "static", "default"))
_DOTS = (".", "?.")
_CALLING = ("(", "[", ".", "?.", "/", "%")
_LOGS = frozenset(("log", "logger", "logging", "console", "_log", "_logger", "LOG", "LOGGER"))
_CONSTANT = re.compile(r"(?:true|false|none|null|undefined|\d[\w.]*|[\"'`].*)$", re.IGNORECASE)
_CALLED_UNSEEN = re.compile(r"__|(?:constructor|toString|toJSON|valueOf|equals|hashCode|compareTo|initialize)$")
"""What languages call by themselves."""
_MOST_TOKENS = 600


@lru_cache(maxsize=at_hand.CHANGES)
def what_stays_same(files: tuple[FileDiff, ...], passed: frozenset[str]) -> str:
    """What the change touches where that leaves everything as it was; empty where it may do something.

    ``passed``: the functions on the trace. What is new and has another name did not raise.
    """
    kinds = [kind for file in files if _may_run(file.path) for kind in _kinds(file, passed)]
    if not kinds or "" in kinds:
        return ""
    return next(kind for kind in (NEW, NAMES, LOGS, LAYOUT) if kind in kinds)


def _may_run(path: str) -> bool:
    """A text that is no prose may be a template."""
    return not is_test(path) and (not is_doc(path) or path.endswith(".txt"))


def _kinds(file: FileDiff, passed: frozenset[str]) -> list[str]:
    if file.renamed_file or file.deleted_file or file.new_file or not file.hunks or is_settings(file.path):
        return [_layout(file)]
    return [_kind(hunk, file.path, passed) for hunk in file.hunks]


def _layout(file: FileDiff) -> str:
    """What is no code, or not there to be compared, is the same only where its lines are."""
    if file.renamed_file or file.deleted_file or file.new_file:
        return ""
    same = all(_pieces(h.removed, file.path) == _pieces(h.added, file.path) for h in file.hunks)
    return LAYOUT if file.hunks and same else ""


def _pieces(lines: tuple[tuple[int, str], ...], path: str) -> Tokens:
    return joined(code_of((text for _, text in lines), path))


def _kind(hunk: Hunk, path: str, passed: frozenset[str]) -> str:
    before = code_of((text for _, text in hunk.removed), path)
    after = code_of((text for _, text in hunk.added), path)
    if joined(before) == joined(after) or _imports(before) == _imports(after) != frozenset():
        return LAYOUT
    if sum(map(len, (*before, *after))) > _MOST_TOKENS:
        return ""
    if _is_renamed(before, after) or _is_extracted(before, after):
        return NAMES
    if _only_logs((*before, *after)):
        return LOGS
    return NEW if _only_defines(before, after, passed) or _only_optional(before, after) else ""


def _imports(lines: tuple[Tokens, ...]) -> frozenset[tuple[str, str]]:
    """What Python's ``from … import`` lines take, and from where; empty where there are others."""
    found: set[tuple[str, str]] = set()
    for line in lines:
        if line[0] != "from" or "import" not in line or "as" in line:
            return frozenset()
        at = line.index("import")
        found.update(("".join(line[1:at]), name) for name in line[at + 1 :] if is_name(name))
    return frozenset(found)


def _is_renamed(before: tuple[Tokens, ...], after: tuple[Tokens, ...]) -> bool:
    """Whether one name became another one everywhere, and is a local one: bound in these lines, no attribute."""
    one, other = joined(before), joined(after)
    if len(one) != len(other):
        return False
    pairs = {(old, new) for old, new in zip(one, other, strict=True) if old != new}
    named = [(old, new) for old, new in pairs if is_name(old) and is_name(new)]
    if len(named) != 1:
        return False
    old, new = named[0]
    said = all(_in_texts(a, old, new) == b for a, b in pairs - {(old, new)})
    return said and new not in one and not _stands(old, other) and _is_local(new, after)


def _in_texts(text: str, old: str, new: str) -> str:
    """A text with places for values in it (``${old.id}``, ``f"{old}"``), with the new name."""
    return re.sub(r"(?<=\{)[^{}]*(?=\})", lambda m: re.sub(rf"(?<![\w$.]){re.escape(old)}\b", new, m[0]), text)


def _stands(name: str, tokens: Tokens) -> bool:
    """Whether a name is there, and no attribute."""
    return any(piece == name and before not in _DOTS for before, piece in zip(("", *tokens), tokens, strict=False))


def _is_local(name: str, lines: tuple[Tokens, ...]) -> bool:
    flat = joined(lines)
    if any(piece == name and before in _DOTS for before, piece in zip(("", *flat), flat, strict=False)):
        return False
    return any(name in _bound(line) for line in lines)


def _bound(line: Tokens) -> set[str]:
    """The names that a line gives a value: before its first ``=``, after ``for`` and ``as``."""
    found: set[str] = set()
    start = line.index("=") if "=" in line else 0
    targets = line[:start]
    if all(is_name(piece) or piece in (",", "(", ")", "*") for piece in targets):
        found.update(targets)
    for place, piece in enumerate(line):
        if piece == "as":
            found.update(line[place + 1 : place + 2])
        if piece == "for":
            rest = line[place + 1 :]
            end = next((n for n, each in enumerate(rest) if each in ("in", "of")), 0)
            found.update(rest[:end])
    return found


def _is_extracted(before: tuple[Tokens, ...], after: tuple[Tokens, ...]) -> bool:
    """Whether both are the same once each value that only one of them names is put where its name stands."""
    old, new = joined(before), joined(after)
    left, right = _inlined(before, frozenset(new)), _inlined(after, frozenset(old))
    return bool(left) and _bare(left) == _bare(right)


def _inlined(lines: tuple[Tokens, ...], others: frozenset[str]) -> Tokens:
    left = list(lines)
    for place, line in enumerate(lines):
        name, value = _naming(line)
        rest = [piece for other in left for piece in other]
        if not name or name in others or rest.count(name) < 2:  # noqa: PLR2004 - named, and used
            continue
        left[place] = ()
        left = [tuple(part for piece in one for part in (value if piece == name else (piece,))) for one in left]
    return joined(left)


def _naming(line: Tokens) -> tuple[str, Tokens]:
    """``const name = value`` or ``name = value`` that ends on its line."""
    own = line[1:] if line[:1] and line[0] in _DECLARES else line
    if len(own) < 3 or own[1] != "=" or not is_name(own[0]):  # noqa: PLR2004
        return "", ()
    value = tuple(piece for piece in own[2:] if piece != ";")
    is_whole = all(value.count(a) == value.count(b) for a, b in ("()", "[]", "{}"))
    return (own[0], value) if is_whole else ("", ())


def _bare(tokens: Tokens) -> Tokens:
    return tuple(piece for piece in tokens if piece not in ("(", ")"))


def _only_defines(before: tuple[Tokens, ...], after: tuple[Tokens, ...], passed: frozenset[str]) -> bool:
    """Nothing but new functions, none of which the trace passes."""
    if joined(before) or not after:
        return False
    defined = _defined(after[0])
    return bool(defined) and defined not in passed and not _CALLED_UNSEEN.match(defined) and _is_closed(after)


def _defined(line: Tokens) -> str:
    own = [piece for piece in line if piece not in _BEFORE_DEFINING]
    if len(own) > 1 and own[0] in _DEFINES and is_name(own[1]):
        return own[1]
    # A method of JavaScript: `name(given) {`.
    if len(own) > 3 and is_name(own[0]) and own[1] == "(" and own[-2:] == [")", "{"]:  # noqa: PLR2004
        return "" if own[0] in ("if", "for", "while", "switch", "catch", "with") else own[0]
    return ""


def _only_optional(before: tuple[Tokens, ...], after: tuple[Tokens, ...]) -> bool:
    """The same function with a further argument that nobody has to give."""
    if len(before) != 1 or len(after) != 1 or not _defined(before[0]) or _defined(before[0]) != _defined(after[0]):
        return False
    steps = SequenceMatcher(None, before[0], after[0], autojunk=False).get_opcodes()
    other = [step for step in steps if step[0] != "equal"]
    if len(other) != 1 or other[0][0] != "insert":
        return False
    given = [piece for piece in after[0][other[0][3] : other[0][4]] if piece not in (",", "*")]
    return len(given) == 3 and given[1] == "=" and bool(_CONSTANT.match(given[2]))  # noqa: PLR2004


def _only_logs(lines: tuple[Tokens, ...]) -> bool:
    """Lines that log names and texts, and compute nothing for it."""
    return bool(lines) and all(line[0] in _LOGS and line[1:2] == (".",) and _computes_nothing(line) for line in lines)


def _computes_nothing(line: Tokens) -> bool:
    given = line[4:-1]
    return line[3:4] == ("(",) and line[-1] == ")" and not any(piece in _CALLING for piece in given)


def _is_closed(lines: tuple[Tokens, ...]) -> bool:
    flat = [piece for line in lines for piece in line]
    return all(flat.count(a) == flat.count(b) for a, b in ("()", "[]", "{}"))
