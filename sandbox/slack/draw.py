"""A Slack message as plain text for a terminal. Pure.

Control characters are dropped: a message from anybody must not steer the terminal it is drawn on.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from sandbox.slack.team import Json

WIDTH = 100
_ENTITY = re.compile(r"<(?P<target>[^<>|\n]+)(?:\|(?P<label>[^<>\n]*))?>")
_MARKS = re.compile(r"(?<![\w*_~])([*_~])(?=\S)(.+?)(?<=\S)\1(?![\w*_~])")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def render_text(message: Json) -> str:
    """The message drawn line by line: blocks where it has any, else its text; then its attachments.

    Buttons look like ``[Roll back]``, menus like ``[⋯ first | second]``, links show their label.
    """
    parts = [_block(block) for block in message.get("blocks") or ()]
    if not parts and message.get("text"):
        parts = [_wrapped(plain(message["text"]))]
    parts += [_attachment(attachment) for attachment in message.get("attachments") or ()]
    return "\n".join(part for part in parts if part)


def plain(mrkdwn: str) -> str:
    """mrkdwn as a person reads it: entities become their labels, then the three escapes are undone, once."""
    text = _MARKS.sub(r"\2", _ENTITY.sub(_label, _clean(mrkdwn)))
    for escaped, character in _ESCAPES:
        text = text.replace(escaped, character)
    return text


def _label(found: re.Match[str]) -> str:
    target, label = found["target"], found["label"]
    if label:
        return label
    if target.startswith(("@", "#")):
        return target
    return "@" + target.removeprefix("!").partition("^")[0] if target.startswith("!") else target


def _clean(text: str) -> str:
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf"))


def _text(thing: object) -> str:
    """A text object: mrkdwn is read, plain_text is literal."""
    if not isinstance(thing, dict):
        return ""
    words = str(thing.get("text", ""))
    return plain(words) if thing.get("type") == "mrkdwn" else _clean(words)


def _block(block: Json) -> str:
    draw = _BLOCKS.get(str(block.get("type")))
    return draw(block) if draw else f"({_clean(str(block.get('type')))})"


def _header(block: Json) -> str:
    words = _text(block.get("text"))
    return f"{words}\n{'=' * min(len(words), WIDTH)}"


def _section(block: Json) -> str:
    lines = [_wrapped(_text(block.get("text")))] if block.get("text") else []
    lines += [_wrapped(_text(item).replace("\n", " "), "  ") for item in block.get("fields") or ()]
    if block.get("accessory"):
        lines.append(_element(block["accessory"]))
    return "\n".join(lines)


def _context(block: Json) -> str:
    words = [_element(item) if item.get("type") == "image" else _text(item) for item in block.get("elements") or ()]
    return _wrapped(" · ".join(words), "  ")


def _actions(block: Json) -> str:
    return _wrapped(" ".join(_element(item) for item in block.get("elements") or ()))


def _input(block: Json) -> str:
    element = block.get("element") or {}
    if element.get("type") == "checkboxes":
        return "\n".join((f"{_text(block.get('label'))}:", *map(_wrapped, _boxes(element))))
    return f"{_text(block.get('label'))}: ____"


def _boxes(element: Json) -> Iterator[str]:
    ticked = [option["value"] for option in element.get("initial_options") or ()]
    for option in element.get("options") or ():
        more = _text(option.get("description"))
        mark = "x" if option["value"] in ticked else " "
        yield f"[{mark}] {_text(option.get('text'))}{f', {more}' if more else ''}"


def _image(block: Json) -> str:
    return _element(block)


def _divider(_block: Json) -> str:
    return "-" * 40


_BLOCKS: Mapping[str, Callable[[Json], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "divider": _divider,
}


def _element(element: Json) -> str:
    kind = element.get("type")
    if kind == "image":
        return f"(image: {_clean(str(element.get('alt_text', '')))})"
    options = element.get("options")
    if options:
        return f"[⋯ {' | '.join(_text(option.get('text')) for option in options)}]"
    return f"[{_text(element.get('text'))}]"


def _attachment(attachment: Json) -> str:
    lines = list(_attachment_lines(attachment))
    lines += [_block(block) for block in attachment.get("blocks") or ()]
    return textwrap.indent("\n".join(line for line in lines if line), "| ")


def _attachment_lines(attachment: Json) -> Iterator[str]:
    for key in ("pretext", "author_name", "title", "text"):
        yield _wrapped(plain(str(attachment.get(key) or "")))
    for item in attachment.get("fields") or ():
        yield _wrapped(f"{plain(str(item.get('title', '')))}: {plain(str(item.get('value', '')))}")
    yield _wrapped(plain(str(attachment.get("footer") or "")))


def _wrapped(text: str, indent: str = "") -> str:
    """Each line cut to the width at spaces; addresses and long words stay whole."""
    lines = text.splitlines()
    return "\n".join(
        textwrap.fill(
            line,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines
    )
