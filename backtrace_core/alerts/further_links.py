"""Links that no text of a message shows: of fields, of buttons, of rich text. They stand behind those that it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backtrace_core.alerts.slack_text import clean, links_in
from backtrace_core.model import Link

_MOST, _DEEPEST = 60, 6
_INSIDE = ("blocks", "elements", "accessory", "attachments")
_LONGEST_URL = 3000
"""docs.slack.dev/reference/block-kit/block-elements/button-element: of a button's ``url``."""


def further_links(message: Mapping[str, Any]) -> Iterator[Link]:
    """Of web addresses only: whatever else a link may start is not for people to press."""
    for attachment in _items(message.get("attachments")):
        if not attachment.get("from_url"):
            yield from _of_fields(attachment)
            yield from _within(attachment, 0)
    for block in _items(message.get("blocks")):
        yield from _within(block, 0)


def _of_fields(attachment: Mapping[str, Any]) -> Iterator[Link]:
    for field in _items(attachment.get("fields")):
        yield from links_in(field.get("value"))


def _within(item: Mapping[str, Any], depth: int) -> Iterator[Link]:
    url = item.get("url")
    if isinstance(url, str) and url.startswith(("http://", "https://")) and len(url) <= _LONGEST_URL:
        yield Link(_label(item.get("text")) or url, url)
    for key in _INSIDE if depth < _DEEPEST else ():
        inner = item.get(key)
        for part in _items([inner] if isinstance(inner, Mapping) else inner):
            yield from _within(part, depth + 1)


def _label(text: object) -> str:
    """Of a button it is an object, of a link in rich text a string; both are literal."""
    return clean(text.get("text") if isinstance(text, Mapping) else text).strip()[:200]


def _items(value: object) -> Iterator[Mapping[str, Any]]:
    for item in value[:_MOST] if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            yield item
