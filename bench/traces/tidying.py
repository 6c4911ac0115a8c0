"""Edits that leave a Python file's behaviour as it is, made from the file itself: what teams merge all day.

Each takes the text and gives a title and the new text, or nothing where the file has no place for it. A case checks by
running the program that they did leave it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from random import Random

Tidied = tuple[str, str]
Tidy = Callable[[str, Random], Tidied | None]
Function = ast.FunctionDef | ast.AsyncFunctionDef

_SET = re.compile(r"^( {4,})(?:self\.)?(\w+) = ")
_CLOSING = "results of earlier calls are not kept"


def python_edit(text: str, random: Random) -> Tidied | None:
    """One edit of a kind that is chosen at random, among those that fit."""
    for tidy in random.sample(_KINDS, len(_KINDS)):
        found = tidy(text, random)
        if found is not None and found[1] != text:
            return found
    return None


def _functions(text: str) -> list[Function]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, Function)]


def _any(text: str, random: Random, fits: Callable[[Function], bool]) -> Function | None:
    found = [function for function in _functions(text) if fits(function)]
    return random.choice(found) if found else None


def _spoken(name: str) -> str:
    return name.strip("_").replace("_", " ")


def _indent(function: Function) -> str:
    return " " * function.body[0].col_offset


def _with_lines(text: str, first: int, last: int, new: list[str]) -> str:
    """``new`` instead of the lines ``first`` to ``last``, 1-based and inclusive."""
    lines = text.splitlines()
    lines[first - 1 : last] = new
    return "".join(f"{line}\n" for line in lines)


def _explain(text: str, random: Random) -> Tidied | None:
    function = _any(text, random, lambda f: ast.get_docstring(f) is None and not f.name.startswith("__"))
    if function is None:
        return None
    at = function.body[0].lineno
    said = f'{_indent(function)}"""{_spoken(function.name).capitalize()}: {_CLOSING}."""'
    return f"Say what {function.name} does", _with_lines(text, at, at - 1, [said])


def _name_result(text: str, random: Random) -> Tidied | None:
    function = _any(text, random, lambda f: any(True for _ in _plain_returns(f)))
    if function is None:
        return None
    node = random.choice(list(_plain_returns(function)))
    name = f"{function.name.strip('_')}_result"
    blank = " " * node.col_offset
    value = ast.get_source_segment(text, node.value) if node.value else None
    new = [f"{blank}{name} = {value}", f"{blank}return {name}"]
    return f"Name the result of {function.name}", _with_lines(text, node.lineno, node.lineno, new)


def _plain_returns(function: Function) -> Iterator[ast.Return]:
    """Those on one line that return more than a name."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Return) or node.value is None or node.lineno != node.end_lineno:
            continue
        if not isinstance(node.value, ast.Name | ast.Constant):
            yield node


def _rename_local(text: str, random: Random) -> Tidied | None:
    function = _any(text, random, lambda f: bool(_locals(f)))
    if function is None:
        return None
    old = random.choice(_locals(function))
    new = f"{random.choice(('this', 'own', 'next'))}_{old.strip('_')}"
    if new in text:
        return None
    return f"Call it {new} in {function.name}", _renamed(text, function, old, new)


def _locals(function: Function) -> list[str]:
    """Names that only this function assigns, and that no f-string has: those are one token in older Pythons."""
    names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    taken = {a.arg for n in ast.walk(function) if isinstance(n, ast.arguments) for a in (*n.args, *n.kwonlyargs)}
    nested = [n for n in ast.walk(function) if isinstance(n, Function | ast.Lambda | ast.Global) and n is not function]
    strings = [n for n in ast.walk(function) if isinstance(n, ast.JoinedStr)]
    printed = {n.id for string in strings for n in ast.walk(string) if isinstance(n, ast.Name)}
    renamed = {name for name in names if name.startswith(("this_", "own_", "next_"))}
    return [] if nested else sorted(names - taken - printed - renamed)


def _renamed(text: str, function: Function, old: str, new: str) -> str:
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    depth = 0
    places: list[tuple[int, int]] = []
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        depth += (token.string in "([{" and token.type == tokenize.OP) - (
            token.string in ")]}" and token.type == tokenize.OP
        )
        inside = function.body[0].lineno <= token.start[0] <= (function.end_lineno or 0)
        keyword = depth > 0 and after.string == "="
        if inside and token.type == tokenize.NAME and token.string == old and before.string != "." and not keyword:
            places.append(token.start)
    for row, column in reversed(places):
        line = lines[row - 1]
        lines[row - 1] = f"{line[:column]}{new}{line[column + len(old) :]}"
    return "".join(lines)


def _one_argument_a_line(text: str, random: Random) -> Tidied | None:
    function = _any(text, random, lambda f: any(True for _ in _calls(f)))
    if function is None:
        return None
    call = random.choice(list(_calls(function)))
    line = text.splitlines()[call.lineno - 1]
    arguments: list[ast.expr | ast.keyword] = sorted((*call.args, *call.keywords), key=lambda node: node.col_offset)
    start, end = arguments[0].col_offset, call.end_col_offset or 0
    blank = " " * (len(line) - len(line.lstrip()))
    said = [ast.get_source_segment(text, node) for node in arguments]
    new = [line[:start], *(f"{blank}    {argument}," for argument in said), f"{blank}{line[end - 1 :]}"]
    return f"One argument a line in {function.name}", _with_lines(text, call.lineno, call.lineno, new)


def _calls(function: Function) -> Iterator[ast.Call]:
    """Calls on one line with several arguments, outside of f-strings; a statement's own, so that its line is one."""
    for node in ast.walk(function):
        value = node.value if isinstance(node, ast.Assign | ast.Return | ast.Expr) else None
        if not isinstance(value, ast.Call) or value.lineno != value.end_lineno:
            continue
        if len(value.args) + len(value.keywords) > 1:
            yield value


def _log_call(text: str, random: Random) -> Tidied | None:
    if "\nlog = " not in text:
        return None
    function = _any(text, random, lambda f: len(f.args.args) > 1 and "log.debug" not in ast.unparse(f))
    if function is None:
        return None
    at = function.body[0].lineno + (ast.get_docstring(function) is not None)
    given = function.args.args[-1].arg
    said = f'{_indent(function)}log.debug("{_spoken(function.name)}: %s", {given})'
    return f"Log what {function.name} was given", _with_lines(text, at, at - 1, [said])


def _lenient(text: str, random: Random) -> Tidied | None:
    """A further function that nobody calls yet."""
    function = _any(text, random, lambda f: isinstance(f, ast.FunctionDef) and f.col_offset == 0)
    if function is None or function.decorator_list or "_or_none" in function.name:
        return None
    if f"def {function.name}_or_none" in text:
        return None
    given = ", ".join(argument.arg for argument in function.args.args)
    new = ["", "", f"def {function.name}_or_none({given}):", "    try:", f"        return {function.name}({given})"]
    new += ["    except (KeyError, ValueError):", "        return None"]
    at = function.end_lineno or 0
    return f"Allow {function.name} to find nothing", _with_lines(text, at + 1, at, new)


def _option(text: str, random: Random) -> Tidied | None:
    """A new option that nobody uses yet."""
    function = _any(text, random, lambda f: bool(f.args.args) and not f.args.kwonlyargs and not f.name.startswith("__"))
    if function is None or function.args.vararg or function.args.kwarg or function.args.defaults:
        return None
    line = text.splitlines()[function.lineno - 1]
    if not line.endswith("):"):
        return None
    new = f"{line.removesuffix('):')}, *, strict=False):"
    return f"Prepare {function.name} for being strict", _with_lines(text, function.lineno, function.lineno, [new])


def _note(text: str, random: Random) -> Tidied | None:
    """A line of explanation above what is set."""
    lines = text.splitlines()
    set_at = [(n, match) for n, line in enumerate(lines) if (match := _SET.match(line))]
    free = [(n, match) for n, match in set_at if not lines[n - 1].lstrip().startswith("#")]
    if not free:
        return None
    at, match = random.choice(free)
    said = f"{match[1]}# {_spoken(match[2])}: as it is when this is reached, not later"
    return f"Explain {match[2]}", _with_lines(text, at + 1, at, [said])


_KINDS: tuple[Tidy, ...] = (
    _note,
    _explain,
    _name_result,
    _rename_local,
    _one_argument_a_line,
    _log_call,
    _lenient,
    _option,
)
