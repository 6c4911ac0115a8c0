"""Labels that a message prints as ``key: value``, ``key = value`` or ``key:value``, and what they say of the place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from backtrace_core.scope import Catalog, environment_name

_LINE = re.compile(r"^[\s•*-]{0,8}([^\W\d][\w .-]{0,40}?)\s{0,3}(?:=|:)\s{1,3}(\S.{0,300})$")
_INLINE = re.compile(r"(?<![\w/:])([A-Za-z_]{2,20})[:=]([\w./-]{1,100})")
_MOST_LINES, _LONGEST_LINE = 400, 400
_SERVICE = ("service", "service_name", "app", "application", "project", "deployment", "服务")
_ENVIRONMENT = ("environment", "env", "stage", "deployment_environment", "环境")
_NAMES = frozenset(("production", "staging", "development", "qa", "canary", "sandbox", "preprod", "testing", "uat"))
_WORD = re.compile(r"[\w./-]{2,100}")


def labels_in(text: str) -> dict[str, str]:
    """Keys in lower case with their first value; ``text`` is unmarked."""
    found: dict[str, str] = {}
    for key, value in (*_by_line(text), *_inline(text)):
        found.setdefault(key.strip().lower(), value.strip())
    return found


def _by_line(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n")[:_MOST_LINES]:
        match = _LINE.match(line[:_LONGEST_LINE])
        if match is not None:
            yield match[1], match[2]


def _inline(text: str) -> Iterator[tuple[str, str]]:
    for match in _INLINE.finditer(text):
        yield match[1], match[2]


def words_of(text: str) -> tuple[str, ...]:
    """Tokens that may name a service or an environment, as written."""
    return tuple(match[0].strip(".-/") for match in _WORD.finditer(text))


def service_of(labels: Mapping[str, str], words: Iterable[str], catalog: Catalog) -> str | None:
    """The service that a label names; else the first word that the catalog knows; else the label that looks like it."""
    named = [labels[key] for key in _SERVICE if key in labels and " " not in labels[key]]
    known = (word for word in (*named, *words) if catalog.find(word) is not None)
    return next(known, None) or next(iter(named), None)


def environment_of(labels: Mapping[str, str], words: Iterable[str]) -> str | None:
    """The environment that a label names, else the first word that is the name of one. As written."""
    named = next((labels[key] for key in _ENVIRONMENT if key in labels), None)
    if named:
        return named.split()[0]
    return next((word for word in words if environment_name(word) in _NAMES), None)
