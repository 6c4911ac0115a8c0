"""A fourth round, written before the readers were tried on it."""

from __future__ import annotations

from tests.core.alert_rows.monitors import dd, nr
from tests.core.alert_rows.prometheus import am, gf
from tests.core.alert_rows.shapes import Row, attachment, by_app, header, nothing, post, rich, section
from tests.core.alert_rows.trackers import gl_alert, metric, sentry

# fmt: off
H = "svc-bot"

ROWS = (
    Row("alertmanager", am("[FIRING:1] PaymentsHigh5xx", "*Alert:* Payments 5xx - `critical`\n*Graph:* <https://p.test|:chart:>\n*Details:*\n • *instance:* `10.0.0.3:8080`\n • *job:* `payments-api`\n • *environment:* `staging`\n"), "firing", "PaymentsHigh5xx", "payments-api", "staging"),
    Row("alertmanager", am("[FIRING:1] TLS expiring: shop.lin.test (production)", "certificate expires in 3 days"), "firing", "TLS expiring: shop.lin.test", "?", "production"),
    Row("alertmanager", post("", name="Alertmanager", attachments=[{"color": "a30200", "fallback": "[FIRING:1] OnlyFallback pay-api (prod) | <https://am.test/#/alerts>", "id": 1}]), "firing", "OnlyFallback pay-api", "pay-api", "prod"),
    Row("alertmanager", am('[FIRING:1] Bad "quotes" &amp; &lt;tags&gt; pay-api (prod)'), "firing", 'Bad "quotes" & <tags> pay-api', "pay-api", "prod"),
    Row("alertmanager", am("[FIRING:1] RubyErrors billing (production)", "```app/models/a.rb:1:in 'A#b': undefined method (NoMethodError)\n\tfrom app/c.rb:2:in 'block in C#d'```"), "firing", "RubyErrors billing", "?", "production", terms=("NoMethodError",), frames=(("a.rb", 1), ("c.rb", 2))),
    Row("grafana", gf("[FIRING:1] Latency (10.1.2.3:9090 prod checkout-api eu-west-1 team-a)", "**Firing**\n\nValue: [ var='A' labels={service=checkout-api} value=4.2 ]\nLabels:\n - alertname = Latency\n - service_name = checkout-api\n - deployment.environment = prod\n"), "firing", "Latency", "checkout-api", "prod"),
    Row("grafana", by_app("Grafana", text="", blocks=[header("[FIRING:1] Pay errors"), section("*Labels*\n• service: pay-api\n• env: prod\n*Annotations*\n• summary: GrpcUnavailableException")]), "firing", "Pay errors", "pay-api", "prod", terms=("GrpcUnavailableException",)),
    Row("datadog", dd("Triggered: [P1] [prod] Anomaly in 4xx for pay-api", "avg(last_10m):anomalies(avg:nginx.net.request{service:pay-api}) >= 1\nStarted at 2026-11-22T12:30:00Z", "env:prod,service:pay-api"), "firing", "[P1] [prod] Anomaly in 4xx for pay-api", "pay-api", "prod", "2026-11-22T12:30:00Z"),
    Row("pagerduty", by_app("PagerDuty", "A1FKYAUUX", text="*Triggered* <https://l.pagerduty.com/incidents/Q|#5: CRITICAL | pay-api | prod | disk | 95%>"), "firing", "CRITICAL | pay-api | prod | disk | 95%", "pay-api", "prod"),
    Row(
        "sentry",
        sentry("ActiveRecord::Deadlocked", "OrdersController#create", "PG::TRDeadlockDetected: ERROR: deadlock detected", "environment: `prod`  release: `1.2.3`  ", "State: *Escalating*   First Seen: *6 months ago*", "orders"),
        "firing",
        "ActiveRecord::Deadlocked",
        "orders",
        "prod",
        terms=("ActiveRecord::Deadlocked", "deadlock detected"),
    ),
    Row("sentry", metric("Critical: Crash free rate &lt; 99% in android", "97% in the last hour\n<!date^1795350000^Started: {date_pretty} at {time}|x>"), "firing", "Crash free rate < 99% in android", "?", None, "2026-11-22T12:20:00Z"),
    Row("gitlab", gl_alert("grp/sub/pay", "Kube: OOMKilled (pay-0)", "Triggered", "November 22nd, 2026 12:00AM UTC"), "firing", "Kube: OOMKilled (pay-0)", "grp/sub/pay", None, "2026-11-22T00:00:00Z"),
    Row("newrelic", nr("Medium priority issue was created", 'Pod "pay-api-7d9f8c6b5-x2x4z" restarts', "*Impacted entities*\npay-api", "*Opened at*\nNov 22, 2026, 12:15 UTC"), "firing", 'Pod "pay-api-7d9f8c6b5-x2x4z" restarts', "pay-api", None, "2026-11-22T12:15:00Z"),
    Row("generic", post("<https://logs.lin.test/q|ERROR> in *pay-api* (`env=prod`): `KeyError: 'iban'` ×14", H), "firing", "ERROR in pay-api (env=prod): KeyError: 'iban' ×14", "pay-api", "prod", terms=("KeyError",)),
    Row("generic", post("pay-api / prod: queue lag\nStarted <!date^1795350000^{date_short_pretty} at {time}|x>", H, attachments=[attachment("", "danger")]), "firing", "pay-api / prod: queue lag", "pay-api", "prod", "2026-11-22T12:20:00Z"),
    Row("generic", post("", H, attachments=[attachment("", "ff0000", author_name="Pingdom", text="*pay-api* is *DOWN* since 2026-11-22 12:11:00 UTC\nenv: live")]), "firing", "pay-api is DOWN", "pay-api", "live", "2026-11-22T12:11:00Z"),
    Row("generic", post("Pingdom: pay-api is UP", H, attachments=[attachment("", "36a64f", text="env: live")]), "resolved", "pay-api is UP", "pay-api", "live"),
    Row("generic", post("[Prod] `acme/payments`: `psycopg2.errors.DeadlockDetected` ×3 (first at 12:20)", H), "firing", "[Prod] acme/payments: psycopg2.errors.DeadlockDetected", "acme/payments", "Prod", terms=("DeadlockDetected",)),
    Row(
        "generic",
        by_app("Logz", text="Alert triggered: Too many 500s", blocks=[section("*Alert triggered: Too many 500s*"), section("*service.name:* pay-api\n*deployment.environment:* prod"), section('```{"message":"upstream timed out","path":"/v1/pay"}```')]),
        "firing",
        "Too many 500s",
        "pay-api",
        "prod",
        terms=("upstream timed out",),
    ),
    Row("generic", post("pay-worker (eu-prod) stuck: last job 40 min ago :rotating_light:", H), "firing", "pay-worker (eu-prod) stuck: last job 40 min ago", "pay-worker", None),
    Row("generic", post("Kubernetes: Deployment pay-api in namespace prod has 0/3 ready replicas", H, attachments=[attachment("", "danger")]), "firing", "Kubernetes: Deployment pay-api in namespace prod has 0/3 ready replicas", "pay-api", "prod"),
    Row(
        "generic",
        post('Node error\n```/srv/app/lib/db.js:77\n    throw new PoolError("no clients");\n    ^\n\nPoolError: no clients\n    at Pool.take (/srv/app/lib/db.js:77:11)\n    at async handler (/srv/app/routes/(shop)/pay.ts:12:3)\n\nNode.js v20.1.0```\nservice: pay-api\nenv: stg', H),
        "firing",
        "Node error",
        "pay-api",
        "stg",
        terms=("PoolError", "no clients"),
        frames=(("db.js", 77), ("pay.ts", 12)),
    ),
    Row(
        "generic",
        post("", H, blocks=[rich(("text", "Unhandled exception in billing-worker (staging)\n"), ("code", 'Traceback (most recent call last):\n  File "/app/w.py", line 5, in <module>\n    main()\n    ~~~~^^\n  File "/app/b.py", line 9, in main\n    raise BillingGone("x")\nbilling.exc.BillingGone: account 7 is gone'))]),
        "firing",
        "Unhandled exception in billing-worker (staging)",
        "billing-worker",
        "staging",
        terms=("BillingGone", "account 7 is gone"),
        frames=(("w.py", 5), ("b.py", 9)),
    ),
    Row(
        "generic",
        post(
            "Kotlin crash in shop-app (prod)\n```kotlin.UninitializedPropertyAccessException: lateinit property cart has not been initialized\n\tat com.shop.CartVm.getCart(CartVm.kt:31)\n\tat com.shop.CartVm$load$1.invokeSuspend(CartVm.kt:44)\n\tat kotlin.coroutines.jvm.internal.BaseContinuationImpl.resumeWith(ContinuationImpl.kt:33)```",
            H,
        ),
        "firing",
        "Kotlin crash in shop-app (prod)",
        "shop-app",
        "prod",
        terms=("UninitializedPropertyAccessException",),
        frames=(("CartVm.kt", 31), ("CartVm.kt", 44), ("ContinuationImpl.kt", 33)),
    ),
    Row("generic", post("Problème résolu : pay-api (production)", H), "resolved", "Problème résolu : pay-api (production)", "pay-api", "production"),
    Row("generic", post("Entwarnung: pay-api (prod) läuft wieder", H), "resolved", "Entwarnung: pay-api (prod) läuft wieder", "pay-api", "prod"),
    Row("generic", post("ALERTA CRÍTICO: fila de pay-worker parada (ambiente: produção)", H), "firing", "ALERTA CRÍTICO: fila de pay-worker parada (ambiente: produção)", "pay-worker", "produção"),
    Row("generic", post("[恢复] pay-api (prod) 错误率", H), "resolved", "pay-api (prod) 错误率", "pay-api", "prod"),
    Row("generic", post("注意: pay-api（本番）の応答時間が遅延しています", H, attachments=[attachment("", "danger")]), "firing", "注意: pay-api（本番）の応答時間が遅延しています", "pay-api", "本番"),
    Row("generic", post("Heartbeat missed: settle-cron (prod)", H), "firing", "Heartbeat missed: settle-cron (prod)", "settle-cron", "prod"),
    Row("generic", post("Dead letter queue pay-dlq has 14 messages (prod)", H, attachments=[attachment("", "ff9900")]), "firing", "Dead letter queue pay-dlq has 14 messages (prod)", "?", "prod"),
    Row("generic", post("Anomaly detected: checkout conversion -40% (production)", H), "firing", "Anomaly detected: checkout conversion -40% (production)", "?", "production"),
    Row("generic", post("High CPU usage on pay-api: 97% (prod)", H), "firing", "High CPU usage on pay-api: 97% (prod)", "pay-api", "prod"),
    Row("generic", post("Slow response times detected on pay-api, env=prod", H), "firing", "Slow response times detected on pay-api, env=prod", "pay-api", "prod"),
    Row("generic", post("🟡 DEGRADED pay-api (stg)", H), "firing", "DEGRADED pay-api (stg)", "pay-api", "stg"),
    Row("generic", post("🟢 OPERATIONAL pay-api (stg)", H), "resolved", "OPERATIONAL pay-api (stg)", "pay-api", "stg"),
)

NEWS = tuple(
    nothing("chatter", message)
    for message in (
        post("Rollback of production to v3 finished", "Backtrace"),
        post("Likely culprit for PayErrors: !7", "Backtrace"),
        post("No culprit found for PayErrors: 3 deployments looked at", "Backtrace"),
        post("Revert merge request !9 opened for !7", "Backtrace"),
        post("pay-api: 14 tests failed on branch fix-timeouts", "CI"),
        post("Coverage of pay-api fell to 81%", "CI"),
        post("Deployment finished: pay-api 1.2 → production", "deployer"),
        post("✅ Deployment of pay-api to production succeeded", "deployer"),
        post("🚀 pay-api@1.2.3 → prod", "deployer"),
        post("Good morning! 0 open incidents, 2 warnings acknowledged", "bot"),
        post("Cost report: AWS spend up 12% above budget", "finops", attachments=[attachment("", "439fe0")]),
        post("<@U1> please review !12 (fix for crash in cart)", "reviewbot"),
        post("!12 is waiting for approval: Handle timeout in pay", "reviewbot"),
        post("Standup in 10 min", "bot"),
        post("Al started a huddle", "bot"),
        post("Your trial ends in 3 days", "vendor"),
    )
)
