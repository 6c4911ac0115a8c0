"""What Slack refuses in blocks and views, one case for each rule."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.slack.blocks import check_blocks, check_view

Block = dict[str, Any]


def words(length: int = 1, kind: str = "plain_text") -> Block:
    return {"type": kind, "text": "x" * length}


def button(**changes: Any) -> Block:
    return {"type": "button", "text": words(), "action_id": "a", **changes}


def actions(*elements: Block, **changes: Any) -> Block:
    return {"type": "actions", "elements": list(elements), **changes}


def section(**changes: Any) -> Block:
    return {"type": "section", "text": words(kind="mrkdwn"), **changes}


def menu(kind: str, options: int, **changes: Any) -> Block:
    listed = [{"text": words(), "value": str(number), **changes} for number in range(options)]
    return {"type": kind, "action_id": "m", "options": listed}


def confirm(**changes: Any) -> Block:
    return {"title": words(), "text": words(), "confirm": words(), "deny": words(), **changes}


IMAGE = {"type": "image", "image_url": "https://a.test", "alt_text": "what it shows"}
GOOD: list[Block] = [
    section(fields=[words(2000, "mrkdwn")] * 6, accessory=button(url="https://a.test/x")),
    {"type": "header", "text": words(150)},
    {"type": "context", "elements": [words(2000, "mrkdwn"), IMAGE]},
    actions(button(style="danger", value="v" * 2000, visible_to_user_ids=["U1"]), menu("overflow", 5)),
    actions(button(confirm=confirm()), menu("static_select", 100)),
    {"type": "divider"},
    IMAGE,
    {"type": "markdown", "text": "# hello"},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]},
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_what_slack_takes_is_taken(block: Block) -> None:
    """A block at its limits is fine."""
    assert check_blocks([block], "message") == []


BAD: dict[str, list[Block]] = {
    "text too long": [section(text=words(3001, "mrkdwn"))],
    "empty text": [section(text=words(0, "mrkdwn"))],
    "neither text nor fields": [{"type": "section"}],
    "eleven fields": [section(fields=[words()] * 11)],
    "field too long": [section(fields=[words(2001)])],
    "no fields": [{"type": "section", "fields": []}],
    "header too long": [{"type": "header", "text": words(151)}],
    "header in mrkdwn": [{"type": "header", "text": words(1, "mrkdwn")}],
    "empty context": [{"type": "context", "elements": []}],
    "eleven in context": [{"type": "context", "elements": [words()] * 11}],
    "button in context": [{"type": "context", "elements": [button()]}],
    "empty actions": [actions()],
    "26 buttons": [actions(*(button(action_id=str(number)) for number in range(26)))],
    "button text too long": [actions(button(text=words(76)))],
    "button in mrkdwn": [actions(button(text=words(1, "mrkdwn")))],
    "button value too long": [actions(button(value="v" * 2001))],
    "button label too long": [actions(button(accessibility_label="v" * 76))],
    "button url not http": [actions(button(url="javascript:alert(1)"))],
    "button url without host": [actions(button(url="https:///x"))],
    "button url too long": [actions(button(url="https://a.test/" + "x" * 3000))],
    "button style": [actions(button(style="green"))],
    "button with a misspelt field": [actions(button(labl="x"))],
    "action_id too long": [actions(button(action_id="a" * 256))],
    "empty action_id": [actions(button(action_id=""))],
    "same action_id twice": [actions(button(), button())],
    "same block_id twice": [actions(button(), block_id="b"), actions(button(), block_id="b")],
    "block_id too long": [section(block_id="b" * 256)],
    "confirm text too long": [actions(button(confirm=confirm(text=words(301))))],
    "confirm without deny": [actions(button(confirm={"title": words(), "text": words(), "confirm": words()}))],
    "six in overflow": [actions(menu("overflow", 6))],
    "one in overflow": [actions(menu("overflow", 1))],
    "no options": [actions(menu("static_select", 0))],
    "101 options": [actions(menu("static_select", 101))],
    "eleven checkboxes": [actions(menu("checkboxes", 11))],
    "option text too long": [actions(menu("overflow", 2, text=words(76)))],
    "option value too long": [actions(menu("overflow", 2, value="v" * 151))],
    "option description too long": [actions(menu("static_select", 2, description=words(76)))],
    "image without alt_text": [{"type": "image", "image_url": "https://a.test/i.png"}],
    "image without address": [{"type": "image", "alt_text": "a"}],
    "image from data": [{"type": "image", "alt_text": "a", "image_url": "data:image/png;base64,"}],
    "unknown type": [{"type": "chart"}],
    "not an object": ["section"],  # type: ignore[list-item]  # the wrong type is the point
    "misspelt field": [section(txt="x")],
    "mrkdwn with emoji": [section(text={**words(1, "mrkdwn"), "emoji": True})],
    "alert in a message": [{"type": "alert", "level": "info", "text": words()}],
    "too many blocks": [section() for _ in range(51)],
    "markdown over all": [{"type": "markdown", "text": "x" * 6001}, {"type": "markdown", "text": "x" * 6001}],
    "all text": [section(text=words(2700, "mrkdwn")) for _ in range(5)],
    "two tables": [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}] * 2,
    "wide table": [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]}],
    "a shape that only the models know": [{"type": "video", "alt_text": "x"}],
}


@pytest.mark.parametrize("blocks", BAD.values(), ids=BAD.keys())
def test_what_slack_refuses_is_refused(blocks: list[Block]) -> None:
    """Each rule alone is enough to be refused, and the place is named."""
    problems = check_blocks(blocks, "message")

    assert problems
    assert all("[json-pointer:/blocks" in problem for problem in problems)


def test_blocks_must_be_a_list() -> None:
    """An object instead of a list is refused."""
    assert check_blocks({"type": "divider"}, "message") != []


def test_an_alert_block_stands_in_modals_only() -> None:
    """What is refused in a message may be fine in a modal."""
    alert = [{"type": "alert", "level": "info", "text": words()}]

    assert check_blocks(alert, "modal") == []
    assert check_blocks([section() for _ in range(100)], "modal") == []


def view(**changes: Any) -> Block:
    return {"type": "modal", "title": words(24), "blocks": [section()], **changes}


INPUT = {"type": "input", "label": words(), "element": {"type": "plain_text_input", "action_id": "t"}}


@pytest.mark.parametrize(
    "wrong",
    [
        view(type="home"),
        view(title=words(25)),
        view(submit=words(25)),
        view(close=words(1, "mrkdwn")),
        view(private_metadata="x" * 3001),
        view(callback_id="x" * 256),
        view(blocks=[section() for _ in range(101)]),
        view(blocks=[INPUT]),
        view(blocks=[{**INPUT, "element": {"type": "plain_text_input", "max_length": 3001}}], submit=words()),
        {"type": "modal", "blocks": [section()]},
        {"type": "modal", "title": words()},
    ],
    ids=range(11),
)
def test_what_is_wrong_with_a_modal(wrong: Block) -> None:
    """Words too long, blocks missing or too many, an input without a submit button."""
    assert check_view(wrong) != []


def test_a_good_modal() -> None:
    """A modal at its limits is fine."""
    assert check_view(view(submit=words(24), close=words(24), private_metadata="x" * 3000, blocks=[INPUT])) == []
