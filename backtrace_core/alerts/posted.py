"""Whether a message event holds a program's message at all, or why it does not.

A current app's bot token posts without a subtype and with a ``user``; only ``bot_id`` tells that no person wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_FIRST_YEAR, _LAST_YEAR = 2013, 2200
_POSTS = ("", "bot_message", "thread_broadcast")


def message_in(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The message as it reads now: of an edit (``message_changed``) the one inside, with that message's ``ts``."""
    message = event.get("message") if event.get("subtype") == "message_changed" else event
    return message if isinstance(message, Mapping) else None


def why_not_read(event: Mapping[str, Any]) -> str:
    """Why no sender's reader is asked, as a sentence; empty where they are."""
    message = message_in(event)
    if message is None:
        return "The event holds no message."
    subtype = message.get("subtype") or ""
    if subtype not in _POSTS:
        return f"Slack itself wrote it, or a file came with it (its subtype is {subtype!s:.60})."
    if not (isinstance(message.get("bot_id"), str) and message["bot_id"]):
        who = "A person wrote it" if message.get("user") else "Nobody knows who wrote it"
        return f"{who}: it has no bot_id."
    if _ours(message):
        return "It is a card of Backtrace's own."
    if sent_at(event) is None:
        return "Its ts is no moment."
    return "Only previews of its links changed." if _only_unfurled(event) else ""


def sent_at(event: Mapping[str, Any]) -> datetime | None:
    """Slack's ``ts`` is seconds since 1970 with six decimals, as text. Moments when there was no Slack are none."""
    message = message_in(event)
    try:
        moment = datetime.fromtimestamp(float(str((message or {}).get("ts"))), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if _FIRST_YEAR <= moment.year < _LAST_YEAR else None


def _ours(message: Mapping[str, Any]) -> bool:
    metadata = message.get("metadata")
    return isinstance(metadata, Mapping) and str(metadata.get("event_type", "")).startswith("backtrace")


def _only_unfurled(event: Mapping[str, Any]) -> bool:
    if event.get("subtype") != "message_changed":
        return False
    new, old = event.get("message"), event.get("previous_message")
    if not isinstance(new, Mapping) or not isinstance(old, Mapping):
        return False
    try:
        return bool(new.get("text") == old.get("text") and new.get("blocks") == old.get("blocks")) and (
            list(_own_attachments(new)) == list(_own_attachments(old))
        )
    except RecursionError:
        # Nested deeper than Python compares: nothing that Slack shows.
        return False


def _own_attachments(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Those that the sender made: Slack's previews of links say where they are from."""
    attachments = message.get("attachments")
    for item in attachments if isinstance(attachments, list) else ():
        if isinstance(item, Mapping) and not item.get("from_url"):
            yield item
