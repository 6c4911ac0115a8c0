"""Where in a message something stands that was read from it, for people who want to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backtrace_core.alerts.posted import message_in
from backtrace_core.alerts.slack_text import decode, unmarked

_MOST, _DEEPEST = 2000, 12


def whence(event: Mapping[str, Any], value: str) -> str:
    """``attachments[0].title``; of several places the one with the fewest other words. Empty: it stands nowhere so."""
    wanted = value.lower()
    found = [(len(text), place) for place, text in _texts(message_in(event) or {}) if wanted in text.lower()]
    return min(found, default=(0, ""))[1]


def _texts(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    left = _MOST
    for part in ("text", "attachments", "blocks"):
        for place, raw in _strings(message.get(part), part, 0):
            left -= 1
            if left < 0:
                return
            yield place, unmarked(decode(raw))


def _strings(value: object, place: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _strings(item, f"{place}[{number}]", depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, f"{place}.{key}", depth + 1)
