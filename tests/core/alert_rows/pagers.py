"""Those that call people, and those that watch from outside."""

from __future__ import annotations

from typing import Any

from tests.core.alert_rows.shapes import (
    Row,
    attachment,
    buttons,
    by_app,
    context,
    edited,
    header,
    nothing,
    post,
    section,
)

# fmt: off

def pd(state: str, title: str, service: str, *fields: str) -> dict[str, Any]:
    head = f"*{state}* <https://lin.pagerduty.com/incidents/Q1Z|#901: {title}>"
    facts = section("", f"*Service:* <https://lin.pagerduty.com/services/P1|{service}>", "*Urgency:* Low", *fields)
    made = {"color": "D9000D", "blocks": [section(head), facts], "id": 1, "fallback": "[no preview available]"}
    return by_app("PagerDuty", "A1FKYAUUX", text=head, attachments=[made])


def og(pretext: str, title: str, tags: str = "", colour: str = "a30200", name: str = "Opsgenie") -> dict[str, Any]:
    link = "https://opsg.in/a/i/lin/1f0c8f52-0000-4a3e-9d3f-000000000077"
    made = attachment(title, colour, title_link=link, pretext=pretext, fields={"Priority": "P2", "Tags": tags, "Routed Teams": "Ops"})
    return post(name=name, attachments=[made])


def bs(head: str, emoji: str, *fields: str) -> dict[str, Any]:
    return by_app("Better Stack", text=f"{head}: pay.lin.test", blocks=[section(f"{emoji} *{head}*"), section("", *fields)])


def ck(title: str, tags: str = "", text: str = "", **fields: str) -> dict[str, Any]:
    made = attachment(title, "E6224B", title_link="https://app.checklyhq.com/checks/7a1", text=text, fields={"Tags": tags, **fields} if tags else fields)
    return post(name="Checkly", attachments=[made])


def kuma(text: str, when: str, label: str = "Time (UTC)") -> dict[str, Any]:
    blocks = [header("Uptime Kuma Alert"), section("", f"*Message*\n{text}", f"*{label}*\n{when}")]
    return post(f"Uptime Kuma Alert\n{text}", "Uptime Kuma", attachments=[{"color": "e01e5a", "blocks": blocks, "id": 1}])


def gatus(text: str, results: str, colour: str = "DD0000") -> dict[str, Any]:
    return post(name="gatus", attachments=[attachment(":helmet_with_white_cross: Gatus", colour, text=text, fields={"Condition results": results})])


_MONITOR = "*Monitor:*\n<https://uptime.betterstack.com/team/1/monitors/2|pay.lin.test>"

ROWS = (
    Row("pagerduty", pd("Triggered", "[FIRING:1] CartErrors cart-api (live)", "cart-api"), "firing", "[FIRING:1] CartErrors cart-api (live)", "cart-api", "live", terms=("CartErrors",)),
    Row("pagerduty", pd("Acknowledged", "stg: ORA-00001 in ledger", "Ledger DB"), "firing", "stg: ORA-00001 in ledger", "Ledger DB", "stg", terms=("ORA-00001",)),
    Row("pagerduty", pd("Reopened", "Errors | checkout (prod)", "checkout-api"), "firing", "Errors | checkout (prod)", "checkout-api", "prod"),
    Row("pagerduty", edited(pd("Resolved", "Errors | checkout (prod)", "checkout-api")), "resolved", "Errors | checkout (prod)", "checkout-api", "prod"),
    Row("pagerduty", pd("Escalated", "queue &gt; 5000 &amp; rising", "mail.worker"), "firing", "queue > 5000 & rising", "mail.worker", terms=("queue",)),
    nothing("pagerduty", by_app("PagerDuty", "A1FKYAUUX", text="<@U2> added a note to <https://lin.pagerduty.com/incidents/Q1Z|#901: Errors>: looking")),
    nothing("pagerduty", by_app("PagerDuty", "A1FKYAUUX", text="On-call handoff: *Payments* from Al to <@U2>")),
    Row("opsgenie", og("New alert", "#78: [Grafana]: Queue depth of mail-worker", "env:stg, mail-worker"), "firing", "[Grafana]: Queue depth of mail-worker", "mail-worker", "stg", terms=("Queue depth",)),
    Row("opsgenie", og("Alert closed by Al", "#79: ECONNREFUSED in refund-api", "refund-api,live", "00875A"), "resolved", "ECONNREFUSED in refund-api", "refund-api", "live", terms=("ECONNREFUSED",)),
    Row("opsgenie", og("Alert escalated to Ops schedule", "#80: Certificate of shop expires", "service:shop-web"), "firing", "Certificate of shop expires", "shop-web"),
    Row("jsm", post(name="Jira Service Management", attachments=[{"pretext": "<https://j.opsg.in/a/lin/x|Alert #81: CartErrors>", "text": "<@U2> closed the alert", "fallback": "closed", "id": 1}]), "resolved", "CartErrors", terms=("CartErrors",)),
    nothing("opsgenie", post(name="Opsgenie", attachments=[{"pretext": "<https://opsg.in/a/i/lin/x|#81: CartErrors>", "text": "Al added note: error is known", "id": 1}])),
    nothing("jsm", post(name="Jira Service Management", attachments=[{"pretext": "<https://j.opsg.in/a/lin/x|Alert #81: CartErrors>", "text": "<@U2> assigned the alert to <@U3>", "id": 1}])),
    nothing("jsm", post(name="Jira Service Management", attachments=[{"pretext": "<https://j.opsg.in/a/lin/x|Alert #81: CartErrors>", "text": "<@U2> snoozed the alert until 15:00", "id": 1}])),
    Row(
        "splunk_on_call",
        by_app("Splunk On-Call", attachments=[attachment("CRITICAL: Incident #44 checkout-api/latency", title_link="https://portal.victorops.com/ui/lin/incident/44/details", text="p99 above 2 s", fields={"State": "UNACKED"})]),
        "firing",
        "Incident #44 checkout-api/latency",
        "checkout-api",
        terms=("p99",),
    ),
    Row("splunk_on_call", by_app("VictorOps", attachments=[attachment("ACKNOWLEDGEMENT: Incident #44 checkout-api/latency", "daa038", title_link="https://portal.victorops.com/ui/lin/incident/44/details", fields={"State": "ACKED"})]), "firing", "Incident #44 checkout-api/latency", "checkout-api"),
    Row("splunk_on_call", by_app("Splunk On-Call", attachments=[attachment("RECOVERY: Incident #45 ledger-db prod", "2eb886", title_link="https://portal.victorops.com/ui/lin/incident/45/details")]), "resolved", "Incident #45 ledger-db prod", "ledger-db", "prod"),
    Row(
        "incident_io",
        by_app("incident.io", text=":fire: New incident: INC-7 Logins fail on staging", blocks=[header("INC-7 Logins fail on staging"), section("", "*Severity:* Minor", "*Status:* Triage", "*Affected service:* auth-api"), buttons(Homepage="https://app.incident.io/lin/incidents/7")]),
        "firing",
        "INC-7 Logins fail on staging",
        "auth-api",
        "staging",
    ),
    Row("incident_io", edited(by_app("incident.io", text="INC-7 Logins fail", blocks=[header("INC-7 Logins fail"), section("", "*Severity:* Minor", "*Status:* Closed"), buttons(Homepage="https://app.incident.io/lin/incidents/7")])), "resolved", "INC-7 Logins fail"),
    Row("incident_io", by_app("incident.io", text="Update for INC-7: Monitoring", blocks=[section("*Status:* Fixing :arrow_right: *Monitoring*"), section("Errors went down.")]), "firing", "INC-7"),
    nothing("incident_io", by_app("incident.io", text="<@U2> was assigned the Incident Lead role in INC-7")),
    Row("better_stack", bs("New incident started", ":red_circle:", _MONITOR, "*Cause:*\nStatus 502", "*Started at:*\n22 Nov 2026 at 12:35:10 UTC"), "firing", "pay.lin.test", "pay", at="2026-11-22T12:35:10Z", terms=("502",)),
    Row("better_stack", bs("Incident acknowledged", ":large_yellow_circle:", _MONITOR, "*Acknowledged by:*\nAl"), "firing", "pay.lin.test", "pay"),
    Row("better_stack", bs("Incident resolved", ":large_green_circle:", _MONITOR), "resolved", "pay.lin.test", "pay"),
    Row("checkly", ck("Login API is degraded", "staging,auth-api", **{"Response time": "9100 ms"}), "firing", "Login API is degraded", "auth-api", "staging"),
    Row("checkly", ck("Login API has failed", "live, auth-api", "AssertionError: expected 503 to equal 200"), "firing", "Login API has failed", "auth-api", "live", terms=("AssertionError", "503")),
    Row("checkly", ck("Login API has recovered"), "resolved", "Login API has recovered"),
    Row(
        "uptimerobot",
        post("Monitor is DOWN: API of billing ( <https://billing-api.lin.test/health> )", "UptimeRobot", attachments=[attachment(text="Monitor is DOWN: *API of billing* ( <https://billing-api.lin.test/health> )", fields={"Reason": "Connection Timeout"})]),
        "firing",
        "API of billing",
        "billing-api",
        terms=("Connection Timeout",),
    ),
    Row("uptimerobot", post("Monitor is UP: API of billing ( <https://billing-api.lin.test/health> ). It was down for 3 minutes.", "UptimeRobot"), "resolved", "API of billing", "billing-api"),
    Row("uptime_kuma", kuma("[auth-api] [🔴 Down] connect ECONNREFUSED 10.0.0.4:443", "2026-11-22 12:38:00.001"), "firing", "[auth-api] connect ECONNREFUSED 10.0.0.4:443", "auth-api", at="2026-11-22T12:38:00Z", terms=("ECONNREFUSED",)),
    Row("uptime_kuma", kuma("[auth-api] [✅ Up] 200 - OK", "2026-11-22 12:40:00"), "resolved", "[auth-api] 200 - OK", "auth-api", at="2026-11-22T12:40:00Z"),
    Row("uptime_kuma", kuma("[Shop (staging)] [🔴 Down] Request failed with status code 503", "2026-11-22 12:38:00", "Time (Europe/Berlin)"), "firing", "[Shop (staging)] Request failed with status code 503", "Shop (staging)", "staging", "?", ("503",)),
    Row("gatus", gatus("An alert for *core/auth-api* has been triggered due to having failed 2 time(s) in a row:\n&gt; slow", ":x: - `[RESPONSE_TIME] (2100) &lt; 500`\n"), "firing", "An alert for core/auth-api has been triggered", "auth-api", terms=("2100",)),
    Row("gatus", gatus("An alert for *staging/auth-api* has been resolved after passing successfully 3 time(s) in a row", ":white_check_mark: - `[STATUS] == 200`\n", "36A64F"), "resolved", "An alert for staging/auth-api has been resolved", "auth-api", "staging"),
    Row("gatus", gatus("An alert for *website* has been triggered due to having failed 3 time(s) in a row", ":x: - `[STATUS] (500) == 200`\n"), "firing", "An alert for website has been triggered", "website", terms=("500",)),
    nothing("slack", post("", "Checkly", attachments=[attachment("Check Login API was created by Al", "45C8F1", title_link="https://app.checklyhq.com/checks/7a1")])),
    nothing("better_stack", by_app("Better Stack", text="You are on call from now on for *Shop*", blocks=[section("You are on call"), context("until Monday")])),
)
