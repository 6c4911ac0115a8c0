"""The lines of a message one by one, and who sent it: what several readers look at."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.slack_text import unmarked

_MOST, _LONGEST = 200, 1000


def texts_of(message: SlackMessage) -> Iterator[str]:
    """The message's own text, blocks, then each attachment's parts: as a person reads them."""
    yield unmarked(message.text)
    yield from (unmarked(block.text) for block in message.blocks)
    for attachment in message.attachments:
        yield from (unmarked(text) for text in (attachment.pretext, attachment.title, attachment.text))
        yield from (unmarked(block.text) for block in attachment.blocks)


def lines_of(message: SlackMessage) -> Iterator[str]:
    """Their lines that are not empty, in order, cut to size."""
    lines = (line.strip()[:_LONGEST] for text in texts_of(message) for line in text.split("\n")[:_MOST])
    yield from (line for line in lines if line)


def first_match(pattern: re.Pattern[str], message: SlackMessage) -> re.Match[str] | None:
    """The first line that begins as the pattern says."""
    return next((match for line in lines_of(message) if (match := pattern.match(line))), None)


def is_called(message: SlackMessage, *names: str) -> bool:
    """Whether the sender's name begins so. Anybody can take a name: it decides about how to read, nothing else."""
    return message.sender.lower().startswith(names)


def links_to(message: SlackMessage, *parts: str) -> bool:
    """Whether a link of the message has one of these parts."""
    return any(part in link.url for link in message.links for part in parts)


def link_id(message: SlackMessage, pattern: re.Pattern[str]) -> str:
    """The first group in the first link that fits; empty where none does."""
    return next((match[1] for link in message.links if (match := pattern.search(link.url))), "")


def head_of(message: SlackMessage) -> str:
    """The first line of a title: of the first attachment, a header, the text, whatever else."""
    first = message.first
    headers = (block.text for block in message.blocks if block.kind == "header")
    texts = (first.title if first else "", *headers, message.text, *lines_of(message))
    lines = (unmarked(text).strip().partition("\n")[0].strip() for text in texts)
    return next((line[:_LONGEST] for line in lines if line), "")
