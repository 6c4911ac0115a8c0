"""What stands in channels and is no alert."""

from __future__ import annotations

from typing import Any

from tests.core.alert_rows.shapes import SENT, attachment, by_app, context, edited, header, nothing, post, rich, section

# fmt: off

def person(text: str, **more: Any) -> dict[str, Any]:
    said = {"type": "message", "ts": SENT, "user": "U5", "client_msg_id": "c1", "text": text}
    return {**said, "blocks": [rich(("text", text))], **more}


def system(subtype: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "ts": SENT, "subtype": subtype, "user": "U5", "text": text, **more}


_UNFURL = {"from_url": "https://grafana.lin.test/d/1", "title": "[FIRING:1] CartErrors", "color": "ff0000", "id": 1}
_LINK = post("see <https://grafana.lin.test/d/1>", "ops-hook")

ROWS = tuple(
    nothing("chatter", message)
    for message in (
        person("cart-api is down??"),
        person("[RESOLVED] was that us?"),
        person("```TimeoutError: pool exhausted\n  at x (/a/b.js:1:2)```"),
        person("acked", thread_ts="1795351200.000100"),
        system("channel_topic", "<@U5> set the channel topic: alerts & errors"),
        system("channel_purpose", "<@U5> set the channel purpose: [FIRING] only"),
        system("group_join", "<@U5> has joined the group"),
        system("reminder_add", "<@U5> set up a reminder “check errors” in this channel"),
        system("channel_name", "has renamed the channel from errors to alerts"),
        system("bot_remove", "removed an integration from this channel: Alertmanager"),
        system("file_share", "error log", files=[{"id": "F1", "name": "error.log"}]),
        edited({**_LINK, "attachments": [_UNFURL]}, _LINK),
        {"type": "message", "subtype": "message_deleted", "ts": SENT, "previous_message": post("[FIRING] x", "ops-hook")},
        by_app("Slackbot", text="Reminder: rotate the error budget alert.", user="USLACKBOT"),
        post("Reminder: the on-call handover for errors is at 10:00", "Reminders"),
        post("All systems operational", "Statuspage", attachments=[attachment("", "2eb886", text="No incidents reported today.")]),
        post("Argo CD: Application cart-api is now running new version of deployments manifests.", "Argo CD"),
        post("Application cart-api sync is Succeeded at 2026-11-22T12:30:00Z", "Argo CD", attachments=[attachment("cart-api", "18be52")]),
        post("Deployed cart-api 2.3.1 to production by Al", "deployer"),
        post(":rocket: cart-api v2.3.1 deployed to production", "deployer", attachments=[attachment("", "2eb886", text="Fix error in cart")]),
        post("Rolled back cart-api to v2.3.0 on production", "deployer"),
        post("Deployment of cart-api 2.3.1 to production started", "deployer"),
        post("Starting rollout of cart-api to prod: 10%", "deployer"),
        post("Release v2.3.1 published: fixes TimeoutError in cart", "GitHub"),
        post("Build #881 of cart-api passed", "Jenkins", attachments=[attachment("", "2eb886", text="0 errors, 2 warnings")]),
        post("cart-api - #882 Success after 3 min 2 sec (Open)", "Jenkins"),
        post("CI: main is green again, 812 tests, 0 failures", "CI"),
        by_app("GitHub", text="", attachments=[attachment("#12 Fix crash on empty cart", "36a64f", pretext="Pull request opened by al", text="fixes the error")]),
        by_app("GitHub", text="[lin/cart] Pull request merged: #12 Fix crash on empty cart by al"),
        by_app("GitHub", text="[lin/cart:main] 2 new commits pushed by al", attachments=[attachment("", "24292f", text="`1a2b3c4` - handle TimeoutError")]),
        by_app("Renovate", text="Dependency update: bump sentry-sdk to 2.1 (fixes exception grouping)"),
        by_app("Jira Cloud", text="Al updated a Bug", attachments=[attachment("CART-1 Error 500 on pay", "E5493A", fields={"Status": "In Progress"})]),
        by_app("Jira Cloud", text="Al commented on CART-1 Payment fails", attachments=[attachment("CART-1 Payment fails")]),
        by_app("Geekbot", text="*Al* posted an update for *Standup*", attachments=[attachment("Any blockers?", "AFE1AF", text="the failing alert")]),
        by_app("Polly", text="Poll: should we page on warnings?"),
        by_app("Google Calendar", text="Incident review starts in 10 minutes", blocks=[header("Incident review"), context("12:50")]),
        by_app("Donut", text="You have been paired with Al"),
        by_app("Statuspage", text="Scheduled maintenance of checkout completed"),
        post("This is a test message from Alertmanager's receiver check", "ops-hook"),
        post("Test notification: if you can read this, alerts will arrive here.", "Grafana"),
        post("Daily error report: 12 new, 4 resolved", "reports"),
        post("Weekly digest of alerts for Payments", "reports", attachments=[attachment("Top errors", "439FE0", text="TimeoutError 40")]),
        post("Monthly SLO report: checkout-api 99.95 % (target 99.9 %)", "reports"),
        post("On-call this week: <@U5> (primary), <@U6> (secondary)", "roster"),
        post("<@U6> takes over on-call from <@U5>", "roster"),
        post("<@U5> acknowledged CartErrors", "ops-hook"),
        post("Al silenced CartErrors for 2h", "ops-hook"),
        post("Postmortem for INC-7 is due tomorrow", "ops-hook"),
        by_app("Backtrace", text="Likely culprit", metadata={"event_type": "backtrace_card", "event_payload": {}}),
        by_app("Zoom", blocks=[section("*Meeting started*: error triage")]),
    )
)
