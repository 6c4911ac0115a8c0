"""Four messages of each sender: a trouble, the same again, its end, and another trouble."""

from __future__ import annotations

from typing import Any

from tests.core.alert_rows.monitors import aws, dd, gcp, nr, q
from tests.core.alert_rows.pagers import bs, ck, gatus, kuma, og, pd
from tests.core.alert_rows.prometheus import am, gf
from tests.core.alert_rows.shapes import attachment, by_app, edited, header, post, section
from tests.core.alert_rows.trackers import bugsnag, gl, gl_alert, metric, rollbar, sentry

# fmt: off
Message = dict[str, Any]
_START = "November 22nd, 2026 12:00PM UTC"
_SEEN = "State: *New*   First Seen: *2 minutes ago*"
_INCIDENT = (
    "[<https://g.lin.test/a/b|a/b>] Incident <https://g.lin.test/a/b/-/issues/incident/{0}|#{0} Pay fails> {1} by A (a)"
)
_HEALTH = ":x: - `[STATUS] (503) == 200`"


def on_call(number: int, status: str) -> Message:
    return by_app("Datadog", text=f"Page #{number}: pay-api fails\n*Status:*\n{status}")


def io(number: int, status: str) -> Message:
    return by_app("incident.io", blocks=[header(f"INC-{number} Pay fails"), section("", f"*Status:* {status}")])


def trigger(state: str, name: str) -> Message:
    link = f"https://ui.honeycomb.io/lin/environments/prod/datasets/pay/triggers/{name}"
    return by_app("Honeycomb", attachments=[attachment(f"{state}: slow {name}", title_link=link)])


def victor(state: str, entity: str) -> Message:
    return by_app("Splunk On-Call", attachments=[attachment(f"{state}: Incident #4 {entity}")])


def robusta(state: str, pod: str) -> Message:
    link = f"<https://platform.robusta.dev/x|*Crashing pod {pod} in namespace shop*>"
    return by_app("Robusta", blocks=[section(f":fire: `{state}` :red_circle: `high` {link}")])


def rule(name: str, state: str) -> Message:
    blocks = [header(name), section(f"<https://portal.azure.com/#view/1|Operation> {state}")]
    return post(f"{name}: {state}", attachments=[{"color": "D22B2B", "blocks": blocks}])


TROUBLES = {
    "alertmanager": (
        am("[FIRING:1] CartErrors cart-api (prod)"),
        am("[FIRING:3] CartErrors cart-api (prod)"),
        am("[RESOLVED] CartErrors cart-api (prod)", colour="2eb886"),
        am("[FIRING:1] PayErrors cart-api (prod)"),
    ),
    "grafana": (
        gf("[FIRING:1] Slow pay (prod)", "**Firing**\n\nValue: A=7\nLabels:\n - service = pay-api\n"),
        gf("[FIRING:2] Slow pay (prod)", "**Firing**\n\nValue: A=9\nLabels:\n - service = pay-api\n"),
        gf("[RESOLVED] Slow pay (prod)", "**Resolved**\n\nValue: A=1\nLabels:\n - service = pay-api\n"),
        gf("[FIRING:1] Slow cart (prod)", "**Firing**\n\nValue: A=7\nLabels:\n - service = pay-api\n"),
    ),
    "datadog": (
        dd("Triggered: 5% errors on pay-api", tags="env:prod,service:pay-api"),
        dd("Re-Triggered: 7% errors on pay-api", tags="env:prod,service:pay-api"),
        dd("Recovered: 1% errors on pay-api", tags="env:prod,service:pay-api"),
        dd("Triggered: 5% errors on cart-api", tags="env:prod,service:cart-api"),
    ),
    "datadog_on_call": (on_call(1, "Triggered"), on_call(1, "Acknowledged"), on_call(1, "Resolved"), on_call(2, "Triggered")),
    "pagerduty": (
        pd("Triggered", "pay fails", "pay-api"),
        pd("Reopened", "pay fails again", "pay-api"),
        edited(pd("Resolved", "pay fails", "pay-api")),
        by_app("PagerDuty", "A1FKYAUUX", text="*Triggered* <https://lin.pagerduty.com/incidents/Q2Z|#902: pay fails>"),
    ),
    "sentry": (
        sentry("KeyError", "a in b", "x", "", _SEEN, "cart"),
        sentry("KeyError", "a in b", "y", "", "State: *Ongoing*", "cart", circle="orange"),
        edited(sentry("KeyError", "a in b", "x", "", "", "cart", section("*Issue resolved by <@U1>*"), circle="white")),
        sentry("ValueError", "a in b", "x", "", _SEEN, "cart") | {"blocks": [section(":red_circle: <https://l.sentry.io/issues/78/|*KeyError*>")]},
    ),
    "sentry metric": (
        metric("Critical: pay errors", "9 events"),
        metric("Warning: pay errors", "5 events"),
        metric("Resolved: pay errors", "1 event", "4DC771"),
        metric("Critical: cart errors", "9 events"),
    ),
    "gitlab alert": (
        gl_alert("a/b", "Pay 5xx", "Triggered", _START),
        gl_alert("a/b", "Pay 5xx", "Acknowledged", _START),
        gl_alert("a/b", "Pay 5xx", "Resolved", _START),
        gl_alert("a/c", "Pay 5xx", "Triggered", _START),
    ),
    "gitlab incident": tuple(gl(_INCIDENT.format(*one)) for one in ((7, "opened"), (7, "reopened"), (7, "closed"), (8, "opened"))),
    "opsgenie": (og("New alert", "#5: down"), og("Alert escalated", "#5: down"), og("Alert closed", "#5: down"), og("New alert", "#6: down")),
    "cloudwatch": (
        aws("pay-prod-5xx", "OK", "ALARM", **{"Alarm reason": "[9.0]"}),
        aws("pay-prod-5xx", "OK", "ALARM", **{"Alarm reason": "[12.0]"}),
        aws("pay-prod-5xx", "ALARM", "OK"),
        aws("cart-prod-5xx", "OK", "ALARM"),
    ),
    "aws_chatbot": (q("a-5xx", "*State*\nALARM"), q("a-5xx", "*State*\nALARM", text="again"), q("a-5xx", "*State*\nOK"), q("b-5xx", "*State*\nALARM")),
    "azure": (rule("pay", "Fired"), rule("pay", "Fired"), rule("pay", "Resolved"), rule("cart", "Fired")),
    "google_cloud": (
        gcp("[ALERT] pay is slow", "value of 3.1"),
        gcp("[ACKNOWLEDGED] pay is slow", "value of 4.1"),
        gcp("[RESOLVED] pay is slow", ""),
        by_app("Google Cloud Monitoring", attachments=[attachment("[ALERT] pay is slow", title_link="https://console.cloud.google.com/monitoring/alerting/incidents/0.zzz")]),
    ),
    "newrelic": (
        nr("Critical priority issue is active", "pay &gt; 5"),
        nr("High priority issue is acknowledged", "pay &gt; 5"),
        nr("Critical priority issue is closed", "pay &gt; 5"),
        by_app("New Relic", text="Critical priority issue is active", attachments=[attachment("cart > 5", title_link="https://one.newrelic.com/x/issues/77-2")]),
    ),
    "elastic": (
        post("Alert: errors of service pay-api", "Kibana"),
        post("Active: errors of service pay-api", "Kibana"),
        post("Recovered: errors of service pay-api", "Kibana"),
        post("Alert: errors of service cart-api", "Kibana"),
    ),
    "splunk_on_call": (victor("CRITICAL", "pay/http"), victor("ACKNOWLEDGEMENT", "pay/http"), victor("RECOVERY", "pay/http"), victor("CRITICAL", "cart/http")),
    "rollbar": (
        rollbar("[cart] prod - New Error", "#9 KeyError: 'a'"),
        rollbar("[cart] prod - 10th Occurrence", "#9 KeyError: 'b'"),
        rollbar("[cart] prod - Resolved Error", "#9 KeyError"),
        by_app("Rollbar", attachments=[attachment("#8 KeyError", pretext="[cart] prod - New Error", title_link="https://rollbar.com/lin/cart/items/8/")]),
    ),
    "bugsnag": (
        bugsnag("*New error* in *production* from cart-web", "KeyError: a"),
        bugsnag("*10th event* in *production* from cart-web", "KeyError: b"),
        bugsnag("*Error fixed* in *production* from cart-web", "KeyError"),
        post(name="Bugsnag", attachments=[attachment("KeyError: a", pretext="*New error* in *production* from cart-web", title_link="https://app.bugsnag.com/lin/cart-web/errors/8f")]),
    ),
    "honeycomb": (trigger("Triggered", "a1"), trigger("Triggered", "a1"), trigger("Resolved", "a1"), trigger("Triggered", "b2")),
    "uptime_kuma": (
        kuma("[pay] [🔴 Down] timeout", "2026-11-22 12:00:00"),
        kuma("[pay] [🔴 Down] 503", "2026-11-22 12:30:00"),
        kuma("[pay] [✅ Up] 200 - OK", "2026-11-22 12:40:00"),
        kuma("[cart] [🔴 Down] timeout", "2026-11-22 12:00:00"),
    ),
    "uptimerobot": tuple(
        post(f"Monitor is {state}: {name} ( <https://{name}.lin.test> )", "UptimeRobot")
        for state, name in (("DOWN", "pay"), ("DOWN", "pay"), ("UP", "pay"), ("DOWN", "cart"))
    ),
    "gatus": (
        gatus("An alert for *core/pay* has been triggered due to having failed 3 time(s) in a row", _HEALTH),
        gatus("An alert for *core/pay* has been triggered due to having failed 9 time(s) in a row", _HEALTH),
        gatus("An alert for *core/pay* has been resolved after passing successfully 2 time(s) in a row", ""),
        gatus("An alert for *core/cart* has been triggered due to having failed 3 time(s) in a row", _HEALTH),
    ),
    "better_stack": tuple(
        bs(head, ":red_circle:", f"*Monitor:*\n<https://uptime.betterstack.com/team/1/monitors/{number}|pay.lin.test>")
        for head, number in (("New incident started", 1), ("Incident acknowledged", 1), ("Incident resolved", 1), ("New incident started", 2))
    ),
    "checkly": (ck("Pay has failed", "prod,pay-api"), ck("Pay is degraded", "prod,pay-api"), ck("Pay has recovered"), post(name="Checkly", attachments=[attachment("Cart has failed", title_link="https://app.checklyhq.com/checks/9z9")])),
    "incident_io": (io(7, "Triage"), io(7, "Fixing"), io(7, "Closed"), io(8, "Triage")),
    "robusta": (robusta("firing", "pay-0"), robusta("firing", "pay-0"), robusta("resolved", "pay-0"), robusta("firing", "cart-0")),
    "generic": (
        post("[FIRING] pay-api (env: prod): 5% errors", "h"),
        post("[FIRING] pay-api (env: prod): 9% errors", "h"),
        post("[RESOLVED] pay-api (env: prod): 1% errors", "h"),
        post("[FIRING] cart-api (env: prod): 5% errors", "h"),
    ),
}
