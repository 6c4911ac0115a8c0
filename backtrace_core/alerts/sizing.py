"""A message cut to size as a whole, before anything of it is decoded or any pattern runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backtrace_core.alerts.slack_text import LONGEST

_READ = ("text", "blocks", "attachments")
_MOST_NODES, _DEEPEST = 5000, 20


def sized(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message with at most 64 KB of characters, and 5,000 values, in each of text, blocks and attachments.

    Many small texts cost as much as one long one. What is nested deeper than any block is, is left out.
    """
    return {**message, **{key: _Room().cut(message[key], 0) for key in _READ if key in message}}


@dataclass(slots=True)
class _Room:
    """What is left of the room while a part is walked through, in the order in which it is shown."""

    characters: int = LONGEST
    nodes: int = _MOST_NODES

    def cut(self, value: object, depth: int) -> object:
        self.nodes -= 1
        if isinstance(value, str):
            kept = value[: self.characters]
            self.characters -= len(kept)
            return kept
        if depth > _DEEPEST or self.nodes < 0:
            return None
        if isinstance(value, list):
            return [self.cut(item, depth + 1) for item in value[: self.nodes]]
        if isinstance(value, Mapping):
            return {key: self.cut(item, depth + 1) for key, item in list(value.items())[: self.nodes]}
        return value
