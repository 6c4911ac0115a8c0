"""Monitoring by vendors: Datadog, clouds, New Relic, Elastic, Honeycomb."""

from __future__ import annotations

from typing import Any

from tests.core.alert_rows.shapes import Row, attachment, buttons, by_app, context, header, nothing, post, rich, section

# fmt: off

def dd(title: str, text: str = "", tags: str = "", colour: str = "a30200") -> dict[str, Any]:
    link = "https://app.datadoghq.eu/monitors/991?group=x&event_id=7"
    fields = {"Tags": tags, "Notified": "@slack-ops"} if tags else {"Notified": "@slack-ops"}
    return by_app("Datadog", attachments=[attachment(title, colour, title_link=link, text=text, fields=fields)])


def aws(name: str, old: str, new: str, **fields: str) -> dict[str, Any]:
    given = {"Alarm Name": f"`{name}`", **fields, "Old State": f"`{old}`", "Current State": f"`{new}`"}
    colour = "2eb886" if new == "OK" else "a30200"
    made = attachment("", colour, fallback=f"Alarm {name} triggered", text=f"AWS CloudWatch notification - {name}", fields=given)
    return post(name="aws-alarms", attachments=[made])


def q(name: str, *fields: str, text: str = "", emoji: str = ":rotating_light:", colour: str = "D13212") -> dict[str, Any]:
    url = f"https://us-east-1.console.aws.amazon.com/cloudwatch/home#alarm:name={name}"
    head = f"{emoji} *<{url}|CloudWatch Alarm | {name} | us-east-1 | Account: 111122223333>*"
    blocks = [section(head), section(text or "Threshold Crossed"), section("", *fields)]
    return by_app("Amazon Q Developer", "A6L22LZNH", attachments=[{"color": colour, "blocks": blocks, "id": 1}])


def gcp(title: str, text: str, **fields: str) -> dict[str, Any]:
    link = "https://console.cloud.google.com/monitoring/alerting/incidents/0.abc?project=lin"
    return by_app("Google Cloud Monitoring", attachments=[attachment(title, text=text, title_link=link, fields=fields)])


def nr(state: str, title: str, *fields: str) -> dict[str, Any]:
    link = f"*<https://radar-api.service.newrelic.com/accounts/2/issues/9f-1|{title}>*\n{state}"
    return by_app("New Relic", text=state, attachments=[{"color": "D63B2F", "id": 1, "blocks": [section(link), section("", *fields)]}])


_SINCE = "The monitor was last triggered at Sun Nov 22 2026 12:28:44 UTC (*12 mins ago*)."

ROWS = (
    Row(
        "datadog",
        dd("Warn: p99 latency on service:checkout-api,env:stg", f"*trace.http.request.duration* over *env:stg* was *&gt; 1.5*\n\n{_SINCE}", "env:stg, service:checkout-api", "daa038"),
        "firing",
        "p99 latency on service:checkout-api,env:stg",
        "checkout-api",
        "stg",
        "2026-11-22T12:28:44Z",
        ("p99", "trace.http.request.duration"),
    ),
    Row("datadog", dd("Recovered: [P3] Errors on billing.worker", _SINCE, "env:prd,service:billing.worker,team:money", "2eb886"), "resolved", "[P3] Errors on billing.worker", "billing.worker", "prd", "2026-11-22T12:28:44Z"),
    Row("datadog", dd("Triggered on {service:refund-worker,env:live}: Dead letters", "`sqs.ApproximateAgeOfOldestMessage` too old"), "firing", "Dead letters", "refund-worker", "live", terms=("sqs.ApproximateAgeOfOldestMessage",)),
    Row("datadog", dd("[Triggered on {host:i-0ab,service:cart}] [P2] Exit code 137 of containers", "", "service:cart"), "firing", "[P2] Exit code 137 of containers", "cart", terms=("137",)),
    Row("datadog", dd("Re-Triggered: No data: cron of exports", "No data in the last 15 minutes", "service:exporter-job,env:production"), "firing", "No data: cron of exports", "exporter-job", "production", terms=("No data",)),
    Row("datadog", by_app("Datadog", blocks=[header("Recovered: cache evictions"), section("*redis.keys.evicted* over *env:prod,service:session-cache* was *&lt;= 10*")]), "resolved", "cache evictions", "session-cache", "prod", terms=("redis.keys.evicted",)),
    Row(
        "datadog",
        dd("Triggered: Error Tracking: new issue in acme/payments", "`NullPointerException` in `PaymentMapper.map`\nat com.lin.pay.PaymentMapper.map(PaymentMapper.java:77)", "env:prod,service:payments,version:4.2.0"),
        "firing",
        "Error Tracking: new issue in acme/payments",
        "payments",
        "prod",
        terms=("NullPointerException",),
        frames=(("PaymentMapper.java", 77),),
    ),
    Row("datadog_on_call", by_app("Datadog", text="*<https://app.datadoghq.com/on-call/pages/311|Page #311: Checkout fails for service:checkout-api,env:prod>*\n*Status:*\nTriggered\n*Urgency:*\nHigh"), "firing", "Checkout fails for service:checkout-api,env:prod", "checkout-api", "prod"),
    Row("datadog_on_call", by_app("Datadog", blocks=[section("<https://app.datadoghq.com/on-call/pages/311|Page #311: Checkout fails>"), section("", "*Status:*\nResolved", "*Service:*\ncheckout-api")]), "resolved", "Checkout fails", "checkout-api"),
    Row("datadog_on_call", by_app("Datadog", blocks=[rich(("text", "Page #312: Disk full on ledger-db\nStatus: Acknowledged"))]), "firing", "Disk full on ledger-db", "ledger-db", terms=("Disk full",)),
    nothing("datadog", by_app("Datadog", text="<@U1> muted monitor *High error rate on payments-api*")),
    nothing("datadog", by_app("Datadog", text=":calendar: On-call shift of *Payments* starts in 30 minutes")),
    Row("cloudwatch", aws("checkout-api-stg-latency-p95", "OK", "ALARM", **{"Alarm reason": "`Threshold Crossed: 2 datapoints [1.9]`"}), "firing", "checkout-api-stg-latency-p95", "checkout-api", "stg", terms=("p95",)),
    Row("cloudwatch", aws("prod-refund-worker-dlq", "ALARM", "OK"), "resolved", "prod-refund-worker-dlq", "?", "prod"),
    Row("cloudwatch", aws("search-api-prod-errors", "OK", "INSUFFICIENT_DATA"), "firing", "search-api-prod-errors", "search-api", "prod"),
    Row("aws_chatbot", q("mail-worker-prod-dlq", "*State*\nOK", "*State change time*\nSun, 22 Nov 2026 12:37:11 GMT", emoji=":white_check_mark:", colour="2eb886"), "resolved", "mail-worker-prod-dlq", "mail-worker", "prod", "?"),
    Row("aws_chatbot", q("cart-api-5xx", "*New State*\nALARM", "*State change time*\nSun, 22 Nov 2026 12:37:11 GMT", "*Metric*\nHTTPCode_Target_5XX_Count"), "firing", "cart-api-5xx", "?", None, "2026-11-22T12:37:11Z", ("HTTPCode_Target_5XX_Count",)),
    Row(
        "azure",
        post(
            "Fired: Sev1 Azure Monitor Alert checkout-latency",
            "Azure",
            attachments=[{"color": "D22B2B", "id": 1, "blocks": [header("checkout-latency"), section("*Affected resource:* /subscriptions/1/resourceGroups/rg/providers/microsoft.web/sites/checkout-web"), section("*Environment:* Staging"), section("System.Net.Http.HttpRequestException: Connection refused")]}],
        ),
        "firing",
        "checkout-latency",
        "checkout-web",
        "Staging",
        terms=("System.Net.Http.HttpRequestException",),
    ),
    Row(
        "azure",
        post("checkout-latency: Resolved", attachments=[{"color": "D22B2B", "id": 1, "blocks": [header("checkout-latency"), section("<https://portal.azure.com/#view/2|Operation 9>\nSystem.TimeoutException "), section("*Name:* checkout-web ")]}]),
        "resolved",
        "checkout-latency",
        "checkout-web",
        terms=("System.TimeoutException",),
    ),
    Row(
        "google_cloud",
        gcp("[ALERT - Warning] Request latency for billing-api", "Latency for billing-api in {service_name=billing-api} is above the threshold of 2 with a value of 3.1.", Policy="billing - staging", **{"Start time": "Nov 22, 2026 at 9:05AM UTC"}),
        "firing",
        "Request latency for billing-api",
        "billing-api",
        "staging",
        "2026-11-22T09:05:00Z",
        ("latency",),
    ),
    Row("google_cloud", gcp("[RESOLVED] Log match: panic in worker", "The condition is closed.", Policy="worker logs"), "resolved", "Log match: panic in worker", terms=("panic",)),
    Row(
        "newrelic",
        nr("High priority issue is active", "checkout-api query deviated from the baseline", "*Impacted entities*\ncheckout-api", "*Policy*\nCheckout staging", "*Created at*\nNov 22, 2026 12:30 UTC"),
        "firing",
        "checkout-api query deviated from the baseline",
        "checkout-api",
        "staging",
        "2026-11-22T12:30:00Z",
    ),
    Row("newrelic", nr("Critical priority issue is acknowledged", "Apdex &lt; 0.6 on 'Apdex (Low)'", "*Impacted entities*\nstore-web, store-api", "*Policy*\nStore"), "firing", "Apdex < 0.6 on 'Apdex (Low)'", "store-web", terms=("Apdex",)),
    Row("newrelic", nr("Critical priority issue is closed", "Apdex &lt; 0.6 on 'Apdex (Low)'", "*Impacted entities*\nstore-web", "*Policy*\nStore live"), "resolved", "Apdex < 0.6 on 'Apdex (Low)'", "store-web", "live"),
    Row(
        "elastic",
        post("Latency threshold breached for service checkout-api (environment: staging)\n\n- Reason: Avg. latency is 4.2 s in the last 5 mins for service: checkout-api, env: staging.\n\n<https://kibana.lin.test/app/observability/alerts/1|View alert details>", "Kibana"),
        "firing",
        "Latency threshold breached for service checkout-api (environment: staging)",
        "checkout-api",
        "staging",
        terms=("latency",),
    ),
    Row("elastic", post("Recovered: Error count for service mail-worker (env prod) is back below 10\n<https://kibana.lin.test/app/management/insightsAndAlerting/triggersActions/rule/7|View rule>", "Kibana"), "resolved", "Error count for service mail-worker (env prod) is back below 10", "mail-worker", "prod"),
    Row(
        "elastic",
        post(name="elastic", attachments=[attachment("17 fatal logs in app-live", author_name="Elasticsearch Watcher", pretext="Watch fatal_watch fired", text="`FATAL: the database system is shutting down`", fields={"service": "ledger", "env": "live"})]),
        "firing",
        "17 fatal logs in app-live",
        "ledger",
        "live",
        terms=("the database system is shutting down",),
    ),
    Row(
        "honeycomb",
        by_app("Honeycomb", attachments=[attachment("Triggered: Error rate by route", title_link="https://ui.honeycomb.io/lin/environments/prod/datasets/checkout-api/triggers/a1", text="COUNT was 51, above 50\n`route=/v2/pay`: 51")]),
        "firing",
        "Error rate by route",
        "checkout-api",
        "prod",
        terms=("Error rate",),
    ),
    Row("honeycomb", by_app("Honeycomb", attachments=[attachment("Resolved: Error rate by route", "3DAA5C", title_link="https://ui.honeycomb.io/lin/environments/prod/datasets/checkout-api/triggers/a1")]), "resolved", "Error rate by route", "checkout-api", "prod"),
    Row(
        "robusta",
        by_app(
            "Robusta",
            text="Crashing pod billing-worker-5f6d8c9b7d-x2vqp in namespace money",
            blocks=[
                section(":fire: `firing` :red_circle: `high` <https://platform.robusta.dev/y|*Crashing pod billing-worker-5f6d8c9b7d-x2vqp in namespace money*>"),
                buttons(Investigate="https://platform.robusta.dev/y"),
                section("*Source:* `k8s-live`"),
                section(":loudspeaker: *Alert:* CrashLoopBackOff, exit code 1 (Error)"),
            ],
        ),
        "firing",
        "Crashing pod billing-worker-5f6d8c9b7d-x2vqp in namespace money",
        "billing-worker",
        None,
        terms=("CrashLoopBackOff",),
    ),
    Row("robusta", by_app("Robusta", blocks=[header("[RESOLVED] Deployment shop/checkout-api is not ready"), context("Source: *stg*")]), "resolved", "Deployment shop/checkout-api is not ready", "checkout-api"),
    Row("robusta", by_app("Robusta", blocks=[header(":large_yellow_circle: KubePodNotReady"), section("Pod shop/cart-api-7c9d4f5b6d-x2vqp has been in a non-ready state for longer than 15 minutes."), context("cluster: `eu-1`")]), "firing", "KubePodNotReady", "cart-api", None, terms=("KubePodNotReady",)),
)
