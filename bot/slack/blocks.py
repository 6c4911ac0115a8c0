"""The few Block Kit shapes that cards and modals are made of, and the limits they keep (docs.slack.dev, Block Kit).

All text that comes in is already escaped by :mod:`bot.slack.text`; ``plain_text`` is cut here, as it needs no escaping.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.slack.text import plain

Block = dict[str, Any]

MOST_HEADER = 150
MOST_BUTTON = 75
MOST_SECTION = 3000
MOST_VALUE = 2000


def header(words: str) -> Block:
    return {"type": "header", "text": plain_text(words, MOST_HEADER)}


def section(lines: Iterable[str], limit: int, beside: Block | None = None) -> list[Block]:
    """One section of as many lines as fit, or no block where there is no line. ``limit`` is 3,000 at most;
    ``beside`` is a button at its right."""
    words = joined(lines, min(limit, MOST_SECTION))
    accessory = {"accessory": beside} if beside else {}
    return [{"type": "section", "text": _mrkdwn(words), **accessory}] if words else []


def context(lines: Iterable[str], limit: int) -> list[Block]:
    """The same in small print. ``limit`` is 2,000 at most."""
    words = joined(lines, min(limit, 2000))
    return [{"type": "context", "elements": [_mrkdwn(words)]}] if words else []


def actions(elements: Sequence[Block], block_id: str) -> list[Block]:
    return [{"type": "actions", "block_id": block_id, "elements": list(elements)}] if elements else []


def button(action_id: str, words: str, value: str, says: str) -> Block:
    """``says`` is the button's whole meaning, read out where ``words`` alone are seen."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(words, MOST_BUTTON),
        "value": value,
        "accessibility_label": plain(says, MOST_BUTTON),
    }


def danger_button(action_id: str, words: str, value: str, says: str) -> Block:
    return {**button(action_id, words, value, says), "style": "danger"}


def url_button(action_id: str, words: str, url: str, says: str) -> Block:
    """A button that leads out of Slack. Slack tells the app of a click on it all the same, and waits for its ack."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(words, MOST_BUTTON),
        "url": url,
        "accessibility_label": plain(says, MOST_BUTTON),
    }


def confirm(title: str, says: str, yes: str, no: str) -> Block:
    """What Slack asks before it sends a press. Its words are the same for everybody, and prove nothing here."""
    return {
        "title": plain_text(title, 100),
        "text": plain_text(says, 300),
        "confirm": plain_text(yes, 30),
        "deny": plain_text(no, 30),
        "style": "danger",
    }


def option(words: str, value: str) -> Block:
    return {"text": plain_text(words, MOST_BUTTON), "value": value}


def joined(lines: Iterable[str], limit: int) -> str:
    """As many whole lines as fit, and then how many were left out."""
    wanted = [line for line in lines if line]
    kept: list[str] = []
    # Kept free for the line that says how many are missing.
    room = limit - 20
    for line in wanted:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    if len(kept) < len(wanted):
        kept.append(f"… and {len(wanted) - len(kept)} more")
    return "\n".join(kept)


def plain_text(words: str, limit: int) -> Block:
    return {"type": "plain_text", "text": plain(words, limit) or "-", "emoji": False}


def _mrkdwn(words: str) -> Block:
    # Not verbatim, Slack would make links and mentions of its own out of foreign words.
    return {"type": "mrkdwn", "text": words, "verbatim": True}
