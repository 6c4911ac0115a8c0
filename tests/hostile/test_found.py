"""What hostile messages have found, each by its smallest example."""

from __future__ import annotations

from typing import Any

from backtrace_core.alerts import read_message
from backtrace_core.alerts.message import from_slack
from backtrace_core.alerts.slack_text import LONGEST
from tests.core.test_alerts import CATALOG, by_alertmanager, post, section


def read_text(message: dict[str, Any]) -> int:
    """How many characters the readers have before them."""
    posted = from_slack(message)
    assert posted is not None
    attached = (len(part) for attachment in posted.attachments for part in attachment.body())
    return len(posted.text) + sum(len(block.text) for block in posted.blocks) + sum(attached)


def nested(levels: int) -> list[Any]:
    inside: list[Any] = []
    for _ in range(levels):
        inside = [inside]
    return inside


def test_many_texts_are_cut_as_one() -> None:
    """A thousand fields cost no more than one long text: 64 KB of each part, whatever it is made of."""
    text = {"type": "mrkdwn", "text": "error: x.y " * 1500}
    many = {"type": "section", "fields": [text] * 60}
    attachments = [{"title": "error", "text": text["text"]}] * 1000

    assert read_text(post(text="x" * LONGEST * 2, blocks=[many] * 60, attachments=attachments)) <= 3 * LONGEST + 10_000


def test_what_comes_first_is_kept() -> None:
    """The cut takes the end away."""
    posted = from_slack(post(blocks=[section("disk is full"), *[section("x" * 3000)] * 60, section("the end")]))

    assert posted is not None
    assert posted.blocks[0].text == "disk is full"
    assert posted.blocks[-1].text != "the end"


def test_an_edit_nested_beyond_reason_is_read() -> None:
    """Comparing it with what it was must not end in Python's own limit."""
    edit = {"subtype": "message_changed", "message": post(text="error", blocks=nested(5000))}
    event = {"type": "message", **edit, "previous_message": post(text="error", blocks=nested(5000))}

    assert read_message(event, CATALOG).alert is not None


def test_a_title_of_nothing_but_its_status_is_the_first_line() -> None:
    """A card needs something to call the alert by."""
    alert = read_message(by_alertmanager("[RESOLVED]", "ledger is fine"), CATALOG).alert

    assert alert is not None
    assert alert.title == "[RESOLVED]"
