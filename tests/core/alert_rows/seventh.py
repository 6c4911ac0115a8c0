"""A seventh round, written before the readers were tried on it."""

from __future__ import annotations

from tests.core.alert_rows.pagers import pd
from tests.core.alert_rows.prometheus import am, gf
from tests.core.alert_rows.shapes import Row, attachment, buttons, by_app, context, header, nothing, post, section

# fmt: off
H = "alert-relay"

ROWS = (
    # home-made webhooks
    Row("generic", post(":fire: [prod] invoice-service: NullReferenceException in InvoiceMapper.Map\n```System.NullReferenceException: Object reference not set to an instance of an object.\n   at Acme.Invoices.InvoiceMapper.Map(Invoice source) in /src/Invoices/InvoiceMapper.cs:line 58\n   at Acme.Invoices.Api.Get(Guid id) in /src/Invoices/Api.cs:line 21```", H), "firing", "invoice-service: NullReferenceException in InvoiceMapper.Map", "invoice-service", "prod", terms=("NullReferenceException",), frames=(("InvoiceMapper.cs", 58), ("Api.cs", 21))),
    Row("generic", post("ALERT | service=ledger | env=production | p95 latency 2.4s > 800ms for 5m", H), "firing", "service=ledger | env=production | p95 latency 2.4s > 800ms for 5m", "ledger", "production", terms=("p95",)),
    Row("generic", post("RESOLVED | service=ledger | env=production | p95 latency 310ms", H), "resolved", "service=ledger | env=production | p95 latency 310ms", "ledger", "production"),
    Row("generic", post("", H, attachments=[attachment("Queue depth too high", "danger", fields={"Queue": "emails", "Depth": "18234", "Service": "mailer", "Environment": "production"})]), "firing", "Queue depth too high", "mailer", "production"),
    Row("generic", post("", H, attachments=[attachment("Queue depth back to normal", "good", fields={"Queue": "emails", "Depth": "12", "Service": "mailer", "Environment": "production"})]), "resolved", "Queue depth back to normal", "mailer", "production"),
    Row("generic", post("*CRITICAL* `orders-api` is returning 503 in *staging* since 2026-11-22T12:31:00Z", H), "firing", "orders-api is returning 503 in staging", "orders-api", "staging", "2026-11-22T12:31:00Z", terms=("503",)),
    Row("generic", post("ERROR in session-store (prod): redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.", H), "firing", "ERROR in session-store (prod): redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.", "session-store", "prod", terms=("redis.exceptions.ConnectionError", "Connection refused")),
    # CloudWatch through Chatbot / Amazon Q
    Row("aws_chatbot", by_app("Amazon Q Developer", "A6L22LZNH", attachments=[attachment("", "d13212", fallback="CloudWatch Alarm | search-api-prod-5xx | eu-central-1 | Account: 210987654321", blocks=[section("*<https://console.aws.test/cloudwatch/alarms/search-api-prod-5xx|:rotating_light: CloudWatch Alarm | search-api-prod-5xx | eu-central-1 | Account: 210987654321>*"), section("Threshold Crossed: 1 out of the last 1 datapoints [37.0 (22/11/26 12:36:00)] was greater than the threshold (25.0)."), section("", "*State change time*\nSun, 22 Nov 2026 12:38:02 UTC", "*Metric*\nHTTPCode_Target_5XX_Count")])]), "firing", "search-api-prod-5xx", "search-api", "prod", "2026-11-22T12:38:02Z", terms=("HTTPCode_Target_5XX_Count",)),
    Row("cloudwatch", post("", "cloudwatch", attachments=[attachment("", "danger", fallback="Alarm lambda-thumbnailer-staging-errors triggered", fields={"Alarm Name": "lambda-thumbnailer-staging-errors", "Alarm Description": "thumbnailer fails", "Alarm reason": "Threshold Crossed: 1 datapoint [4.0 (22/11/26 12:35:00)] was greater than or equal to the threshold (1.0).", "Old State": "OK", "Current State": "ALARM"})]), "firing", "lambda-thumbnailer-staging-errors", "lambda-thumbnailer", "staging"),
    # Datadog
    Row("datadog", by_app("Datadog", attachments=[attachment("Triggered: [P2] High 5xx rate on service:storefront,env:prod", "a30200", title_link="https://app.datadoghq.test/monitors/88123", text="More than 2% of requests fail.\n\nThe monitor was last triggered at Sun Nov 22 2026 12:39:47 UTC.", fields={"Tags": "env:prod, service:storefront, team:web", "Notified": "@slack-alerts"})]), "firing", "High 5xx rate on service:storefront,env:prod", "storefront", "prod", "2026-11-22T12:39:47Z", terms=("5xx",)),
    Row("datadog", by_app("Datadog", attachments=[attachment("No data: [Synthetics] checkout flow on env:prod", "f2c744", title_link="https://app.datadoghq.test/monitors/88124", text="No data for 15 minutes.", fields={"Tags": "env:prod, service:checkout"})]), "firing", "[Synthetics] checkout flow on env:prod", "checkout", "prod"),
    # New Relic
    Row("newrelic", by_app("New Relic", attachments=[attachment("Apdex < 0.7 for at least 5 minutes on 'basket-service'", "c0341d", title_link="https://one.newrelic.test/alerts/issue?id=77aa", pretext="*<https://one.newrelic.test/alerts/issue?id=77aa|Critical priority issue is active>*", fields={"Entity": "basket-service", "Policy": "Basket golden signals", "Created at": "2026-11-22 12:37:10 UTC", "Tags": "environment: production"})]), "firing", "Apdex < 0.7 for at least 5 minutes on 'basket-service'", "basket-service", "production", "2026-11-22T12:37:10Z"),
    Row("newrelic", by_app("New Relic", attachments=[attachment("Apdex < 0.7 for at least 5 minutes on 'basket-service'", "11a600", title_link="https://one.newrelic.test/alerts/issue?id=77aa", pretext="*<https://one.newrelic.test/alerts/issue?id=77aa|Critical priority issue is closed>*", fields={"Entity": "basket-service", "Policy": "Basket golden signals", "Tags": "environment: production"})]), "resolved", "Apdex < 0.7 for at least 5 minutes on 'basket-service'", "basket-service", "production"),
    # Grafana
    Row("grafana", gf("[FIRING:1] DatasourceNoData Payments (prod)", "**Firing**\n\nValue: [no value]\nLabels:\n - alertname = DatasourceNoData\n - env = prod\n - rulename = Payment success ratio\n - service = payments\nAnnotations:\n - summary = no samples for 10m\nSource: https://grafana.test/alerting/grafana/x/view\n"), "firing", "DatasourceNoData Payments", "payments", "prod"),
    Row("grafana", gf("[FIRING:2, RESOLVED:3] KafkaConsumerLag (prod)", "**Firing**\n\nValue: B=52000\nLabels:\n - alertname = KafkaConsumerLag\n - env = prod\n - service = enrichment-worker\n\n**Resolved**\n\nValue: B=10\nLabels:\n - alertname = KafkaConsumerLag\n - env = prod\n - service = enrichment-worker\n"), "firing", "KafkaConsumerLag", "enrichment-worker", "prod", terms=("KafkaConsumerLag",)),
    # Alertmanager
    Row("alertmanager", am("[FIRING:1] KubePodCrashLooping (prod critical)", "*Alert:* Pod is crash looping\n*Details:*\n • *namespace:* `prod`\n • *pod:* `pricing-6c9d7bdf4-kx2lp`\n • *service:* `pricing`\n • *severity:* `critical`"), "firing", "KubePodCrashLooping", "pricing", "prod", terms=("KubePodCrashLooping",)),
    # Opsgenie
    Row("opsgenie", by_app("Opsgenie", attachments=[attachment("#51201: [gateway] TLS certificate expires in 3 days", "ff7400", title_link="https://opsg.in/a/i/acme/51201", pretext="New alert created", fields={"Priority": "P3", "Tags": "env:production, service:gateway", "Routed Teams": "edge"})]), "firing", "[gateway] TLS certificate expires in 3 days", "gateway", "production"),
    Row("opsgenie", by_app("Opsgenie", attachments=[attachment("#51201: [gateway] TLS certificate expires in 3 days", "00875a", title_link="https://opsg.in/a/i/acme/51201", pretext="Alert closed", fields={"Priority": "P3", "Tags": "env:production, service:gateway"})]), "resolved", "[gateway] TLS certificate expires in 3 days", "gateway", "production"),
    # PagerDuty
    Row("pagerduty", pd("Acknowledged", "Replication lag above 30s on orders-db", "Orders DB"), "firing", "Replication lag above 30s on orders-db", "Orders DB"),
    # Zabbix
    Row("generic", post("", "Zabbix", attachments=[attachment("Problem: High CPU utilization (over 90% for 5m) on app-07", "e45959", text="Problem started at 12:33:41 on 2026.11.22\nHost: app-07\nSeverity: High\nOperational data: Current utilization: 97.2 %\nOriginal problem ID: 8812331")]), "firing", "High CPU utilization (over 90% for 5m) on app-07", "?", None, "2026-11-22T12:33:41Z"),
    Row("generic", post("", "Zabbix", attachments=[attachment("Resolved in 6m 2s: High CPU utilization (over 90% for 5m) on app-07", "59db8f", text="Problem has been resolved at 12:39:43 on 2026.11.22\nHost: app-07\nSeverity: High\nOriginal problem ID: 8812331")]), "resolved", "High CPU utilization (over 90% for 5m) on app-07", "?", None, "?"),
    # Uptime Kuma
    Row("uptime_kuma", post("[Shop front (prod)] [:red_circle: Down] connect ETIMEDOUT 203.0.113.7:443", "Uptime Kuma", attachments=[attachment("", "e01e5a", blocks=[header("Uptime Kuma Alert"), section("", "*Message*\n[Shop front (prod)] [:red_circle: Down] connect ETIMEDOUT 203.0.113.7:443", "*Time (UTC)*\n2026-11-22 12:40:01")])]), "firing", "[Shop front (prod)] connect ETIMEDOUT 203.0.113.7:443", "?", "prod", "2026-11-22T12:40:01Z", terms=("ETIMEDOUT",)),
    # Nagios
    Row("generic", post(":red_circle: PROBLEM: HTTP on web03.prod.acme.test is CRITICAL\nHTTP CRITICAL: HTTP/1.1 502 Bad Gateway - 348 bytes in 0.004 second response time", "nagios"), "firing", "HTTP on web03.prod.acme.test is CRITICAL", "?", "?", terms=("502",)),
    Row("generic", post(":large_green_circle: RECOVERY: HTTP on web03.prod.acme.test is OK\nHTTP OK: HTTP/1.1 200 OK - 5120 bytes in 0.112 second response time", "nagios"), "resolved", "HTTP on web03.prod.acme.test is OK", "?", "?"),
    # Honeycomb
    Row("honeycomb", by_app("Honeycomb", text="", attachments=[attachment("Triggered: slow cart merges", "f96e10", title_link="https://ui.honeycomb.test/acme/environments/production/datasets/cart/triggers/9x", text="P99(duration_ms) > 1500\nCurrent value: 2210\nservice.name: cart")]), "firing", "slow cart merges", "cart", "production"),
    # Rollbar
    Row("rollbar", by_app("Rollbar", attachments=[attachment("#1442 ActiveRecord::RecordNotUnique: duplicate key value violates unique constraint \"index_users_on_email\"", "e54f4a", pretext="*[accounts] production* - New Error", title_link="https://rollbar.test/acme/accounts/items/1442", text="```app/services/signup.rb:33:in `create_user'\napp/controllers/signups_controller.rb:12:in `create'```", fields={"Project": "accounts", "Environment": "production", "Code Version": "8f2c1aa"})]), "firing", "#1442 ActiveRecord::RecordNotUnique: duplicate key value violates unique constraint", "accounts", "production", terms=("ActiveRecord::RecordNotUnique", "duplicate key"), frames=(("signup.rb", 33), ("signups_controller.rb", 12))),
    # Bugsnag
    Row("bugsnag", by_app("Bugsnag", attachments=[attachment("TypeError: Cannot read properties of undefined (reading 'price')", "e84045", pretext="New error in *production* from *web-shop* in *CartPage* (<https://app.bugsnag.test/acme/web-shop/errors/5c1|details>)", title_link="https://app.bugsnag.test/acme/web-shop/errors/5c1", text="```src/pages/CartPage.tsx:88 - total\nsrc/pages/CartPage.tsx:41 - CartPage```", fields={"Release stage": "production", "App version": "4.12.0"})]), "firing", "TypeError: Cannot read properties of undefined (reading 'price')", "web-shop", "production", terms=("TypeError",), frames=(("CartPage.tsx", 88), ("CartPage.tsx", 41))),
    # Better Stack, Checkly, Gatus
    Row("better_stack", by_app("Better Stack", blocks=[section(":rotating_light: *New incident started*\n<https://uptime.betterstack.test/team/1/incidents/90|https://api.acme.test/v2/health>"), section("", "*Cause:*\nStatus 504", "*Started at:*\n22 Nov 2026 at 12:38pm UTC", "*Monitor:*\nPublic API")], text="New incident started"), "firing", None, "?", None, "2026-11-22T12:38:00Z", terms=("504",)),
    Row("checkly", by_app("Checkly", attachments=[attachment("", "ff0000", blocks=[header("Login flow has failed"), section("*<https://app.checklyhq.test/checks/3c|Login flow>*\nTimeoutError: page.click: Timeout 30000ms exceeded."), section("", "*Tags*\nlogin, production", "*Location*\nFrankfurt"), context("22 Nov 2026 12:39 UTC")])]), "firing", "Login flow has failed", "?", "?", "?", terms=("TimeoutError",)),
    Row("gatus", post("", "Gatus", attachments=[attachment(":helmet_with_white_cross: Gatus", "DD0000", text="An alert for *edge/api-gateway* has been triggered due to having failed 3 time(s) in a row:\n> healthcheck failed", fields={"Condition results": ":x: - `[STATUS] == 200`"})]), "firing", "An alert for edge/api-gateway has been triggered", "api-gateway"),
    # GCP, Azure
    Row("google_cloud", by_app("Google Cloud Monitoring", attachments=[attachment("[ALERT - Critical] Cloud Run request latency on tax-api", "d93025", title_link="https://console.cloud.google.test/monitoring/alerting/incidents/0.abc", text="Request latency for tax-api with resource labels {project_id=acme-prod, service_name=tax-api} is above the threshold of 1.000 with a value of 3.214.\n*Start time:* Nov 22, 2026 at 12:36PM UTC")]), "firing", "Cloud Run request latency on tax-api", "tax-api", "?", "2026-11-22T12:36:00Z"),
    # Sentinels of plain scripts
    Row("generic", post("cron@prod-batch-1: nightly-export exited with code 137 (OOMKilled)", H), "firing", "cron@prod-batch-1: nightly-export exited with code 137 (OOMKilled)", "?", "?", terms=("exited with code 137", "OOMKilled")),
    Row("generic", post("[ALERT][checkout][production] Error budget burn rate 14x over 1h (SLO: availability 99.9)", H), "firing", "[checkout][production] Error budget burn rate 14x over 1h (SLO: availability 99.9)", "checkout", "production"),
    Row("generic", post("sev2: login (prod) — 23% of POST /oauth/token return 500 since 12:35 UTC", H), "firing", "login (prod) — 23% of POST /oauth/token return 500 since 12:35 UTC", "login", "prod", "?", terms=("/oauth/token", "500")),
    Row("generic", post("", H, blocks=[header("🔴 Health check failing: notification-hub"), section("", "*Environment:*\nproduction", "*Since:*\n2026-11-22 12:34 UTC", "*Endpoint:*\n/healthz", "*Response:*\n500 Internal Server Error"), buttons(Runbook="https://wiki.test/r")]), "firing", "Health check failing: notification-hub", "notification-hub", "production", "2026-11-22T12:34:00Z", terms=("/healthz",)),
)

PD = "https://lin.pagerduty.com/incidents/Q9"
ROWS += (
    # who did it is no part of what is wrong
    Row("pagerduty", by_app("PagerDuty", "A1FKYAUUX", text=f"*Acknowledged* <{PD}|#77: Replication lag on orders-db> by Mara Lindqvist"), "firing", "Replication lag on orders-db", "orders-db"),
    Row("pagerduty", by_app("PagerDuty", "A1FKYAUUX", text=f"*Resolved* <{PD}|#77>: Replication lag on orders-db by Mara"), "resolved", "Replication lag on orders-db", "orders-db"),
    Row("pagerduty", by_app("PagerDuty", "A1FKYAUUX", text=f"*Triggered* <{PD}|#78: Logins blocked by Cloudflare>"), "firing", "Logins blocked by Cloudflare"),
)

NEWS = (
    nothing("generic", post(":rocket: orders-api v2.14.0 is live in production (by vani)", H)),
    nothing("generic", post("Release notes for payments 5.2: fixes the timeout error on refunds", H)),
    nothing("generic", post("Backup of orders-db finished in 4m 12s, 0 errors", H)),
    nothing("generic", post("On-call this week: Mara (primary), Kim (secondary)", H)),
)
