"""A sixth round, written before the readers were tried on it."""

from __future__ import annotations

from tests.core.alert_rows.monitors import dd
from tests.core.alert_rows.pagers import pd
from tests.core.alert_rows.prometheus import am, gf
from tests.core.alert_rows.shapes import Row, attachment, edited, nothing, post, section
from tests.core.alert_rows.trackers import gl_alert, sentry

# fmt: off
H = "notify"

ROWS = (
    Row("alertmanager", am("[FIRING:1] NodeFilesystemSpaceFillingUp web-2 (prod eu-west-1 node critical)"), "firing", "NodeFilesystemSpaceFillingUp web-2", "?", "prod"),
    Row("alertmanager", am("[FIRING:1] ElixirErrors cart (staging)", "```** (DBConnection.ConnectionError) connection not available\n    (cart 0.1.0) lib/cart/repo.ex:31: Cart.Repo.get/2\n```"), "firing", "ElixirErrors cart", "?", "staging", terms=("DBConnection.ConnectionError",), frames=(("repo.ex", 31),)),
    Row("alertmanager", am("[RESOLVED] Watchtower lag (prod)", colour="2eb886"), "resolved", "Watchtower lag", None, "prod"),
    Row("grafana", gf('[RESOLVED] Panel "x: y" (prod)', "**Resolved**\nLabels:\n - service = x-api\n", "36a64f"), "resolved", 'Panel "x: y"', "x-api", "prod"),
    Row("datadog", dd("Recovered: container restart spike", "", "env:staging,service:recommender"), "resolved", "container restart spike", "recommender", "staging"),
    Row("pagerduty", pd("Resolved", "HTTP 500 on /v1/pay (stg)", "Pay"), "resolved", "HTTP 500 on /v1/pay (stg)", "Pay", "stg"),
    Row(
        "sentry",
        edited(sentry("java.net.SocketTimeoutException", "com.acme.Pay in call", "Read timed out", "environment: `prod`", "State: *Ongoing*   First Seen: *1 day ago*", "pay", section("*Issue resolved by <@U1> in 1.2.3*"), circle="white")),
        "resolved",
        "java.net.SocketTimeoutException",
        "pay",
        "prod",
        frames=(("Pay", None),),
    ),
    Row("gitlab", gl_alert("shop/pay", "disk", "Resolved", "November 22nd, 2026 1:39PM UTC"), "resolved", "disk", "shop/pay", None, "?"),
    Row("generic", post(':red_circle: svc=pay-api env=prod alert="5xx ratio" value=12%', H), "firing", None, "pay-api", "prod", terms=("5xx",)),
    Row("generic", post("*pay-api* | *prod* | :x: health check failed (503)", H), "firing", "pay-api | prod | health check failed (503)", "pay-api", "prod", terms=("503",)),
    Row("generic", post("pay-api (prod) → UNHEALTHY", H), "firing", "pay-api (prod) → UNHEALTHY", "pay-api", "prod"),
    Row("generic", post("pay-api (prod) → HEALTHY", H, attachments=[attachment("", "2eb886")]), "resolved", "pay-api (prod) → HEALTHY", "pay-api", "prod"),
    Row("generic", post("Monitoring: state change OK -> CRITICAL for pay-api (prod)", H), "firing", "Monitoring: state change OK -> CRITICAL for pay-api (prod)", "pay-api", "prod"),
    Row("generic", post("Monitoring: state change CRITICAL -> OK for pay-api (prod)", H), "resolved", "Monitoring: state change CRITICAL -> OK for pay-api (prod)", "pay-api", "prod"),
    Row("generic", post("Cron settle failed on prod with exit status 1: ENOSPC", H), "firing", "Cron settle failed on prod with exit status 1: ENOSPC", "?", "prod", terms=("exit status 1", "ENOSPC")),
    Row("generic", post("Warnung: Speicher von lager-api (Staging) bei 95 %", H), "firing", "Warnung: Speicher von lager-api (Staging) bei 95 %", "lager-api", "Staging"),
    Row(
        "generic",
        post("Rust service quote-engine (prod) panicked\n```thread 'worker-3' panicked at src/a.rs:7:3:\nattempt to divide by zero\n   0: std::panicking::begin_panic_handler\n   4: quote::rate\n             at /app/src/rate.rs:70:9\n   5: quote::main::{closure#0}\n             at /app/src/a.rs:7:3```", H),
        "firing",
        "Rust service quote-engine (prod) panicked",
        "quote-engine",
        "prod",
        terms=("attempt to divide by zero",),
        frames=(("rate.rs", 70), ("a.rs", 7)),
    ),
    Row(
        "generic",
        post(
            'Java: billing-api [staging]\n```Exception in thread "pool-1" com.acme.BillingFailed: no rate\n\tat com.acme.Billing.rate(Billing.java:90)\n\tat com.acme.Billing.access$000(Billing.java:12)\n\t... 22 common frames omitted\nCaused by: java.lang.NullPointerException: null\n\tat com.acme.Rates.of(Rates.java:5)\n\t... 25 more```',
            H,
        ),
        "firing",
        "Java: billing-api [staging]",
        "billing-api",
        "staging",
        terms=("java.lang.NullPointerException", "BillingFailed"),
        frames=(("Billing.java", 90), ("Billing.java", 12), ("Rates.java", 5)),
    ),
    Row("generic", post("✔ pay-api (prod) recovered after 12m", H), "resolved", "pay-api (prod) recovered after 12m", "pay-api", "prod"),
    Row("generic", post("pay-api (prod): alert resolved after 12 minutes", H), "resolved", "pay-api (prod): alert resolved after 12 minutes", "pay-api", "prod"),
)

NEWS = (
    nothing("chatter", post("New deploy: pay-api 1.2 (prod) by Al", H)),
    nothing("chatter", post("pay-api 1.2 released to prod, changelog: fixed error in totals", H)),
    nothing("chatter", post("Al requested a review: Handle PaymentError", H)),
    nothing("chatter", post("Lunch at 12?", H)),
    nothing("chatter", post("Scheduled job report: 12 ok, 0 failed", H)),
)
