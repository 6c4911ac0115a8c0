"""Which versions an alert says that the trouble was seen in: ``release: shop@1.4.2``, ``version="1.4.2"``, an image.

Only what stands behind a word for a version counts, and not where the words around it say that it is another one's: the
one before, the one that somebody went back to, the one in which all is well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.alerts.stack import without_trace
from backtrace_core.model import Alert

_MOST_LINES, _LONGEST_LINE, _MOST = 200, 400, 8
_LONGEST_KEY = 120
_VALUE = r"[A-Za-z0-9][\w./:@+-]{0,150}"
_LABEL = re.compile(
    rf"(?<![\w./-])((?:(?:app|git|image|service|container)[_. ]?|app[._]kubernetes[._]io[/_])?"
    rf"(?:version|release|revision|sha|tag|image|commit(?:_sha)?))[\"'`]?[ \t]{{0,3}}[:=][ \t]{{0,3}}[\"'`]?({_VALUE})",
    re.IGNORECASE,
)
_PROSE = re.compile(rf"(?<![\w./-])(?:versions?|releases?)[ \t:=]{{1,4}}[\"'`]?({_VALUE})", re.IGNORECASE)
_NEXT = re.compile(rf"[\"'`]?(?:[ \t]{{0,2}},[ \t]{{0,2}}|[ \t]{{1,2}}(?:and|or|&)[ \t]{{1,2}})[\"'`]?({_VALUE})")
_NEXT_IS = re.compile(r"\d\.\d|^[0-9a-f]{7,40}$")
_CLAUSE_ENDS = re.compile(r"[,;()]|\.\s")
_ANOTHERS = re.compile(
    r"\b(?:previous|prior|before|until|than|last (?:good|known)|latest|expected|desired|fixed|resolved|reverted?"
    r"|(?:back|rollback) to|no|not|without|except|unaffected|min|max|chart|schema|api|client|browser|kernel|python|node"
    r"|java|php|ruby|go)\b[^,;]{0,12}$",
    re.IGNORECASE,
)
_IS_WELL = re.compile(
    r"^[^,;\n]{0,20}\b(?:fine|ok|okay|healthy|unaffected|works?|worked|not affected|no errors?)\b", re.IGNORECASE
)
_DIGEST = re.compile(r"@sha\d{3}:.*")


def versions_of(alert: Alert) -> tuple[str, ...]:
    """Each once, as the alert writes it, in their order; at most eight."""
    found: dict[str, None] = {}
    for line in without_trace(f"{alert.title}\n{alert.text}").split("\n")[:_MOST_LINES]:
        for version in _of_line(line[:_LONGEST_LINE]):
            found.setdefault(version)
    return tuple(found)[:_MOST]


def _of_line(line: str) -> Iterator[str]:
    for start, end, value in sorted({*_labels(line), *_prose(line)}):
        before = _CLAUSE_ENDS.split(line[max(0, start - _LONGEST_KEY) : start])[-1]
        if _ANOTHERS.search(before):
            continue
        for version, after in _values(value, line, end):
            if any(c.isdigit() for c in version) and not _IS_WELL.match(line[after:]):
                yield version


def _labels(line: str) -> Iterator[tuple[int, int, str]]:
    return ((m.start(), m.end(), m[2]) for m in _LABEL.finditer(line))


def _prose(line: str) -> Iterator[tuple[int, int, str]]:
    return ((m.start(), m.end(), m[1]) for m in _PROSE.finditer(line))


def _values(first: str, line: str, end: int) -> Iterator[tuple[str, int]]:
    """The value and those that are listed behind it, each with where it ends."""
    yield _trimmed(first), end
    while (more := _NEXT.match(line, end)) is not None and _NEXT_IS.search(_trimmed(more[1])):
        end = more.end()
        yield _trimmed(more[1]), end


def _trimmed(value: str) -> str:
    return _DIGEST.sub("", value).rstrip("./:@+-")
