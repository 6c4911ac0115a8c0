"""Lines of stack traces, of the languages that services are written in.

Patterns run line by line over capped lines, and none has a repetition inside a repetition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from backtrace_core.model import Frame

_MOST_LINES, _LONGEST_LINE, _MOST_FRAMES = 400, 500, 60

_PYTHON = re.compile(r'File "([^"]{1,300})", line (\d{1,7})(?:, in ([^\s`]{1,200}))?')
_PYTHON_FRAME = re.compile(r'^\s{0,20}File "[^"]{1,300}", line \d{1,7}')
_PYTHON_CHAIN = re.compile(
    r"^\s{0,20}(?:The above exception was the direct cause of|During handling of the above exception, another) "
)
_NODE_HEAD = re.compile(r"^(?:file://)?/[^\s:]{1,300}:\d{1,7}$")
_JAVA = re.compile(r"^\s*at ([\w.$<>/@-]{1,300})\(([\w$-]{1,200}\.(?:java|kt|kts|scala|groovy|clj)):(\d{1,7})\)")
_DOTNET = re.compile(
    # The runtime prints these words in the language of its host.
    r"^\s*(?:at|bei|à|en) ([\w.`<>+\[\],|$]{1,300})\(.{0,200}\) (?:in|dans|en) (.{1,300}):(?:line|Zeile|ligne|línea) "
    r"(\d{1,7})"
)
_NODE = re.compile(
    r"^\s*at (?:async )?(?:new |get |set )?([^\s(]{1,200}) (?:\[as [^\]]{1,80}\] )?"
    r"\(([^()]{1,300}?|\S{1,300}?):(\d{1,7})(?::\d{1,7})?\)"
)
_BROWSER = re.compile(r"^\s*([^\s@]{0,200})@((?:https?|file|webpack\S{0,20}):\S{1,300}?):(\d{1,7}):\d{1,7}\s*$")
_NODE_BARE = re.compile(r"^\s*at (?:async )?([^\s()]{1,300}?\.?[\w/]{1,100}):(\d{1,7}):\d{1,7}\s*$")
_PHP = re.compile(r"^\s*#\d{1,3} ([^\s()]{1,300}\.php)\((\d{1,7})\): ([^\s(]{1,200})")
_PHP_THREW = re.compile(r"(?<!thrown )\b(?:in|at) ([^\s()]{1,300}\.php)(?::| on line )(\d{1,7})")
_RUBY = re.compile(r"^\s*(?:from )?([^\s:`']{1,300}\.(?:rb|rake|erb|ru)):(\d{1,7}):in [`']([^']{1,200})'")
_GO = re.compile(r"^\s*([^\s:]{1,300}\.go):(\d{1,7})(?: \+0x[0-9a-f]{1,16})?\s*$")
_GO_FUNCTION = re.compile(r"^([\w./*()-]{1,300})\([^)]{0,200}\)$")
_RUST = re.compile(r"^\s*at (?:\./)?([^\s:]{1,300}\.rs):(\d{1,7}):\d{1,7}\s*$")
_RUST_FUNCTION = re.compile(r"^\s*\d{1,3}: ([\w:<>]{1,300})\s*$")
_ANYWHERE = re.compile(
    r"(?<![\w/.-])((?:[\w@.-]{1,80}/){0,12}[\w.-]{1,80}\.(?:py|rb|jsx?|tsx?|mjs|go|java|kt|php|rs|cs|ex|exs|scala|swift|c|cc|cpp|h))"
    r":(\d{1,7})\b(?::\d{1,7})?(?: - (\w{1,80}))?"
)


_PASTED = re.compile(r"^(?:[\w.-]{1,60} {0,8}\|[ \t]|[ \t]{0,8}[>|][ \t>|]{0,8})")
"""What quoting, groups of exceptions and collected logs (``web-1  | ``) put before each line."""


def frames_in(text: str) -> tuple[Frame, ...]:
    """The frames that a text prints, innermost last; if there is no trace, the ``path:line`` mentions in it."""
    printed = text.replace("```", "\n").split("\n")[:_MOST_LINES]
    lines = [_PASTED.sub("", line[:_LONGEST_LINE]) for line in printed]
    for read in (_python, _innermost_first(_one_line), _innermost_first(_two_lines)):
        found = tuple(read(lines))[:_MOST_FRAMES]
        if found:
            return found
    return tuple(dict.fromkeys(_mentions(lines)))[:_MOST_FRAMES]


Reader = Callable[[list[str]], Iterator[Frame]]


def without_source(text: str) -> str:
    """The text without the lines of code that a trace prints: below a frame of Python, above what Node threw."""
    kept: list[str] = []
    frame: int | None = None
    for line in text.split("\n"):
        if frame is None or _indent(line) <= frame:
            kept.append(line)
            frame = _frame_before_source(line)
    return "\n".join(kept)


_MARKS = re.compile(r"^\s*[~^][~^ ]*$")
_REST = re.compile(r"[\w$]{1,80}")


def printed_code(text: str) -> Iterator[tuple[str, int, str, str]]:
    """The lines of code that a trace prints: file, line, the code, and the piece that marks below it point at.

    Node marks one place, where a name begins: what counts then is all up to the end of that name.
    """
    lines = [line[:_LONGEST_LINE] for line in text.replace("```", "\n").split("\n")[:_MOST_LINES]]
    for number, line in enumerate(lines[:-1]):
        frame, code = _frame_with_code(line), lines[number + 1]
        farther_in = _indent(code) > _indent(line) or not _PYTHON_FRAME.match(line)
        if frame is None or not code.strip() or not farther_in or _is_of_trace(code):
            continue
        below = lines[number + 2] if number + 2 < len(lines) else ""
        yield (*frame, code.strip(), _marked(code, below) if _MARKS.match(below) else "")


def _frame_with_code(line: str) -> tuple[str, int] | None:
    if _PYTHON_FRAME.match(line) and (match := _PYTHON.search(line)):
        return match[1], int(match[2])
    if _NODE_HEAD.match(line):
        file, _, number = line.rpartition(":")
        return file, int(number)
    return None


def _marked(code: str, marks: str) -> str:
    start, end = len(marks) - len(marks.lstrip()), len(marks.rstrip())
    if end - start > 1:
        return code[start:end]
    return code[:end].strip() + (match[0] if (match := _REST.match(code[end:])) else "")


_AROUND = re.compile(r"^\s*(?:Traceback \(most recent call last\):|[\^~ ]+|goroutine \d.*|stack backtrace:)\s*$")


def without_trace(text: str) -> str:
    """The text without the trace in it: what is left says what went wrong, and not where it passed."""
    return "\n".join(line for line in without_source(text).split("\n") if not _is_of_trace(line[:_LONGEST_LINE]))


def _is_of_trace(line: str) -> bool:
    if not line.strip():
        return False
    if _PYTHON_FRAME.match(line) or _NODE_HEAD.match(line) or _AROUND.match(line):
        return True
    return any(pattern.match(line) for pattern in (*(shape for shape, _ in _SHAPES), _GO, _RUST, _RUST_FUNCTION))


def _frame_before_source(line: str) -> int | None:
    """How far in a frame stands whose code may follow, farther in; None for any other line."""
    if _NODE_HEAD.match(line):
        return 0
    return _indent(line) if _PYTHON_FRAME.match(line) else None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _python(lines: list[str]) -> Iterator[Frame]:
    """Each exception of a chain is printed after the one that it came of: the first is where it began."""
    sections: list[list[Frame]] = [[]]
    for line in lines:
        if _PYTHON_CHAIN.match(line):
            sections.append([])
        sections[-1] += (Frame(match[1], int(match[2]), match[3]) for match in _PYTHON.finditer(line))
    for section in reversed(sections):
        yield from section


def _innermost_first(read: Reader) -> Reader:
    """Most languages print the raising line first, and each cause after what it caused."""

    def turned(lines: list[str]) -> Iterator[Frame]:
        for section in _causes(lines):
            yield from reversed(tuple(read(section)))

    return turned


def _causes(lines: list[str]) -> Iterator[list[str]]:
    section: list[str] = []
    for line in lines:
        if line.lstrip().startswith(("Caused by", "[cause]")):
            yield section
            section = []
        section.append(line)
    yield section


def _one_line(lines: list[str]) -> Iterator[Frame]:
    """PHP says in the message where it threw, and prints a frame for that only where a built-in function did."""
    printed = tuple(_printed(lines))
    places = {(frame.file, frame.line) for frame in printed}
    threw = (Frame(match[1], int(match[2]), None) for line in lines if (match := _PHP_THREW.search(line)))
    yield from (frame for frame in dict.fromkeys(threw) if (frame.file, frame.line) not in places)
    yield from printed


def _printed(lines: list[str]) -> Iterator[Frame]:
    for line in lines:
        for pattern, order in _SHAPES:
            match = pattern.search(line)
            if match is not None:
                file, number, function = (match[group] if group else None for group in order)
                yield Frame(file or "", int(number or 0), function or None)
                break


_SHAPES: tuple[tuple[re.Pattern[str], tuple[int, int, int]], ...] = (
    (_JAVA, (2, 3, 1)),
    (_DOTNET, (2, 3, 1)),
    (_NODE, (2, 3, 1)),
    (_RUBY, (1, 2, 3)),
    (_PHP, (1, 2, 3)),
    (_NODE_BARE, (1, 2, 0)),
    (_BROWSER, (2, 3, 1)),
)


def _two_lines(lines: list[str]) -> Iterator[Frame]:
    """Go and Rust: the function, if it is printed, stands on the line before the file."""
    before = ""
    for line in lines:
        for place, name in ((_RUST, _RUST_FUNCTION), (_GO, _GO_FUNCTION)):
            match = place.search(line)
            if match is not None:
                called = name.search(before)
                yield Frame(match[1], int(match[2]), called[1] if called else None)
                break
        before = line


def _mentions(lines: list[str]) -> Iterator[Frame]:
    for line in lines:
        for match in _ANYWHERE.finditer(line):
            yield Frame(match[1], int(match[2]), match[3])
