"""One call of a Web API method, and what nearly every method checks first."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.slack import blocks as block_kit
from sandbox.slack.state import SlackState
from sandbox.slack.stored import TEXT_LIMIT, markup, store_attachments, store_blocks
from sandbox.slack.team import Json, SlackChannel

# What Slack shows where a message has blocks and nobody sent a text for notifications.
NO_PREVIEW = "This content can't be displayed."
_JSON_ARGUMENTS = ("blocks", "attachments", "metadata", "view")


class SlackError(Exception):
    """An answer ``{"ok": false, "error": code}``, with ``extra`` fields beside it."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


@dataclass(frozen=True, slots=True)
class Call:
    """A method's arguments, however they came (query, form, JSON), and the state it works on."""

    state: SlackState
    args: Json

    def text(self, name: str) -> str:
        """A required string argument; ``invalid_arguments`` without it."""
        value = self.args.get(name)
        if value in (None, ""):
            raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] missing argument: {name}"]})
        return str(value)

    def flag(self, name: str) -> bool:
        return str(self.args.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, usual: int, most: int) -> int:
        """An integer from 1 to ``most``; Slack cuts what is more."""
        try:
            value = int(self.args.get(name) or usual)
        except ValueError as error:
            raise SlackError("invalid_limit") from error
        if value < 1:
            raise SlackError("invalid_limit")
        return min(value, most)


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method: what it does, which token and scope it needs, how its writes are told apart.

    ``scope`` is for public channels; ``private_scope`` for private ones where they differ.
    """

    answer: Callable[[Call], Json]
    token: Literal["bot", "app"] = "bot"
    scope: str = ""
    private_scope: str = ""
    writes: bool = False


def decoded(args: Json) -> Json:
    """Form fields that hold JSON, opened. Raises SlackError where they hold something else."""
    opened = dict(args)
    for name in _JSON_ARGUMENTS:
        if not isinstance(opened.get(name), str):
            continue
        try:
            opened[name] = json.loads(opened[name])
        except ValueError as error:
            code = "invalid_blocks_format" if name == "blocks" else "invalid_arguments"
            raise SlackError(code) from error
    return opened


def visible_channel(call: Call) -> SlackChannel:
    """The channel of the call; one that is private and without the bot looks as if it didn't exist."""
    channel = call.state.channel(call.text("channel"))
    if channel is None or (channel.is_private and not channel.has_bot):
        raise SlackError("channel_not_found")
    return channel


def joined_channel(call: Call) -> SlackChannel:
    channel = visible_channel(call)
    if not channel.has_bot:
        raise SlackError("not_in_channel")
    return channel


def content_of(state: SlackState, args: Json) -> Json:
    """Text, blocks, attachments and thread of a message as they are stored, after everything Slack checks of them.

    Raises ``no_text``, ``invalid_blocks``, ``msg_blocks_too_long`` … as SlackError.
    """
    blocks, attachments = args.get("blocks") or [], args.get("attachments") or []
    text = str(args.get("text") or "")
    if not (text or blocks or attachments):
        raise SlackError("no_text")
    check_all_blocks(blocks, attachments)
    content: Json = {"text": markup(text[:TEXT_LIMIT]) if text or not blocks else NO_PREVIEW}
    if blocks:
        content["blocks"] = store_blocks(blocks, state.next_block_id)
    if attachments:
        content["attachments"] = store_attachments(attachments, state.next_block_id)
    return content


def check_all_blocks(blocks: object, attachments: object) -> None:
    """Refuse what Block Kit refuses, in the message and in its attachments."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > 100:
        raise SlackError("too_many_attachments")
    problems = block_kit.check_blocks(blocks, "message")
    for attachment in attachments:
        problems += block_kit.check_blocks(attachment.get("blocks") or [], "message")
    if not problems:
        return
    code = block_kit.TOO_LONG if all(block_kit.TOO_LONG in says for says in problems) else "invalid_blocks"
    raise SlackError(code, errors=problems, response_metadata={"messages": [f"[ERROR] {says}" for says in problems]})


def metadata_of(args: Json) -> Json | None:
    """The message metadata that was sent; None where none was."""
    metadata = args.get("metadata")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}
