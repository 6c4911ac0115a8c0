"""What an alert says was raised, and the names in the code that raised it, as far as the trace prints that code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from backtrace_core.alerts.stack import printed_code, without_trace
from backtrace_core.code_tokens import names_in
from backtrace_core.evidence.trace_paths import by_depth
from backtrace_core.frame_paths import is_own
from backtrace_core.model import Alert

_MOST_READ = 4000
_BESIDE, _FARTHER = 0.5, 0.6
"""What a name counts that the line has beside the marked piece; and for each frame of own code farther out."""
_LEAST = 0.2
_SAID_BY_EVERY_CODE = """
self this cls return await async const let var def fn func function new for in of if else not and or
is none null undefined true false int str float list dict set tuple len sum map filter reduce print
raise throw from import lambda yield with as try except catch error err get join format string
number object array math json
"""
_EVERYDAY = frozenset(_SAID_BY_EVERY_CODE.split())
_NOT_THERE = re.compile(
    r"no such (?:file|table|column|module)|ENOENT|cannot find (?:module|package)|no module named|cannot import name"
    r"|has no column|unknown column|(?:relation|column|table) .{1,80} does ?n.t exist|does not exist|no section"
    r"|undefined (?:table|column|method)|file not found|FileNotFound|ModuleNotFound|doesn't exist",
    re.IGNORECASE,
)
_INTERFACE = re.compile(
    r"\b(?:AttributeError|TypeError|ImportError|NoMethodError|KeyError|NoSuchMethodError|NoClassDefFoundError)\b"
    r"|is not a (?:function|constructor)|has no attribute|cannot import name|undefined method|cannot read propert",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"\b(?:NameError|ReferenceError|UnboundLocalError)\b|is not defined|undefined (?:local )?variable"
    r"|cannot find symbol|undeclared|unresolved reference",
    re.IGNORECASE,
)
_CLASS = re.compile(r"(?<![\w./])([A-Za-z_]\w*)(?:\.\w+)*\.[A-Z]\w*(?=:|\s|$)")


@dataclass(frozen=True, slots=True)
class Raised:
    """``message``: the alert without its trace. ``names``: those of the code that raised, 0..1 by how near it is.

    ``passed``: the functions that the trace passes. ``not_there``: it says that a file, a module, a table or such is
    missing, so that the line that asked for it is rarely to blame. ``by_interface``: it is an error as callers of a
    changed interface get it. ``no_such_name``: one of a name that was renamed in some places only. ``packages``: where
    it has the whole name of an error's class, what that begins with.
    """

    message: str
    names: Mapping[str, float]
    passed: frozenset[str]
    not_there: bool
    by_interface: bool
    no_such_name: bool
    packages: tuple[str, ...]


# Each candidate is held against the same alert.
@lru_cache(maxsize=16)
def raised_of(alert: Alert) -> Raised:
    message = f"{alert.title}\n{without_trace(alert.text)}"[:_MOST_READ]
    names: dict[str, float] = {}
    for name, weight in _named(alert):
        names[name] = max(weight, names.get(name, 0.0))
    passed = frozenset(short_name(frame.function) for frame in alert.frames if frame.function)
    return Raised(
        message,
        names,
        passed,
        bool(_NOT_THERE.search(message)),
        bool(_INTERFACE.search(message)),
        bool(_NO_NAME.search(message)),
        tuple(_CLASS.findall(message)),
    )


def _named(alert: Alert) -> Iterator[tuple[str, float]]:
    code = {(file, line): (text, marked) for file, line, text, marked in printed_code(alert.text)}
    for depth, frame in by_depth(alert.frames):
        text, marked = code.get((frame.file, frame.line or 0), ("", ""))
        weight = _FARTHER**depth
        if not is_own(frame.file) or weight < _LEAST:
            continue
        for piece, share in ((marked, 1.0), (text, _BESIDE if marked else 1.0)):
            yield from ((name, weight * share) for name in names_in(piece) if is_telling(name))


def is_telling(name: str) -> bool:
    """Whether a name is the program's, as far as can be told from one."""
    return len(name) > 1 and name.lower() not in _EVERYDAY


def short_name(function: str) -> str:
    """``com.acme.Cart.close`` -> ``close``; ``Shop\\Price->format`` -> ``format``."""
    for separator in ("::", "->", "#", "."):
        function = function.rpartition(separator)[2] or function
    return function.strip("() ")
