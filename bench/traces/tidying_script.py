"""The same for JavaScript, by lines: in the programs a function begins and ends on lines of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from bench.traces.tidying import Tidied, Tidy

_HEAD = re.compile(r"^( *)(?:export )?(?:async )?(?:function )?(\w+)\(([^()]*)\) \{$")
_NO_NAMES = frozenset(("if", "for", "while", "switch", "catch", "function", "constructor"))
_RETURN = re.compile(r"^( *)return (.*[^\w\s;].*);$")
_CONSTANT = re.compile(r"^ *(?:const|let) (\w+) = ")
_SET = re.compile(r"^( +)(?:const |let |this\.)(\w+) = ")
_RENAMED = re.compile(r"(?:this|own|next)[A-Z]")
_WORD = re.compile(r"\w+")
_TEXTS = re.compile(r"'[^']*'|`[^`]*`")
_INSERTED = re.compile(r"\$\{[^}]*\}")
_QUOTES = "'\"`"


@dataclass(frozen=True, slots=True)
class Function:
    """``first`` and ``last``: indices of the lines with its head and its closing brace."""

    name: str
    arguments: str
    indent: str
    first: int
    last: int


def script_edit(text: str, random: Random) -> Tidied | None:
    """One edit of a kind that is chosen at random, among those that fit."""
    for tidy in random.sample(_KINDS, len(_KINDS)):
        found = tidy(text, random)
        if found is not None and found[1] != text:
            return found
    return None


def _functions(lines: list[str]) -> Iterator[Function]:
    for first, line in enumerate(lines):
        head = _HEAD.match(line)
        if head is None or head[2] in _NO_NAMES:
            continue
        last = next((n for n in range(first + 1, len(lines)) if lines[n] == f"{head[1]}}}"), None)
        if last is not None:
            yield Function(head[2], head[3], head[1], first, last)


def _any(lines: list[str], random: Random, fits: Callable[[Function], bool]) -> Function | None:
    found = [function for function in _functions(lines) if fits(function)]
    return random.choice(found) if found else None


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _spoken(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _explain(text: str, random: Random) -> Tidied | None:
    lines = text.splitlines()
    function = _any(lines, random, lambda f: f.first == 0 or not lines[f.first - 1].lstrip().startswith("/**"))
    if function is None:
        return None
    said = f"{function.indent}/** {_spoken(function.name).capitalize()}: results of earlier calls are not kept. */"
    return f"Say what {function.name} does", _text([*lines[: function.first], said, *lines[function.first :]])


def _name_result(text: str, random: Random) -> Tidied | None:
    lines = text.splitlines()
    places = [(f, n) for f in _functions(lines) for n in range(f.first, f.last) if _fits_one_line(lines[n])]
    if not places:
        return None
    function, at = random.choice(places)
    match = _RETURN.match(lines[at])
    if match is None:
        return None
    name = f"{function.name}Result"
    new = [f"{match[1]}const {name} = {match[2]};", f"{match[1]}return {name};"]
    return f"Name the result of {function.name}", _text([*lines[:at], *new, *lines[at + 1 :]])


def _fits_one_line(line: str) -> bool:
    return _RETURN.match(line) is not None and all(line.count(a) == line.count(b) for a, b in ("()", "[]", "{}"))


def _rename_local(text: str, random: Random) -> Tidied | None:
    lines = text.splitlines()
    places = [(f, name) for f in _functions(lines) for name in _constants(lines, f)]
    if not places:
        return None
    function, old = random.choice(places)
    new = f"{random.choice(('this', 'own', 'next'))}{_capital(old)}"
    if new in text:
        return None
    word = re.compile(rf"(?:(?<=\.\.\.)|(?<![\w.$'\"-])){old}(?![\w'\":-])")
    inside = [word.sub(new, line) for line in lines[function.first + 1 : function.last]]
    after = [*lines[: function.first + 1], *inside, *lines[function.last :]]
    return f"Call it {new} in {function.name}", _text(after)


def _constants(lines: list[str], function: Function) -> Iterator[str]:
    """Constants that nothing else is called in the function: no property, no argument of a function inside, no text."""
    body = "\n".join(lines[function.first + 1 : function.last])
    said = set(_WORD.findall(" ".join(_TEXTS.findall(_INSERTED.sub("", body)))))
    names = [match[1] for line in body.split("\n") if (match := _CONSTANT.match(line))]
    for name in names:
        other = rf"[{{,] *{name} *[,}}]|\({name}\) =>|\b{name} =>|\b{name}:|\? *{name}\b"
        taken = (
            _RENAMED.match(name) or name in said or names.count(name) > 1 or name in _WORD.findall(function.arguments)
        )
        if not taken and not re.search(other, body):
            yield name


def _one_argument_a_line(text: str, random: Random) -> Tidied | None:
    lines = text.splitlines()
    places = [(f, n) for f in _functions(lines) for n in range(f.first + 1, f.last) if _call(lines[n])]
    if not places:
        return None
    function, at = random.choice(places)
    before, arguments = _call(lines[at]) or ("", [])
    blank = " " * (len(before) - len(before.lstrip()))
    new = [before, *(f"{blank}  {argument}," for argument in arguments), f"{blank});"]
    return f"One argument a line in {function.name}", _text([*lines[:at], *new, *lines[at + 1 :]])


def _call(line: str) -> tuple[str, list[str]] | None:
    """What stands before the arguments, and these, of a line that ends with a call of several."""
    if not line.endswith(");") or "=>" in line:
        return None
    depth, parts, start = 0, list[str](), len(line) - 2
    end = start
    for at in range(len(line) - 2, -1, -1):
        letter = line[at]
        if letter in _QUOTES:
            return None
        depth += (letter in ")]}") - (letter in "([{")
        if depth == 1 and letter == ",":
            parts.insert(0, line[at + 1 : end].strip())
            end = at
        if depth == 0:
            parts.insert(0, line[at + 1 : end].strip())
            start = at
            break
    return (line[: start + 1], parts) if len(parts) > 1 and line[start - 1].isidentifier() else None


def _lenient(text: str, random: Random) -> Tidied | None:
    """A further function that nobody calls yet."""
    lines = text.splitlines()
    function = _any(lines, random, lambda f: not f.indent and "OrNull" not in f.name and f"{f.name}OrNull" not in text)
    if function is None or "async" in lines[function.first] or not re.fullmatch(r"[\w, ]*", function.arguments):
        return None
    name, given = function.name, function.arguments
    new = ["", f"function {name}OrNull({given}) {{", "  try {", f"    return {name}({given});", "  } catch (error) {"]
    new += ["    return null;", "  }", "}"]
    after = [*lines[: function.last + 1], *new, *lines[function.last + 1 :]]
    return f"Allow {name} to find nothing", _text(after)


def _option(text: str, random: Random) -> Tidied | None:
    """A new option that nobody uses yet."""
    lines = text.splitlines()
    function = _any(lines, random, lambda f: re.fullmatch(r"\w+(, \w+)*", f.arguments) is not None)
    if function is None:
        return None
    line = lines[function.first]
    new = line.replace(f"({function.arguments})", f"({function.arguments}, strict = false)")
    lines[function.first] = new
    return f"Prepare {function.name} for being strict", _text(lines)


def _note(text: str, random: Random) -> Tidied | None:
    """A line of explanation above what is set."""
    lines = text.splitlines()
    set_at = [(n, match) for n, line in enumerate(lines) if (match := _SET.match(line))]
    free = [(n, match) for n, match in set_at if n and not lines[n - 1].lstrip().startswith("//")]
    if not free:
        return None
    at, match = random.choice(free)
    said = f"{match[1]}// {match[2]}: as it is when this is reached, not later."
    return f"Explain {match[2]}", _text([*lines[:at], said, *lines[at:]])


_KINDS: tuple[Tidy, ...] = (_note, _explain, _name_result, _rename_local, _one_argument_a_line, _lenient, _option)
