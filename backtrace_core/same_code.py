"""Changes after which the code does what it did: comments, layout, a local name, a value named or not named.

Blame that follows lines blames those as well: Kim, Zimmermann, Pan and Whitehead 2006 ("Automatic identification of
bug-introducing changes") pass over comments and layout, Neto, da Costa and Kulesza 2018 ("The impact of refactoring
changes on the SZZ algorithm") over refactorings.
"""

from __future__ import annotations

from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.code_tokens import Tokens, code_of, is_name, joined
from backtrace_core.evidence.file_kinds import is_doc, is_test
from backtrace_core.model import FileDiff, Hunk

LAYOUT = "comments and layout"
NAMES = "names inside of a function"
NEW = "code that nothing on the trace calls"
_DECLARES = frozenset(("const", "let", "var", "val", "final", "auto"))
_DEFINES = frozenset(("def", "function", "fn", "func", "class"))
_BEFORE_DEFINING = frozenset(("async", "export", "public", "private", "protected", "static", "default"))
_BINDING = frozenset(("for", *_DECLARES))
_MOST_TOKENS = 600


@lru_cache(maxsize=at_hand.CHANGES)
def what_stays_same(files: tuple[FileDiff, ...], passed: frozenset[str]) -> str:
    """What the change touches where that leaves everything as it was; empty where it may do something.

    ``passed``: the functions on the trace. What is new and has another name did not raise.
    """
    kinds = [kind for file in files if not (is_test(file.path) or is_doc(file.path)) for kind in _kinds(file, passed)]
    if not kinds or "" in kinds:
        return ""
    return next(kind for kind in (NEW, NAMES, LAYOUT) if kind in kinds)


def _kinds(file: FileDiff, passed: frozenset[str]) -> list[str]:
    if file.renamed_file or file.deleted_file or file.new_file or not file.hunks:
        return [""]
    return [_kind(hunk, file.path, passed) for hunk in file.hunks]


def _kind(hunk: Hunk, path: str, passed: frozenset[str]) -> str:
    before = code_of((text for _, text in hunk.removed), path)
    after = code_of((text for _, text in hunk.added), path)
    if joined(before) == joined(after):
        return LAYOUT
    if sum(map(len, (*before, *after))) > _MOST_TOKENS:
        return ""
    if _is_renamed(joined(before), joined(after)) or _is_extracted(before, after):
        return NAMES
    return NEW if _only_defines(before, after, passed) else ""


def _is_renamed(before: Tokens, after: Tokens) -> bool:
    """Whether one name became another one everywhere, and is a local one: bound in these lines, no attribute."""
    if len(before) != len(after):
        return False
    pairs = {(old, new) for old, new in zip(before, after, strict=True) if old != new}
    if len(pairs) != 1:
        return False
    old, new = next(iter(pairs))
    if not (is_name(old) and is_name(new)) or old in after or new in before:
        return False
    return _is_local(new, after)


def _is_local(name: str, tokens: Tokens) -> bool:
    bound = False
    for before, token, after in zip(("", *tokens), tokens, (*tokens[1:], ""), strict=False):
        if token != name:
            continue
        if before in (".", "?."):
            return False
        bound = bound or after == "=" or before in _BINDING
    return bound


def _is_extracted(before: tuple[Tokens, ...], after: tuple[Tokens, ...]) -> bool:
    """Whether both are the same once each value that only one of them names is put where its name stands."""
    old, new = joined(before), joined(after)
    left, right = _inlined(before, frozenset(new)), _inlined(after, frozenset(old))
    return bool(left) and _bare(left) == _bare(right)


def _inlined(lines: tuple[Tokens, ...], others: frozenset[str]) -> Tokens:
    left = list(lines)
    for place, line in enumerate(lines):
        name, value = _naming(line)
        rest = [token for other in left for token in other]
        if not name or name in others or rest.count(name) < 2:  # noqa: PLR2004 - named, and used
            continue
        left[place] = ()
        left = [tuple(part for token in one for part in (value if token == name else (token,))) for one in left]
    return joined(left)


def _naming(line: Tokens) -> tuple[str, Tokens]:
    """``const name = value`` or ``name = value`` that ends on its line."""
    own = line[1:] if line[:1] and line[0] in _DECLARES else line
    if len(own) < 3 or own[1] != "=" or not is_name(own[0]):  # noqa: PLR2004
        return "", ()
    value = tuple(token for token in own[2:] if token != ";")
    is_whole = all(value.count(a) == value.count(b) for a, b in ("()", "[]", "{}"))
    return (own[0], value) if is_whole else ("", ())


def _bare(tokens: Tokens) -> Tokens:
    return tuple(token for token in tokens if token not in ("(", ")"))


def _only_defines(before: tuple[Tokens, ...], after: tuple[Tokens, ...], passed: frozenset[str]) -> bool:
    """Nothing but new functions, none of which the trace passes."""
    if joined(before) or not after:
        return False
    defined = _defined(after[0])
    return bool(defined) and defined not in passed and _is_closed(after)


def _defined(line: Tokens) -> str:
    own = [token for token in line if token not in _BEFORE_DEFINING]
    if len(own) > 1 and own[0] in _DEFINES and is_name(own[1]):
        return own[1]
    # A method of JavaScript: `name(given) {`.
    if len(own) > 3 and is_name(own[0]) and own[1] == "(" and own[-2:] == [")", "{"]:  # noqa: PLR2004
        return "" if own[0] in ("if", "for", "while", "switch", "catch", "with") else own[0]
    return ""


def _is_closed(lines: tuple[Tokens, ...]) -> bool:
    flat = [token for line in lines for token in line]
    return all(flat.count(a) == flat.count(b) for a, b in ("()", "[]", "{}"))
