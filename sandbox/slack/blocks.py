"""Block Kit as Slack refuses it: limits, shapes, where a block may stand, and slack_sdk's own models on top.

Each problem is a sentence with the place that it is about, ``must be … [json-pointer:/blocks/0/text]``, as Slack words
its ``response_metadata.messages``. Lengths are counted in code points. Pure.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from sandbox.slack import elements
from sandbox.slack.elements import problem, too_long
from sandbox.slack.stored import elements_of
from sandbox.slack.team import Json

Surface = Literal["message", "modal", "home"]

BLOCKS_LIMIT: Mapping[str, int] = {"message": 50, "modal": 100, "home": 100}
# Undocumented; seen near this number in slackapi/bolt-js#2509.
ALL_TEXT_LIMIT = 13_200
TOO_LONG = "msg_blocks_too_long"
MARKDOWN_LIMIT = 12_000

_EVERYWHERE = frozenset({"message", "modal", "home"})
_MESSAGE = frozenset({"message"})
_PLACES: Mapping[str, frozenset[str]] = {
    "actions": _EVERYWHERE,
    "alert": frozenset({"modal"}),
    "auth_provider": _EVERYWHERE,
    "call": _MESSAGE,
    "card": _EVERYWHERE,
    "carousel": frozenset({"message", "home"}),
    "container": _MESSAGE,
    "context": _EVERYWHERE,
    "context_actions": _MESSAGE,
    "data_table": _MESSAGE,
    "data_visualization": _MESSAGE,
    "divider": _EVERYWHERE,
    "file": _MESSAGE,
    "header": _EVERYWHERE,
    "image": _EVERYWHERE,
    "input": _EVERYWHERE,
    "markdown": _MESSAGE,
    "plan": _MESSAGE,
    "rich_text": _EVERYWHERE,
    "section": _EVERYWHERE,
    "table": _MESSAGE,
    "task_card": _MESSAGE,
    "video": _EVERYWHERE,
}
# slack_sdk 3.47 has no model of these.
_WITHOUT_MODEL = frozenset({"data_table", "data_visualization"})
_FIELDS: Mapping[str, frozenset[str]] = {
    "actions": frozenset({"elements"}),
    "context": frozenset({"elements"}),
    "divider": frozenset(),
    "header": frozenset({"text", "level"}),
    "image": frozenset({"image_url", "slack_file", "alt_text", "title"}),
    "input": frozenset({"label", "element", "hint", "optional", "dispatch_action"}),
    "section": frozenset({"text", "fields", "accessory", "expand"}),
}


def check_blocks(blocks: object, surface: Surface) -> list[str]:
    """What Slack would refuse in these blocks on that surface; an empty list is good news."""
    if not isinstance(blocks, list):
        return ["blocks must be a list [json-pointer:/blocks]"]
    problems = [text for number, block in enumerate(blocks) for text in _block(block, f"/blocks/{number}", surface)]
    if len(blocks) > BLOCKS_LIMIT[surface]:
        problems.append(problem(f"no more than {BLOCKS_LIMIT[surface]} items allowed", "/blocks"))
    usable = [block for block in blocks if isinstance(block, dict)]
    problems += _repeated_ids(usable)
    problems += _sums(usable)
    if surface == "message" and text_length(usable) > ALL_TEXT_LIMIT:
        problems.append(problem(TOO_LONG, "/blocks"))
    return problems


def text_length(blocks: object) -> int:
    """The sum of all text in blocks, which Slack limits as a whole (``msg_blocks_too_long``)."""
    if isinstance(blocks, list):
        return sum(text_length(item) for item in blocks)
    if not isinstance(blocks, dict):
        return 0
    own = len(blocks["text"]) if isinstance(blocks.get("text"), str) else 0
    return own + sum(text_length(value) for value in blocks.values())


@dataclass(frozen=True, slots=True)
class _Limit:
    key: str
    limit: int


_VIEW_WORDS = (_Limit("title", 24), _Limit("submit", 24), _Limit("close", 24))
_VIEW_STRINGS = (_Limit("private_metadata", 3000), _Limit("callback_id", 255))


def check_view(view: Json) -> list[str]:
    """What Slack would refuse in a modal: its blocks, its words, an input without a submit button."""
    if view.get("type") != "modal":
        return [problem("must be a modal", "/view/type")]
    problems = check_blocks(view.get("blocks"), "modal")
    if "title" not in view:
        problems.append(problem("missing required field: title", "/view"))
    for rule in _VIEW_WORDS:
        if rule.key in view:
            problems += elements.text_problems(view[rule.key], f"/view/{rule.key}", rule.limit, ("plain_text",))
    for rule in _VIEW_STRINGS:
        problems += too_long(view.get(rule.key), f"/view/{rule.key}", rule.limit)
    has_input = any(isinstance(block, dict) and block.get("type") == "input" for block in view.get("blocks") or ())
    if has_input and "submit" not in view:
        problems.append(problem("missing required field: submit (the view has input blocks)", "/view"))
    return problems


def _block(block: object, at: str, surface: Surface) -> Iterator[str]:
    if not isinstance(block, dict):
        yield problem("must be an object", at)
        return
    kind = str(block.get("type"))
    if kind not in _PLACES:
        yield problem(f"unsupported type: {kind}", f"{at}/type")
        return
    if surface not in _PLACES[kind]:
        yield problem(f"a block of type {kind} can't stand in a {surface}", f"{at}/type")
        return
    yield from too_long(block.get("block_id"), f"{at}/block_id", 255)
    yield from elements.unknown_fields(block, at, _FIELDS.get(kind))
    own = list(_CHECKS[kind](block, at)) if kind in _CHECKS else []
    yield from own
    if not own and kind not in _WITHOUT_MODEL:
        yield from _model_problems(block, at)


def _model_problems(block: Json, at: str) -> Iterator[str]:
    try:
        parsed = Block.parse(copy.deepcopy(block))
        if parsed is not None:
            parsed.to_dict()
    except SlackObjectFormationError as error:
        yield problem(str(error), at)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        # The models meet a wrong shape with whatever Python says about it.
        yield problem(f"invalid shape: {type(error).__name__}", at)


def _section(block: Json, at: str) -> Iterator[str]:
    fields = block.get("fields")
    if "text" not in block and not fields:
        yield problem("missing required field: text or fields", at)
    if "text" in block:
        yield from elements.text_problems(block["text"], f"{at}/text", 3000)
    if fields is not None:
        yield from elements.list_problems(fields, f"{at}/fields", 10)
        for number, item in enumerate(fields if isinstance(fields, list) else ()):
            yield from elements.text_problems(item, f"{at}/fields/{number}", 2000)
    if "accessory" in block:
        yield from elements.element_problems(block["accessory"], f"{at}/accessory")


def _header(block: Json, at: str) -> Iterator[str]:
    yield from elements.text_problems(block.get("text"), f"{at}/text", 150, ("plain_text",))


def _context(block: Json, at: str) -> Iterator[str]:
    yield from elements.list_problems(block.get("elements"), f"{at}/elements", 10)
    for number, item in enumerate(_items(block)):
        place = f"{at}/elements/{number}"
        if isinstance(item, dict) and item.get("type") == "image":
            yield from elements.element_problems(item, place)
        else:
            yield from elements.text_problems(item, place, 2000)


def _actions(block: Json, at: str) -> Iterator[str]:
    yield from elements.list_problems(block.get("elements"), f"{at}/elements", 25)
    for number, item in enumerate(_items(block)):
        yield from elements.element_problems(item, f"{at}/elements/{number}")


def _input(block: Json, at: str) -> Iterator[str]:
    yield from elements.text_problems(block.get("label"), f"{at}/label", 2000, ("plain_text",))
    yield from elements.element_problems(block.get("element"), f"{at}/element")
    if "hint" in block:
        yield from elements.text_problems(block["hint"], f"{at}/hint", 2000, ("plain_text",))


def _image(block: Json, at: str) -> Iterator[str]:
    yield from elements.image_problems(block, at)


def _table(block: Json, at: str) -> Iterator[str]:
    rows = block.get("rows")
    yield from elements.list_problems(rows, f"{at}/rows", 100)
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        yield from elements.list_problems(row, f"{at}/rows/{number}", 20)


_CHECKS: Mapping[str, Any] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "table": _table,
}


def _items(block: Json) -> list[Any]:
    items = block.get("elements")
    return items if isinstance(items, list) else []


def _repeated_ids(blocks: list[Json]) -> Iterator[str]:
    counted = Counter(block["block_id"] for block in blocks if isinstance(block.get("block_id"), str))
    for block_id, times in counted.items():
        if times > 1:
            yield problem(f"block_id {block_id} already exists", "/blocks")
    for number, block in enumerate(blocks):
        ids = Counter(item["action_id"] for item in elements_of(block) if isinstance(item.get("action_id"), str))
        for action_id, times in ids.items():
            if times > 1:
                yield problem(f"action_id {action_id} already exists in this block", f"/blocks/{number}/elements")


def _sums(blocks: list[Json]) -> Iterator[str]:
    if sum(block.get("type") == "table" for block in blocks) > 1:
        yield problem("only_one_table_allowed", "/blocks")
    if sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown") > MARKDOWN_LIMIT:
        yield problem(f"no more than {MARKDOWN_LIMIT} characters in all markdown blocks", "/blocks")
