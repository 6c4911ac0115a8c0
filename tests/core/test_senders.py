"""Senders' messages in their shapes, with words of our own; and the reference's score, where it is there."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from backtrace_core.alerts import read_message
from backtrace_core.alerts.notices import deploy_notice
from backtrace_core.model import Alert, Severity
from backtrace_core.scope import Catalog
from bot.parse_command import as_object
from tests.core.builders import T0

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "alerts"
BARS = {
    "is_alert": 1.0,
    "status": 0.98,
    "title": 0.95,
    "service": 0.93,
    "environment": 0.95,
    "started_at": 0.92,
    "error_terms": 0.90,
    "stack_frames": 0.95,
}


def post(text: str = "", name: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "message", "ts": f"{T0.timestamp():.6f}", "bot_id": "B1", "text": text, "username": name, **more}


def attached(name: str, title: str, url: str = "", fields: dict[str, str] | None = None, **more: str) -> dict[str, Any]:
    pairs = [{"title": key, "value": value} for key, value in (fields or {}).items()]
    return post(name=name, attachments=[{"title": title, "title_link": url, "fields": pairs, **more}])


def read(event: dict[str, Any]) -> Alert:
    alert = read_message(event, Catalog(())).alert
    assert alert is not None
    return alert


PAGED = "<https://lin.pagerduty.com/incidents/PX1|#7: Cart errors>"
SAMPLES = [
    (post(f"*Triggered* {PAGED}"), "pagerduty", "firing", "Cart errors"),
    (post(f"*Acknowledged* {PAGED}"), "pagerduty", "firing", "Cart errors"),
    (post(f"*Resolved* {PAGED}"), "pagerduty", "resolved", "Cart errors"),
    (attached("Datadog", "Warn: lag of mail"), "datadog", "firing", "lag of mail"),
    (attached("Datadog", "[Recovered on {host:a1}] lag"), "datadog", "resolved", "lag"),
    (post("Page #12: slow cart\n*Status:*\nResolved"), "datadog", "resolved", "slow cart"),
    (attached("Grafana", "[OK] Disk of mail"), "grafana", "resolved", "Disk of mail"),
    (attached("Opsgenie", "#9: cart down", pretext="New alert"), "opsgenie", "firing", "cart down"),
    (
        attached("", "", fields={"Alarm Name": "`cart-api-prod-5xx`", "Current State": "`OK`"}, text="x"),
        "cloudwatch",
        "resolved",
        "cart-api-prod-5xx",
    ),
    (
        attached("Google Cloud Monitoring", "[ALERT - Warning] Latency of cart"),
        "google_cloud",
        "firing",
        "Latency of cart",
    ),
    (
        attached("Rollbar", "#4 KeyError: total", pretext="[cart] staging - 10th Occurrence"),
        "rollbar",
        "firing",
        "#4 KeyError: total",
    ),
    (attached("Honeycomb", "Triggered: slow cart"), "honeycomb", "firing", "slow cart"),
    (post("[cart-web] [🔴 Down] timeout"), "uptime_kuma", "firing", "[cart-web] timeout"),
    (post("Monitor is UP: Cart ( <https://cart.lin.test> )"), "uptimerobot", "resolved", "Cart"),
    (post("Something odd: mail is down", "hook"), "generic", "firing", "Something odd: mail is down"),
]


@pytest.mark.parametrize(("event", "sender", "status", "title"), SAMPLES)
def test_each_sender_is_read(event: dict[str, Any], sender: str, status: str, title: str) -> None:
    """By its shape: the status in its own words, the title without them."""
    alert = read(event)

    assert (alert.sender, alert.status.value, alert.title) == (sender, status, title)


@pytest.mark.parametrize(
    "event",
    [
        post("<@U1> acknowledged the alert", "Opsgenie"),
        attached("Rollbar", "Deployed cart", pretext="[cart] production - Deploy"),
        post(":arrows_counterclockwise: Handover Summary", "Datadog On-Call"),
    ],
)
def test_what_senders_post_besides(event: dict[str, Any]) -> None:
    """Follow-ups, deployments and rosters are no alerts, and it is said why."""
    reading = read_message(event, Catalog(()))

    assert reading.alert is None
    assert reading.why_none


def test_one_trouble_has_one_fingerprint() -> None:
    """Values in a title change; the monitor's name does not."""
    link = "https://app.datadoghq.com/monitors/5"
    first, again, other = (
        read(attached("Datadog", title, link))
        for title in ("Triggered: cart at 91%", "Recovered: cart at 12%", "Triggered: mail at 91%")
    )

    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_severity_and_the_time_that_a_rule_waits() -> None:
    """The onset lies within the rule's own waiting time."""
    alert = read(attached("Grafana", "[FIRING:1] Cart (critical)", text="rule: for: 40m"))

    assert alert.severity is Severity.CRITICAL
    assert (alert.onset.latest - alert.onset.earliest).total_seconds() == 40 * 60


def test_a_deployment_is_a_notice() -> None:
    """Only one that ended well."""
    notice = deploy_notice(post("Deploy to production succeeded"), Catalog(()))

    assert notice is not None
    assert notice.environment == "production"
    assert deploy_notice(post("Deploy to production failed"), Catalog(())) is None


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not there")
def test_the_reference_is_read_as_well_as_is_asked() -> None:
    """By its own score."""
    spec = importlib.util.spec_from_file_location("score", FOLDER / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = [json.loads(line) for line in (FOLDER / "alerts.jsonl").read_text(encoding="utf-8").splitlines()]
    parsed = [as_object(read_message(row["message"], Catalog(())).alert) for row in rows]

    found, missed = module.score(rows, parsed)

    assert {field: found[field] for field, bar in BARS.items() if found[field] < bar} == {}, missed
