"""Alerts of senders without a reader: firing, over, or none. A lost alert is the worst answer."""

from __future__ import annotations

from typing import Any

import pytest

from backtrace_core.alerts import parse_alert
from backtrace_core.alerts.terms import without_place
from backtrace_core.model import AlertStatus, Service
from backtrace_core.scope import Catalog
from tests.core.builders import T0

CATALOG = Catalog((Service("web", "shop/web"),))


def status(text: str, colour: str = "", title: str = "") -> AlertStatus | None:
    attachments = [{"color": colour, "title": title, "text": "see the dashboard"}] if colour or title else []
    message: dict[str, Any] = {"ts": f"{T0.timestamp():.6f}", "bot_id": "B1", "text": text, "attachments": attachments}
    alert = parse_alert(message, CATALOG)
    return alert.status if alert else None


@pytest.mark.parametrize(
    "text",
    [
        "login error rate is up 5x",
        "CRITICAL: error rate is up to 12 %",
        "Too many closed connections in the pool: error rate high",
        "High error rate; recovery job failing",
        "Recovery job failing",
        "Alert: closed connections above 500",
        "OK, payments is down",
        "[ok-payments] 5xx errors",
        "Error rate is up",
        "checkout failing, ticket resolved yesterday has come back",
        "ERROR: checkout failing since v2.3 was deployed",
        "checkout failing since v2.3 was deployed",
        "CRITICAL payments 5xx, on call please look",
        "[CRITICAL] Merge request approval service latency high",
        "Slow merge request approvals: latency high",
        "Deployed workers are down",
        "[FIRING:2, RESOLVED:1] web errors",
        "Pipeline 7 of the importer: FIRING backlog",
    ],
)
def test_words_inside_a_heading_end_no_alert(text: str) -> None:
    """What is up, closed, recovering or deployed may be what is wrong; only a status word ends an alert."""
    assert status(text) is AlertStatus.FIRING


@pytest.mark.parametrize(
    "text",
    [
        "[RESOLVED] web errors",
        "[shop] [Resolved #12] CRITICAL: web errors",
        "[OK] web latency",
        "Recovered: [P1] web errors",
        "RECOVERY: web is failing",
        "OK - web latency",
        ":white_check_mark: web errors",
        "web-exceptions: Resolved",
        "Web check has recovered",
        "Critical issue is closed",
        "web error rate is back to normal.",
        "Incident resolved: web errors",
        "Alert closed",
        "Monitor is UP: web",
        "[web] [✅ Up] 200",
    ],
)
def test_a_status_word_ends_an_alert(text: str) -> None:
    """In front, in brackets, behind a colon, or as what the sentence says."""
    assert status(text) is AlertStatus.RESOLVED


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("good", AlertStatus.RESOLVED),
        ("#2eb886", AlertStatus.RESOLVED),
        ("00875A", AlertStatus.RESOLVED),
        ("danger", AlertStatus.FIRING),
        ("d9000d", AlertStatus.FIRING),
        ("439FE0", AlertStatus.FIRING),
        ("daa038", AlertStatus.FIRING),
        ("no colour", AlertStatus.FIRING),
    ],
)
def test_green_ends_what_the_heading_says_is_wrong(colour: str, expected: AlertStatus) -> None:
    """Some senders never change the words; whatever is not green still fires."""
    assert status("", colour, "Alarm: web 5xx") is expected


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("Good evening\nCheckout is failing", True),
        ("Good evening\nmore below\nservice: web\ncheckout is failing", True),
        ("Good evening\nmore below\nPoolError: no clients", True),
        ("Good evening\nmore below\nHTTP 503 on checkout", True),
        ("Good evening\nmore below\nwe talked about the alert and what was failing", False),
        ("Good evening\nmore below\nthe retro is about a problem", False),
    ],
)
def test_words_far_below_need_a_place(text: str, is_read: bool) -> None:  # noqa: FBT001 - it is the table's column
    """What people's programs tell in passing is no alert; what is printed by a program that fails is one."""
    assert (status(text) is AlertStatus.FIRING) is is_read


def test_red_fires_whatever_it_says() -> None:
    """Nobody paints good news red."""
    assert status("", "#a30200", "web looks odd") is AlertStatus.FIRING
    assert status("", "#2eb886", "web looks odd") is None


@pytest.mark.parametrize(
    "text",
    [
        "Starting deploy to production",
        "Deployed web v2.3 to production",
        "web v2.3 was deployed to production, fixes the login error",
        "Rolled back production to v2.2 because of errors",
        "Al (al) merged merge request !1 Fix login error in shop/web",
        "Pipeline #12 has failed",
        "@U1 is now on call for Web errors",
        ":arrows_counterclockwise: Handover: errors of the day",
        "Bob Roy created a Bug about errors",
        "Application web has been successfully synced after an error",
        "Weekly report: 12 errors",
    ],
)
def test_news_that_mention_errors_are_no_alert(text: str) -> None:
    """Deployments, merge requests and rosters say first what they are."""
    assert status(text) is None


@pytest.mark.parametrize(
    ("term", "short"),
    [
        ("session (prod)", "session"),
        ("ERROR in session [env: staging]: no key", "ERROR in session: no key"),
        ("session(prod)", "session(prod)"),
        ("total (cents)", "total (cents)"),
    ],
)
def test_a_term_keeps_no_environment_in_brackets(term: str, short: str) -> None:
    """No change says so; what is called like that, and other words in brackets, stay."""
    assert without_place(term) == short
