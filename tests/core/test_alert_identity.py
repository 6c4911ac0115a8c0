"""What makes two messages the same trouble, when it began, and where it links to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backtrace_core.alerts import read_message
from backtrace_core.model import Alert, AlertStatus
from backtrace_core.scope import Catalog
from tests.core.alert_rows.shapes import attachment, buttons, edited, post, rich, section
from tests.core.alert_rows.trackers import sentry
from tests.core.alert_rows.troubles import TROUBLES

Message = dict[str, Any]


def told(message: Message) -> Alert:
    reading = read_message(message, Catalog(()))
    assert reading.alert is not None, reading.why_none
    return reading.alert


_SEEN = "State: *New*   First Seen: *2 minutes ago*"


@pytest.mark.parametrize("trouble", list(TROUBLES.values()), ids=list(TROUBLES))
def test_one_trouble_has_one_fingerprint(trouble: tuple[Message, ...]) -> None:
    """Told again, with other values, and when it is over, it is the same; another one is not."""
    first, again, over, other = (told(message) for message in trouble)

    assert [a.status for a in (first, again, over, other)] == [AlertStatus.FIRING] * 2 + [
        AlertStatus.RESOLVED,
        AlertStatus.FIRING,
    ]
    assert first.fingerprint == again.fingerprint == over.fingerprint
    assert first.fingerprint != other.fingerprint


@pytest.mark.parametrize("state", ["Regressed", "Ongoing", "Escalating"])
def test_an_old_issue_began_not_when_it_was_first_seen(state: str) -> None:
    """What is back, or goes on, was seen first long ago: its onset is that of any alert."""
    alert = told(sentry("KeyError", "a in b", "x", "", f"State: *{state}*   First Seen: *2 minutes ago*", "cart"))

    assert alert.started_at is None
    assert alert.onset.latest - alert.onset.earliest == timedelta(minutes=15)


def test_a_new_issue_began_about_when_it_was_first_seen() -> None:
    """It narrows the onset, and is no stated start."""
    alert = told(sentry("KeyError", "a in b", "x", "", _SEEN, "cart"))

    assert alert.started_at is None
    assert alert.onset.latest - alert.onset.earliest == timedelta(minutes=2)


@pytest.mark.parametrize("did", ["archived by <@U1>", "assigned to <@U2> by <@U1>", "ignored by <@U1>"])
def test_a_white_circle_alone_ends_nothing(did: str) -> None:
    """Sentry's circle is white, too, where somebody put the issue aside."""
    edit = edited(sentry("KeyError", "a in b", "x", "", _SEEN, "cart", section(f"*Issue {did}*"), circle="white"))

    assert told(edit).status is AlertStatus.FIRING


def test_links_stand_once_and_shown_ones_first() -> None:
    """Of fields, buttons and rich text, too; of web addresses only."""
    linked = {"type": "link", "url": "https://l.lin.test/1", "text": "log"}
    blocks = [
        buttons(Runbook="https://wiki.lin.test/r", Bad="javascript:alert(1)"),
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [linked]}]},
        rich(("text", "no link")),
        {**section("x"), "accessory": buttons(Go="https://go.lin.test")["elements"][0]},
    ]
    fields = {"Log": "<https://log.lin.test/9|log> and <https://wiki.lin.test/r|Runbook>"}
    message = post(
        "[FIRING] pay <https://shown.lin.test|shown>", "h", blocks=blocks, attachments=[attachment("x", fields=fields)]
    )

    assert [(link.label, link.url) for link in told(message).links] == [
        ("shown", "https://shown.lin.test"),
        ("log", "https://log.lin.test/9"),
        ("Runbook", "https://wiki.lin.test/r"),
        ("log", "https://l.lin.test/1"),
        ("Go", "https://go.lin.test"),
    ]


def test_a_preview_gives_no_links() -> None:
    """What Slack shows of a page behind a link is not the sender's."""
    preview = {"from_url": "https://x.lin.test", "title": "x", "fields": [{"value": "<https://y.lin.test>"}]}

    assert told(post("[FIRING] pay", "h", attachments=[preview])).links == ()
