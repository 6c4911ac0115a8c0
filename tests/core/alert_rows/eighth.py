"""An eighth round, written before the readers were tried on it."""

from __future__ import annotations

from tests.core.alert_rows.prometheus import am, gf
from tests.core.alert_rows.shapes import Row, attachment, by_app, header, nothing, post, section

# fmt: off
H = "ops-webhook"

ROWS = (
    Row("generic", post(":x: `inventory-sync` failed on *staging*: `psycopg2.OperationalError: server closed the connection unexpectedly`", H), "firing", "inventory-sync failed on staging: psycopg2.OperationalError: server closed the connection unexpectedly", "inventory-sync", "staging", terms=("psycopg2.OperationalError","server closed the connection unexpectedly")),
    Row("generic", post("🚨 payments @ production: 12.4% of POST /v1/charges fail with 502 (last 10 min)", H), "firing", "payments @ production: 12.4% of POST /v1/charges fail with 502 (last 10 min)", "payments", "production", terms=("/v1/charges","502")),
    Row("generic", post("ALERT payments: p99 above 3s\nenv: prod\nrunbook: <https://wiki.test/p99>", H), "firing", "payments: p99 above 3s", "payments", "prod", terms=("p99",)),
    Row("generic", post("", H, attachments=[attachment("profile-api: Unhandled exception", "d00000", text="```Traceback (most recent call last):\n  File \"/app/profile/views.py\", line 77, in get\n    return cache[user.id]\nKeyError: 4711```", fields={"Env":"prod","Version":"1.9.3"})]), "firing", "profile-api: Unhandled exception", "profile-api", "prod", terms=("KeyError",), frames=(("views.py",77),)),
    Row("generic", post("[FIRING] disk usage > 90% (service: media-store, env: prod, host: m-3)", H), "firing", "disk usage > 90%", "media-store", "prod"),
    Row("generic", post("[RESOLVED] disk usage > 90% (service: media-store, env: prod, host: m-3)", H), "resolved", "disk usage > 90%", "media-store", "prod"),
    Row("generic", post("", "Icinga", attachments=[attachment("PROBLEM - disk / on db-prod-2 is WARNING", "f0ad4e", text="DISK WARNING - free space: / 4096 MB (8%)", fields={"Host":"db-prod-2","Service":"disk /","State":"WARNING"})]), "firing", "disk / on db-prod-2 is WARNING", "?", "?"),
    Row("datadog", by_app("Datadog", attachments=[attachment("Recovered: Kafka lag is high on service:fulfilment,env:staging", "2eb886", title_link="https://app.datadoghq.test/monitors/5", text="Lag is back below 1000.", fields={"Tags":"env:staging, service:fulfilment"})]), "resolved", "Kafka lag is high on service:fulfilment,env:staging", "fulfilment", "staging"),
    Row("grafana", gf("[FIRING:1] HighErrorRate Checkout (checkout prod)", "**Firing**\n\nValue: A=0.07\nLabels:\n - alertname = HighErrorRate\n - grafana_folder = Checkout\n - app = checkout\n - environment = prod\nAnnotations:\n - description = 7% of requests fail: java.sql.SQLTransientConnectionException\n"), "firing", "HighErrorRate Checkout", "checkout", "prod", terms=("HighErrorRate","SQLTransientConnectionException")),
    Row("alertmanager", am("[FIRING:3] TargetDown (node-exporter prod warning)", "*Alert:* 3 targets of job node-exporter are down\n*Details:*\n • *job:* `node-exporter`\n • *env:* `prod`"), "firing", "TargetDown", "?", "prod", terms=("TargetDown",)),
    Row("aws_chatbot", by_app("Amazon Q Developer","A6L22LZNH", attachments=[attachment("", "2eb886", fallback="CloudWatch Alarm | cart-service-prod-latency | us-east-1 | Account: 1", blocks=[section("*<https://console.aws.test/x|:white_check_mark: CloudWatch Alarm | cart-service-prod-latency | us-east-1 | Account: 111122223333>*"), section("OK: Threshold Crossed: 2 out of 2 datapoints were not greater than the threshold (2.0)."), section("", "*State change time*\nSun, 22 Nov 2026 12:40:02 UTC")])]), "resolved", "cart-service-prod-latency", "cart-service", "prod", "?"),
    Row("honeycomb", by_app("Honeycomb", attachments=[attachment("Resolved: login 5xx burst", "2eb886", title_link="https://ui.honeycomb.test/acme/environments/prod/datasets/login/triggers/1", text="COUNT where status >= 500\nservice.name: login")]), "resolved", "login 5xx burst", "login", "prod"),
    Row("rollbar", by_app("Rollbar", attachments=[attachment("#77 RuntimeError: invalid coupon", "e54f4a", pretext="*[checkout] staging* - 100th occurrence", title_link="https://rollbar.test/acme/checkout/items/77", text="", fields={"Project":"checkout","Environment":"staging"})]), "firing", "#77 RuntimeError: invalid coupon", "checkout", "staging", terms=("RuntimeError","invalid coupon")),
    Row("newrelic", by_app("New Relic", attachments=[attachment("Error percentage > 5.0 % for at least 3 minutes on 'auth'", "c0341d", title_link="https://one.newrelic.test/x", pretext="High priority issue is active", fields={"Entity":"auth","Policy":"Auth (staging)","Created at":"2026-11-22 12:35:00 UTC"})]), "firing", "Error percentage > 5.0 % for at least 3 minutes on 'auth'", "auth", "staging", "2026-11-22T12:35:00Z"),
    Row("alertmanager", post("", "Prometheus relay", blocks=[header("[FIRING] ApiSaturation"), section("", "*service*\nquote-api","*env*\nproduction","*startsAt*\n2026-11-22T12:30:15Z"), section("worker pool exhausted: 64/64 busy")]), "firing", "ApiSaturation", "quote-api", "production", "2026-11-22T12:30:15Z", terms=("ApiSaturation","pool exhausted")),
    Row("generic", post("Healthcheck for https://shop.acme.test/health failed: 503 Service Unavailable (prod)", H), "firing", "Healthcheck for https://shop.acme.test/health failed: 503 Service Unavailable", "?", "prod", terms=("503",)),
    Row("generic", post("Sidekiq: 1482 jobs dead in queue `invoices` (production)\nNoMethodError: undefined method `total' for nil:NilClass\napp/workers/invoice_worker.rb:19:in `perform'", H), "firing", "Sidekiq: 1482 jobs dead in queue invoices", "?", "production", terms=("NoMethodError",), frames=(("invoice_worker.rb",19),)),
    Row("opsgenie", by_app("Opsgenie", attachments=[attachment("#9: [Grafana]: HighErrorRate search", "ff0000", title_link="https://opsg.in/a/i/acme/9", pretext="New alert created", fields={"Priority":"P1","Tags":"production, search-api","Routed Teams":"search"})]), "firing", "[Grafana]: HighErrorRate search", "?", "production", terms=("HighErrorRate",)),
)

NEWS = (
    nothing("generic", post("Nightly build of web passed: 0 failures", H)),
    nothing("generic", post("Feature flag new-checkout turned on in production by kim", H)),
    nothing("generic", post("Maintenance window for db-prod starts in 30 minutes", H)),
)
