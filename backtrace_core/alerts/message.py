"""A Slack message as the readers see it: decoded, typed, and cut to size, whatever shape it had.

This is the one place that knows the JSON of messages, attachments and blocks. Wrong types are read as absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backtrace_core.alerts.further_links import further_links
from backtrace_core.alerts.posted import message_in, sent_at, why_not_read
from backtrace_core.alerts.sizing import sized
from backtrace_core.alerts.slack_text import LONGEST, clean, decode, links_in, unmarked
from backtrace_core.model import Link

_MOST_ATTACHMENTS, _MOST_BLOCKS, _MOST_FIELDS, _MOST_LINKS, _DEEPEST = 20, 60, 40, 20, 6


@dataclass(frozen=True, slots=True)
class Block:
    """One block: ``kind`` as Slack names it; ``text`` with code marks."""

    kind: str
    text: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """``fields`` are (title, value) pairs; all texts with code marks."""

    title: str
    title_url: str
    pretext: str
    text: str
    fallback: str
    footer: str
    author: str
    colour: str
    fields: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]

    def field(self, title: str) -> str:
        return next((value for name, value in self.fields if name.lower() == title.lower()), "")

    def body(self) -> Iterator[str]:
        said = (
            self.pretext,
            self.title,
            self.text,
            *(f"{t}: {v}" for t, v in self.fields),
            *(b.text for b in self.blocks),
        )
        shown = [text for text in said if text.strip()]
        yield from shown or (self.fallback,)


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """``at`` is the message's own ``ts``. ``sender`` is the name shown above it."""

    at: datetime
    app_id: str
    sender: str
    text: str
    attachments: tuple[Attachment, ...]
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]

    @property
    def marked(self) -> str:
        """All of its text, code marks kept (traces need them), cut to 64 KB."""
        parts = (self.text, *(b.text for b in self.blocks), *(p for a in self.attachments for p in a.body()))
        return "\n".join(part for part in parts if part.strip())[:LONGEST]

    @property
    def body(self) -> str:
        """All of its text as a person reads it."""
        return unmarked(self.marked)

    @property
    def first(self) -> Attachment | None:
        """The first attachment that has anything to read."""
        return next((a for a in self.attachments if a.title or a.text or a.pretext or a.blocks), None)


def from_slack(event: Mapping[str, Any]) -> SlackMessage | None:
    """The message of an event as it reads now. None: people wrote it, or Slack did, or it is a card of ours."""
    message, moment = message_in(event), sent_at(event)
    if message is None or moment is None or why_not_read(event):
        return None
    message = sized(message)
    attachments = tuple(_attachments(message.get("attachments")))
    blocks = tuple(_blocks(message.get("blocks"), 0))
    profile = message.get("bot_profile")
    named = _text(profile, "name") if isinstance(profile, Mapping) else ""
    return SlackMessage(
        at=moment,
        app_id=_text(message, "app_id"),
        sender=clean(named or _text(message, "username"))[:80],
        text=decode(message.get("text")),
        attachments=attachments,
        blocks=blocks,
        links=tuple(dict.fromkeys((*_links(message, attachments, blocks), *further_links(message))))[:_MOST_LINKS],
    )


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _attachments(value: object) -> Iterator[Attachment]:
    for item in _list(value)[:_MOST_ATTACHMENTS]:
        if isinstance(item, Mapping) and not item.get("from_url"):
            yield Attachment(
                title=decode(item.get("title")),
                title_url=_text(item, "title_link"),
                pretext=decode(item.get("pretext")),
                text=decode(item.get("text")),
                fallback=_fallback(item),
                footer=decode(item.get("footer")),
                author=decode(item.get("author_name")),
                colour=_text(item, "color").lower().lstrip("#"),
                fields=tuple(_fields(item.get("fields"))),
                blocks=tuple(_blocks(item.get("blocks"), 0)),
            )


def _fallback(item: Mapping[str, Any]) -> str:
    text = decode(item.get("fallback"))
    return "" if text == "[no preview available]" else text


def _fields(value: object) -> Iterator[tuple[str, str]]:
    for item in _list(value)[:_MOST_FIELDS]:
        if isinstance(item, Mapping) and isinstance(item.get("value"), str):
            yield decode(item.get("title")), decode(item.get("value"))


def _blocks(value: object, depth: int) -> Iterator[Block]:
    """Buttons and menus say what can be done, not what happened: left out."""
    for item in _list(value)[:_MOST_BLOCKS]:
        if not isinstance(item, Mapping) or depth > _DEEPEST:
            continue
        kind = _text(item, "type")
        parts = list(_parts(item, kind, depth))
        text = "\n".join(part for part, _ in parts if part)
        if text:
            yield Block(kind, text, tuple(link for _, raw in parts for link in links_in(raw)))


def _parts(item: Mapping[str, Any], kind: str, depth: int) -> Iterator[tuple[str, object]]:
    """(text, raw mrkdwn) of what a block shows."""
    if kind in ("header", "section"):
        yield _object(item.get("text"))
        yield from (_object(field) for field in _list(item.get("fields"))[:_MOST_FIELDS])
    elif kind == "context":
        yield from (_object(element) for element in _list(item.get("elements"))[:_MOST_FIELDS])
    elif kind == "markdown":
        yield clean(item.get("text")), ""
    elif kind == "rich_text":
        yield "".join(_rich(item.get("elements"), depth)), ""


def _object(value: object) -> tuple[str, object]:
    if not isinstance(value, Mapping):
        return "", ""
    raw = value.get("text")
    return (decode(raw), raw) if value.get("type") == "mrkdwn" else (clean(raw), "")


def _rich(value: object, depth: int) -> Iterator[str]:
    for element in _list(value)[:_MOST_BLOCKS]:
        if not isinstance(element, Mapping) or depth > _DEEPEST:
            continue
        kind = _text(element, "type")
        if kind == "rich_text_preformatted":
            yield f"\n```{''.join(_rich(element.get('elements'), depth + 1))}```\n"
        elif kind in ("rich_text_section", "rich_text_list", "rich_text_quote"):
            yield "".join(_rich(element.get("elements"), depth + 1)) + "\n"
        else:
            yield clean(_text(element, "text") or _text(element, "url"))


def _links(
    message: Mapping[str, Any], attachments: tuple[Attachment, ...], blocks: tuple[Block, ...]
) -> Iterator[Link]:
    yield from links_in(message.get("text"))
    for block in blocks:
        yield from block.links
    for attachment in attachments:
        if attachment.title_url.startswith(("http://", "https://")):
            yield Link(unmarked(attachment.title) or attachment.title_url, attachment.title_url)
        for block in attachment.blocks:
            yield from block.links
    for item in _list(message.get("attachments"))[:_MOST_ATTACHMENTS]:
        if isinstance(item, Mapping):
            yield from links_in(item.get("pretext"))
            yield from links_in(item.get("text"))
