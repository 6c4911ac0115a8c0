"""What Slack changes when it stores a message: escaped text, wrapped links, hex colours, ids. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from sandbox.slack.team import Json

# An angle-bracket entity that Slack understands, an escape it keeps, a bare address, or a character to escape.
_PIECE = re.compile(
    r"(?P<entity><(?:https?://|mailto:|tel:|[@#!])[^<>\n]*>)|(?P<escape>&(?:amp|lt|gt);)|(?P<url>https?://[^\s<>|]+)|(?P<raw>[&<>])"
)
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Slack often stores emoji as short codes; these are the ones that senders of alerts use most.
_SHORT_CODES = {
    "🔴": ":red_circle:",
    "✅": ":white_check_mark:",
    "🔥": ":fire:",
    "🚨": ":rotating_light:",
    "⚠️": ":warning:",
}
_COLOURS = {"good": "2eb886", "warning": "daa038", "danger": "a30200"}
TEXT_LIMIT = 40_000


def escape(text: str) -> str:
    """What a person typed, or a plain string: every markup character escaped."""
    return re.sub(r"[&<>]", lambda found: _ESCAPES[found.group()], text)


def typed(text: str) -> str:
    """A message typed in a client: nothing in it is markup, but bare addresses become links.

    Mentions that the client's menu would have made (``<@U123>``) stay.
    """
    return "".join(
        part if re.fullmatch(r"<[@#][A-Z0-9]+>", part) else _wrap_links(escape(part))
        for part in re.split(r"(<[@#][A-Z0-9]+>)", text)
    )


def _wrap_links(text: str) -> str:
    return re.sub(r"https?://[^\s<>|]+", lambda found: f"<{found.group()}>", text)


def markup(text: str) -> str:
    """A text that an app sent: its entities and escapes stay, all else is escaped, bare addresses become links."""
    for emoji, code in _SHORT_CODES.items():
        text = text.replace(emoji, code)
    return _PIECE.sub(_stored_piece, text)


def _stored_piece(found: re.Match[str]) -> str:
    if found["url"]:
        return f"<{_amp(found['url'])}>"
    if found["entity"]:
        return _amp(found["entity"])
    return _ESCAPES.get(found.group(), found.group())


def _amp(text: str) -> str:
    return re.sub(r"&(?!(?:amp|lt|gt);)", "&amp;", text)


def store_attachments(attachments: list[Json], name: Callable[[], str]) -> list[Json]:
    return [_attachment(number, given, name) for number, given in enumerate(attachments, start=1)]


def _attachment(number: int, given: Json, name: Callable[[], str]) -> Json:
    stored = copy.deepcopy(given)
    for key in ("text", "pretext", "title", "fallback", "footer", "author_name"):
        if isinstance(stored.get(key), str):
            stored[key] = markup(stored[key])
    for item in stored.get("fields") or ():
        item["value"] = markup(str(item.get("value", "")))
    if "color" in stored:
        colour = str(stored["color"])
        stored["color"] = _COLOURS.get(colour, colour.removeprefix("#"))
    if stored.get("blocks"):
        stored["blocks"] = store_blocks(stored["blocks"], name)
    stored.setdefault("fallback", "[no preview available]")
    return {**stored, "id": number}


def store_blocks(blocks: list[Json], name: Callable[[], str]) -> list[Json]:
    """Blocks as Slack hands them back: a ``block_id`` each, defaults of text objects filled in, mrkdwn normalised.

    ``name`` makes an id for a block that has none. Elements that act get an ``action_id`` from it.
    """
    stored = copy.deepcopy(blocks)
    for block in stored:
        if "block_id" not in block:
            block["block_id"] = name()
        for place, element in enumerate(elements_of(block)):
            if element.get("type") not in ("image", "mrkdwn", "plain_text"):
                element.setdefault("action_id", f"{block['block_id']}.{place}")
        _finish_texts(block)
    return stored


def elements_of(block: Json) -> list[Json]:
    """The interactive (and context) elements of a block, wherever its type keeps them; rich text has none."""
    if block.get("type") == "rich_text":
        return []
    found: list[Any] = block["elements"] if isinstance(block.get("elements"), list) else []
    found = found + [block[key] for key in ("accessory", "element") if isinstance(block.get(key), dict)]
    return [element for element in found if isinstance(element, dict)]


def _finish_texts(thing: object) -> None:
    if isinstance(thing, list):
        for item in thing:
            _finish_texts(item)
    elif isinstance(thing, dict):
        if thing.get("type") == "rich_text":
            return
        if thing.get("type") == "mrkdwn" and isinstance(thing.get("text"), str):
            thing["text"] = thing["text"] if thing.get("verbatim") else markup(thing["text"])
            thing.setdefault("verbatim", False)
        elif thing.get("type") == "plain_text":
            thing.setdefault("emoji", True)
        for item in thing.values():
            _finish_texts(item)
