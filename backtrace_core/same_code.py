"""Changes after which the code does what it did: comments, layout, a local name, a value that got one, logging.

Only where that is certain from the lines of the diff: who is cleared wrongly makes his neighbour the culprit. Blame
that follows lines blames those as well: Kim, Zimmermann, Pan and Whitehead 2006 ("Automatic identification of
bug-introducing changes") pass over comments and layout, Neto, da Costa and Kulesza 2018 ("The impact of refactoring
changes on the SZZ algorithm") over refactorings.
"""

from __future__ import annotations

import builtins
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.code_tokens import Line, Tokens, is_name, laid_out, surely
from backtrace_core.evidence.file_kinds import is_doc, is_settings, is_test
from backtrace_core.model import FileDiff, Hunk

LAYOUT = "comments and layout"
NAMES = "names inside of a function"
LOGS = "what is logged"
NEW = "functions that the stack trace does not pass"
_DECLARES = frozenset(("const", "let"))
_DOTS = (".", "?.")
_LOGS = frozenset(("log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER"))
_LEVELS = frozenset(("debug", "info", "warning", "error"))
_QUOTES = "\"'`"
_BRACED = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx")
_MOST_TOKENS = 600
_OF_A_METHOD = 8


@lru_cache(maxsize=at_hand.CHANGES)
def what_stays_same(
    files: tuple[FileDiff, ...], passed: frozenset[str], on_trace: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """All that the change touches where that leaves everything as it was; empty where it may do something.

    ``passed``: the functions on the trace. What is new and has another name did not raise. ``on_trace``: its paths:
    what lies there runs, test or not.
    """
    kinds = [kind for file in files if may_run(file.path, on_trace) for kind in _kinds(file, passed)]
    return () if "" in kinds else tuple(kind for kind in (NEW, NAMES, LOGS, LAYOUT) if kind in kinds)


def may_run(path: str, on_trace: frozenset[str]) -> bool:
    """A text that is no prose may be a template."""
    return path in on_trace or (not is_test(path) and (not is_doc(path) or path.endswith(".txt")))


def _kinds(file: FileDiff, passed: frozenset[str]) -> list[str]:
    """What is not there to be compared is the same nowhere."""
    if file.renamed_file or file.deleted_file or file.new_file or not file.hunks:
        return [""]
    return [_kind(hunk, file.path, passed) for hunk in file.hunks]


def _kind(hunk: Hunk, path: str, passed: frozenset[str]) -> str:
    before = surely((text for _, text in hunk.removed), path)
    after = surely((text for _, text in hunk.added), path)
    if before is None or after is None:
        return ""
    if laid_out(before, path) == laid_out(after, path):
        return LAYOUT
    if is_settings(path) or sum(len(line.tokens) for line in (*before, *after)) > _MOST_TOKENS:
        return ""
    if (
        _is_renamed(before, after, hunk.heading, path)
        or _is_named(before, after, path)
        or _is_named(after, before, path)
    ):
        return NAMES
    if path.endswith(".py") and _only_logs((*before, *after)):
        return LOGS
    return NEW if passed and not before and _only_defines(after, path, passed) else ""


def _is_renamed(before: tuple[Line, ...], after: tuple[Line, ...], heading: str, path: str) -> bool:
    """Whether one name became another one everywhere, and is a local one of Python."""
    one, other = laid_out(before, path), laid_out(after, path)
    if not path.endswith((".py", *_BRACED)) or len(one) != len(other):
        return False
    pairs = {(old, new) for old, new in zip(one, other, strict=True) if old != new}
    if len(pairs) != 1:
        return False
    old, new = pairs.pop()
    if path.endswith(_BRACED):
        shaped = is_name(old) and is_name(new) and new not in one and old not in other
        return shaped and all(_is_constant(name, lines) for name, lines in ((old, before), (new, after)))
    is_new = is_name(old) and is_name(new) and new not in one and old not in other and not hasattr(builtins, new)
    return is_new and all(_is_local(name, lines, heading) for name, lines in ((old, before), (new, after)))


def _is_local(name: str, lines: tuple[Line, ...], heading: str) -> bool:
    """Bound and used in these lines, and of a function: of a comprehension, below the head of one, or a method's.

    The name of an attribute, an argument or a parameter is known elsewhere too.
    """
    if any(_is_known_elsewhere(name, line.tokens) for line in lines):
        return False
    if all(_is_inside_comprehension(name, line.tokens) for line in lines if name in line.tokens):
        return True
    bound = next((place for place, line in enumerate(lines) if name in _bound(line.tokens)), None)
    if bound is None or not lines[bound].indent:
        return False
    used = any(name in line.tokens for line in lines[bound + 1 :])
    # Git prints the last line before that stands at the margin: below a function's head all that is indented is in it.
    within = heading.startswith(("def ", "async def ")) or len(lines[bound].indent) >= _OF_A_METHOD
    returned = any(line.tokens[0] == "return" and name in line.tokens for line in lines[bound + 1 :])
    return used and (within or returned)


def _is_constant(name: str, lines: tuple[Line, ...]) -> bool:
    """A constant of a block of JavaScript, declared here first, and nowhere a key, an attribute or part of a text."""
    first = next(line for line in lines if name in line.tokens)
    if not first.indent or first.tokens[:3] != ("const", name, "=") or first.tokens.count(name) > 1:
        return False
    for line in lines:
        for before, piece, after in zip(("", *line.tokens), line.tokens, (*line.tokens[1:], ""), strict=False):
            is_key = before in (*_DOTS, "{", ",") and after in ("}", ",", ":")
            if piece == name and (before in _DOTS or after in (":", "=>") or is_key):
                return False
            if piece[0] in _QUOTES and name in piece:
                return False
    return True


def _is_known_elsewhere(name: str, line: Tokens) -> bool:
    if (
        line[0] in ("def", "class", "async", "lambda", "global", "nonlocal", "import", "from", "del")
        or "lambda" in line
    ):
        return True
    depth = 0
    for before, piece, after in zip(("", *line), line, (*line[1:], ""), strict=False):
        depth += (piece in ("(", "[", "{")) - (piece in (")", "]", "}"))
        if piece == name and (before in _DOTS or (depth and after == "=")):
            return True
        if piece[0] in _QUOTES and name in piece:
            return True
    return False


def _is_inside_comprehension(name: str, line: Tokens) -> bool:
    """``[one.name for one in rows]``: between the brackets, and bound there."""
    if line.count("for") != 1:
        return False
    place, depth, start = line.index("for"), 0, 0
    for start in range(place - 1, -1, -1):
        depth += (line[start] in (")", "]", "}")) - (line[start] in ("(", "[", "{"))
        if depth < 0:
            break
    if depth >= 0 or line[place + 1 : place + 3] != (name, "in"):
        return False
    end, depth = start, 0
    for end in range(start, len(line)):
        depth += (line[end] in ("(", "[", "{")) - (line[end] in (")", "]", "}"))
        if not depth:
            break
    return name not in (*line[:start], *line[end:], *line[place + 2 : place + 4])


def _bound(line: Tokens) -> frozenset[str]:
    """The names that a line gives a value: before its first ``=``, or after a loop's ``for``."""
    end = line.index("in") if line[0] == "for" and "in" in line else line.index("=") if "=" in line else 0
    targets = line[line[0] == "for" : end]
    return frozenset(targets) if all(is_name(piece) or piece == "," for piece in targets) else frozenset()


def _is_named(before: tuple[Line, ...], after: tuple[Line, ...], path: str) -> bool:
    """``return value`` became ``name = value`` and ``return name``, one after the other."""
    if not path.endswith((".py", *_BRACED)) or len(before) != 1 or len(after) != 2:  # noqa: PLR2004
        return False
    one, (gives, returns) = before[0], after
    is_script = path.endswith(_BRACED)
    own = gives.tokens[1:] if is_script and gives.tokens[0] in _DECLARES else gives.tokens
    if len({line.indent for line in (one, gives, returns)}) > 1 or (is_script and own == gives.tokens):
        return False
    name, value = own[0], own[2:]
    end = (";",) if one.tokens[-1] == ";" else ()
    shaped = own[1:2] == ("=",) and is_name(name) and name not in value and not _splits(value)
    return shaped and one.tokens == ("return", *value) and returns.tokens == ("return", name, *end)


def _splits(value: Tokens) -> bool:
    """``const a = b, c`` declares two."""
    depth = 0
    for piece in value:
        depth += (piece in ("(", "[", "{")) - (piece in (")", "]", "}"))
        if piece == "," and not depth:
            return True
    return False


def _only_defines(lines: tuple[Line, ...], path: str, passed: frozenset[str]) -> bool:
    """Nothing but new functions of a module, none of which the trace passes, and all that follows inside."""
    if not lines or lines[0].indent:
        return False
    if path.endswith(_BRACED):
        outside = [line for line in lines if not line.indent and line.tokens != ("}",)]
        return lines[-1].tokens == ("}",) and all(_is_head_of_script(line.tokens, passed) for line in outside)
    if not path.endswith(".py") or lines[0].tokens[:1] != ("def",):
        return False
    outside = [line for line in lines if not line.indent]
    return all(_defines_aside(line.tokens, passed) for line in outside)


def _is_head_of_script(line: Tokens, passed: frozenset[str]) -> bool:
    """``export function name(given) {``: hoisted, and one of a name that is there already is an error at the start."""
    own = [piece for piece in line if piece not in ("export", "async")]
    return own[0] == "function" and own[-2:] == [")", "{"] and is_name(own[1]) and own[1] not in passed


def _defines_aside(line: Tokens, passed: frozenset[str]) -> bool:
    """On one line, with no value that is computed as the module is read."""
    heads = line[0] == "def" and line[-1] == ":" and line.count("(") == 1 and "=" not in line
    return heads and not line[1].startswith("__") and line[1] not in passed


def _only_logs(lines: tuple[Line, ...]) -> bool:
    """Lines that log names and texts, and compute nothing for it."""
    return bool(lines) and all(_logs(line.tokens) for line in lines)


def _logs(line: Tokens) -> bool:
    heads = line[0] in _LOGS and line[1:2] == (".",) and line[2] in _LEVELS and line[3:4] == ("(",) and line[-1] == ")"
    return heads and all(_is_plain(piece) for piece in line[4:-1])


def _is_plain(piece: str) -> bool:
    """A name, a comma, or a text without places for values that are computed there."""
    return piece == "," or is_name(piece) or (piece[0] in _QUOTES and not any(c in piece for c in "{}$"))
