"""The shapes that Slack stores messages in, and what is expected of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SENT = "1795351260.000100"
"""2026-11-22 12:41 UTC."""
Frames = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """``frames`` are (last part of the file's path, line). ``title`` None: any; ``status`` "none": no alert."""

    sender: str
    message: dict[str, Any]
    status: str
    title: str | None = None
    service: str | None = None
    environment: str | None = None
    at: str | None = None
    terms: tuple[str, ...] = ()
    frames: Frames = ()


def post(text: str = "", name: str = "", **more: Any) -> dict[str, Any]:
    """A program's message; without a name it is a current app's, which has no subtype."""
    by = {"subtype": "bot_message", "username": name} if name else {"user": "U1APP", "app_id": "A1APP"}
    return {"type": "message", "ts": SENT, "channel": "C1", "bot_id": "B1", "text": text, **by, **more}


def by_app(name: str, app_id: str = "A2APP", **more: Any) -> dict[str, Any]:
    message = {"type": "message", "ts": SENT, "bot_id": "B2", "user": "U2", "app_id": app_id, "text": ""}
    return {**message, "bot_profile": {"name": name, "app_id": app_id}, **more}


def attachment(title: str = "", colour: str = "a30200", **more: Any) -> dict[str, Any]:
    """``fields`` may be a dict of titles with values."""
    fields = more.pop("fields", None)
    if isinstance(fields, dict):
        more["fields"] = [{"title": key, "value": value, "short": True} for key, value in fields.items()]
    return {"color": colour, "title": title, "fallback": title or "[no preview available]", "id": 1, **more}


def section(text: str, *fields: str) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "section"}
    if text:
        block["text"] = {"type": "mrkdwn", "text": text}
    if fields:
        block["fields"] = [{"type": "mrkdwn", "text": field} for field in fields]
    return block


def header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": True}}


def context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def buttons(**urls: str) -> dict[str, Any]:
    made = [{"type": "button", "text": {"type": "plain_text", "text": t}, "url": u} for t, u in urls.items()]
    return {"type": "actions", "elements": made}


def rich(*parts: tuple[str, str]) -> dict[str, Any]:
    """Parts are ("text" or "code", words)."""
    kinds = {"text": "rich_text_section", "code": "rich_text_preformatted", "quote": "rich_text_quote"}
    made = [{"type": kinds[kind], "elements": [{"type": "text", "text": words}]} for kind, words in parts]
    return {"type": "rich_text", "elements": made}


def edited(message: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    event = {"type": "message", "subtype": "message_changed", "ts": "1795354860.000200", "hidden": True}
    return {**event, "channel": "C1", "message": message, "previous_message": before or {**message, "text": "before"}}


def nothing(sender: str, message: dict[str, Any]) -> Row:
    return Row(sender, message, "none")
