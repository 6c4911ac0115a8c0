"""Alerts as senders post them, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_core.alerts import parse_alert
from backtrace_core.model import Alert, AlertStatus, Service
from backtrace_core.scope import Catalog
from tests.core.builders import T0

CATALOG = Catalog((Service("web", "shop/web", ("production", "staging")), Service("ledger", "shop/ledger")))
TS = f"{T0.timestamp():.6f}"


def post(**parts: Any) -> dict[str, Any]:
    return {"type": "message", "ts": TS, "bot_id": "B01", "subtype": "bot_message", "text": "", **parts}


def by_alertmanager(title: str, text: str | None = None, colour: str = "a30200") -> dict[str, Any]:
    link = "https://am.acme.test/#/alerts?receiver=slack"
    attachment = {"color": colour, "fallback": f"{title} | <{link}>", "title": title, "title_link": link, "id": 1}
    return post(username="Alertmanager", attachments=[attachment if text is None else {**attachment, "text": text}])


def read(message: dict[str, Any]) -> Alert:
    alert = parse_alert(message, CATALOG)
    assert alert is not None
    return alert


def test_alertmanager_default_title() -> None:
    """Group values are the title; the service is the value that the catalog knows; the start is unknown."""
    alert = read(by_alertmanager("[FIRING:1] LoginErrorRate web (production critical)"))

    assert (alert.sender, alert.status) == ("alertmanager", AlertStatus.FIRING)
    assert alert.title == "LoginErrorRate web"
    assert (alert.service, alert.environment) == ("web", "production")
    assert alert.error_terms == ("LoginErrorRate",)
    assert alert.started_at is None
    assert alert.onset.latest == T0
    assert alert.onset.earliest == T0 - timedelta(minutes=15)
    assert alert.links[0].url.startswith("https://am.acme.test/")


def test_a_resolution_has_the_fingerprint_of_its_alert() -> None:
    """Firing again with another count, and resolving, are the same trouble; another alert is not."""
    first = read(by_alertmanager("[FIRING:1] LoginErrorRate web (production critical)"))
    again = read(by_alertmanager("[FIRING:3] LoginErrorRate web (production warning)"))
    over = read(by_alertmanager("[RESOLVED] LoginErrorRate web (production critical)", colour="2eb886"))
    other = read(by_alertmanager("[FIRING:1] CartErrorRate web (production critical)"))

    assert over.status is AlertStatus.RESOLVED
    assert first.fingerprint == again.fingerprint == over.fingerprint
    assert first.fingerprint != other.fingerprint


def test_a_mixed_group_fires() -> None:
    """Something still fires, so it is not over."""
    assert read(by_alertmanager("[FIRING:2, RESOLVED:1] LoginErrorRate web")).status is AlertStatus.FIRING


def test_alertmanager_labels_and_trace_of_a_user_template() -> None:
    """Labels, a stated start and a Python trace in the text are read, whatever marks surround them."""
    text = (
        "*Details:*\n • *service:* `ledger`\n • *env:* `prod`\n - startsAt = 2026-11-22T12:38:30Z\n"
        "```Traceback (most recent call last):\n"
        '  File "/srv/app/ledger/book.py", line 40, in post\n    lock(row)\n'
        '  File "/srv/app/ledger/lock.py", line 7, in lock\n    raise LockTimeout("held")\nLockTimeout: held by 12```'
    )
    alert = read(by_alertmanager("[FIRING:1] LedgerErrors", text))

    assert (alert.service, alert.environment) == ("ledger", "prod")
    assert alert.started_at == datetime(2026, 11, 22, 12, 38, 30, tzinfo=UTC)
    assert alert.onset.earliest == alert.onset.latest == alert.started_at
    assert [(f.file, f.line, f.function) for f in alert.frames] == [
        ("/srv/app/ledger/book.py", 40, "post"),
        ("/srv/app/ledger/lock.py", 7, "lock"),
    ]
    assert "LockTimeout" in alert.error_terms
    assert "held by 12" in alert.error_terms


def by_gitlab(status: str) -> dict[str, Any]:
    fields = [
        {"title": "Status", "value": status, "short": True},
        {"title": "Start time", "value": "November 22nd, 2026 12:34PM UTC", "short": True},
    ]
    attachment = {
        "color": "C95823",
        "title": "Login 5xx above 5%",
        "title_link": "https://g.test/a/12",
        "fields": fields,
    }
    return post(text="Alert firing in shop/web", user="U1", app_id="A1", attachments=[attachment])


def test_gitlab_alert_says_its_status_in_a_field_alone() -> None:
    """Text and colour stay "firing" when it is resolved."""
    firing, over = read(by_gitlab("Triggered")), read(by_gitlab("Resolved"))

    assert (firing.sender, firing.service, firing.title) == ("gitlab", "shop/web", "Login 5xx above 5%")
    assert firing.started_at == datetime(2026, 11, 22, 12, 34, tzinfo=UTC)
    assert (firing.status, over.status) == (AlertStatus.FIRING, AlertStatus.RESOLVED)
    assert firing.fingerprint == over.fingerprint


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def by_sentry(circle: str, *more: dict[str, Any]) -> dict[str, Any]:
    blocks = [
        section(f":{circle}: <https://acme.sentry.test/issues/51/?a=1&amp;b=2|*SessionExpired*>"),
        context("auth.session in check_expiry"),
        section("```token older than 300 s &lt;uid 7&gt;```"),
        *more,
        section("environment: `production`  level: `error`  "),
        context("State: *New*   First Seen: *3 minutes ago*"),
        context("Project: <https://acme.sentry.test/p/1|web>    Short ID: WEB-3K"),
    ]
    return post(text="[web] SessionExpired", app_id="A011MFBJEUU", blocks=blocks)


def test_sentry_issue() -> None:
    """Sentry prints no trace; where it was is one frame without a line. Project and tags say the place."""
    alert = read(by_sentry("red_circle"))

    assert (alert.sender, alert.title, alert.service) == ("sentry", "SessionExpired", "web")
    assert alert.environment == "production"
    assert alert.error_terms[:2] == ("SessionExpired", "token older than 300 s <uid 7>")
    assert [(f.file, f.line, f.function) for f in alert.frames] == [("auth/session", None, "check_expiry")]


def test_sentry_edit_resolves() -> None:
    """The message is edited when the issue is resolved; its moment is the first message's, not the edit's."""
    edited = by_sentry("white_circle", section("*Issue resolved by <@U1>*"))
    later = f"{(T0 + timedelta(hours=1)).timestamp():.6f}"
    event = {"type": "message", "subtype": "message_changed", "ts": later, "message": edited}
    alert = read(event)

    assert alert.status is AlertStatus.RESOLVED
    assert alert.received_at == T0
    assert alert.fingerprint == read(by_sentry("red_circle")).fingerprint


def test_a_home_made_webhook_is_read_by_the_fallback() -> None:
    """A sender that nobody knows is read when it says that something is wrong."""
    text = ":fire: web [production] UnhandledRejection\n```TypeError: x is not set\n    at pay (/app/pay.js:12:3)```"
    alert = read(post(text=text, username="prod-errors"))

    assert (alert.sender, alert.service, alert.environment) == ("generic", "web", "production")
    assert alert.title == "web [production] UnhandledRejection"
    assert [(f.file, f.line, f.function) for f in alert.frames] == [("/app/pay.js", 12, "pay")]


def test_text_is_decoded_once() -> None:
    """Escapes are undone once, entities first: what was escaped twice stays escaped once."""
    alert = read(post(text="[FIRING] web rejects &amp;lt;b&amp;gt; from <https://x.test/a|the page> at index <5"))

    assert alert.title == "web rejects &lt;b&gt; from the page at index <5"


@pytest.mark.parametrize(
    "message",
    [
        post(bot_id=None, user="U1", subtype=None, text="[FIRING:1] LoginErrorRate web"),
        by_alertmanager("[FIRING:1] Watchdog (monitoring none)"),
        post(text="Deploy to production succeeded"),
        post(text="Starting deploy to production"),
        post(text="Deploy to production failed", attachments=[{"color": "danger", "text": "shop/web with job #9"}]),
        post(text="Al (al) merged merge request <https://g.test/1|!1 *Fix login error*> in shop/web"),
        post(text="<@U1> is now on call for *Web primary* until Mon 09:00"),
        post(subtype="bot_add", text="added an integration: error alerts"),
        post(text="Likely culprit: !45 failed", metadata={"event_type": "backtrace_card", "event_payload": {}}),
        post(text="Good morning"),
        {},
    ],
)
def test_what_is_no_alert(message: dict[str, Any]) -> None:
    """People, deployments, merge requests, rosters, heartbeats and our own cards get no answer."""
    assert parse_alert(message, CATALOG) is None


def test_a_stated_start_in_the_future_is_not_believed() -> None:
    """A clock that is wrong must not make every deployment look earlier than the trouble."""
    alert = read(by_alertmanager("[FIRING:1] LoginErrorRate web", "startsAt = 2031-01-01T00:00:00Z"))

    assert alert.started_at is None
    assert alert.onset.latest == T0


def test_marks_that_turn_the_reading_direction_are_dropped() -> None:
    """Alert text must not be able to reorder the words around it."""
    alert = read(by_alertmanager("[FIRING:1] Scan web", "blocked \u202egpj.exe\u202c \x1b[31mred\x1b[0m"))

    assert "blocked gpj.exe red" in alert.text


KEY_NAMES = """
    ts bot_id app_id subtype text attachments blocks title title_link pretext fields value color footer type elements
    message previous_message bot_profile name username metadata event_type fallback from_url
"""
KEYS = st.sampled_from(KEY_NAMES.split())
WORDS = st.sampled_from(
    [TS, "[FIRING:1] A (b)", "Alert firing in x", ":red_circle: <https://a/issues/1|x>", "section", "rich_text",
     "mrkdwn", "<!date^99999999999999^{date}|x>", "A011MFBJEUU", "message_changed", "nan", "1e400", "Alertmanager",
     "error: ```"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | WORDS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_no_shape_of_message_raises(parts: dict[str, Any]) -> None:
    """Whatever a sender posts, the answer is an alert or None."""
    alert = parse_alert({"ts": TS, "bot_id": "B1", **parts}, CATALOG)

    assert alert is None or len(alert.text) <= 64 * 1024


@pytest.mark.parametrize(
    "unit", ["\n", " ", "(", "*a", "at a ", "<http:", "Caused by\n", "a.b:", "error: ", 'File "x", line 1\n']
)
def test_huge_text_is_read_quickly(unit: str) -> None:
    """No pattern runs away on a megabyte; the test's own time limit is the judge."""
    text = unit * (1024 * 1024 // len(unit))
    for message in (
        post(text=text),
        by_alertmanager(f"[FIRING:1] {text}", text),
        by_sentry("red_circle", section(text)),
    ):
        alert = parse_alert(message, CATALOG)

        assert alert is None or len(alert.text) <= 64 * 1024
