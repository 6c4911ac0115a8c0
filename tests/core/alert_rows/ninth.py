"""A ninth round, written before the readers were tried on it."""

from __future__ import annotations

from tests.core.alert_rows.prometheus import am, gf
from tests.core.alert_rows.shapes import Row, attachment, by_app, context, header, nothing, post, rich, section

# fmt: off
H = "status-bot"

ROWS = (
    Row("generic", post("[prod] checkout-web - Unhandled promise rejection\n```TypeError: Cannot read properties of null (reading 'items')\n    at mergeCart (/srv/app/dist/cart/merge.js:41:17)\n    at async CartController.update (/srv/app/dist/cart/controller.js:88:5)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)```", H), "firing", "checkout-web - Unhandled promise rejection", "checkout-web", "prod", terms=("TypeError",), frames=(("merge.js", 41), ("controller.js", 88), ("task_queues", 95))),
    Row("generic", post(":boom: Panic in *ticket-gateway* (env=staging)\n```panic: runtime error: invalid memory address or nil pointer dereference\ngoroutine 81 [running]:\ngithub.com/acme/tickets/internal/seat.(*Map).Hold(0x0, 0x4)\n\t/build/internal/seat/map.go:118 +0x2c\nmain.main()\n\t/build/cmd/gateway/main.go:33 +0x1a4```", H), "firing", "Panic in ticket-gateway", "ticket-gateway", "staging", terms=("nil pointer dereference",), frames=(("map.go", 118), ("main.go", 33))),
    Row("generic", post("PHP Fatal error in cms (production): Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /var/www/cms/src/Db.php:57", H), "firing", "PHP Fatal error in cms (production): Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /var/www/cms/src/Db.php:57", "?", "production", terms=("PDOException", "Connection refused"), frames=(("Db.php", 57),)),
    Row("generic", post("", H, blocks=[header("Deploy health: DEGRADED"), section("*App:* loyalty\n*Env:* production\n*Check:* `GET /ready` returned 503 for 4 minutes")]), "firing", "Deploy health: DEGRADED", "loyalty", "production", terms=("/ready", "503")),
    Row("generic", post("", H, blocks=[rich(("text", "ALERT: geo-lookup (production) heap usage 97%"), ("code", "java.lang.OutOfMemoryError: Java heap space\n\tat com.acme.geo.Index.load(Index.java:210)"))]), "firing", "geo-lookup (production) heap usage 97%", "geo-lookup", "production", terms=("OutOfMemoryError",), frames=(("Index.java", 210),)),
    Row("generic", post("✅ Resolved: geo-lookup (production) heap usage 97% — after 12 min", H), "resolved", "geo-lookup (production) heap usage 97%", "geo-lookup", "production"),
    Row("generic", post("OK: tax-rates [staging] responds again (was down 3m)", H, attachments=[attachment("", "good")]), "resolved", "tax-rates [staging] responds again", "tax-rates", "staging"),
    Row("splunk_on_call", by_app("Splunk On-Call", attachments=[attachment("CRITICAL - Incident #4410 catalog-prod/api-errors", "d9534f", title_link="https://portal.victorops.test/ui/acme/incident/4410", text="catalog-prod: error ratio 8% over 5 minutes", fields={"State": "CRITICAL", "Service": "catalog", "Monitoring Tool": "prometheus"})]), "firing", "Incident #4410 catalog-prod/api-errors", "catalog", "?"),
    Row("google_cloud", by_app("Google Cloud Alerting", attachments=[attachment("[RESOLVED - Warning] Uptime check failure on api.acme.test", "0b8043", title_link="https://console.cloud.google.test/monitoring/alerting/incidents/0.x", text="Uptime check health on acme-prod Uptime Check URL with {host=api.acme.test} returned to normal.")]), "resolved", "Uptime check failure on api.acme.test", "?", "?"),
    Row("azure", post("", "Azure Monitor", blocks=[header("Fired: Sev1 Azure Monitor Alert failed-requests-basket-prod"), section("", "*Resource:*\nbasket-prod-appi", "*Severity:*\nSev1", "*Fired at:*\n2026-11-22T12:36:41Z"), section("Failed requests greater than 20")]), "firing", "Azure Monitor Alert failed-requests-basket-prod", "?", "?", "2026-11-22T12:36:41Z"),
    Row("elastic", post("error log spike in service checkout (env production): 412 documents in the last 5 minutes. <https://kibana.test/app/observability/alerts/1|View in Kibana>", "Elastic"), "firing", "error log spike in service checkout (env production): 412 documents in the last 5 minutes", "checkout", "production"),
    Row("robusta", by_app("Robusta", text="", attachments=[attachment("", "a30200", blocks=[header(":red_circle: High - Pod wallet-api-5f7c9d8b6-q8zrt in namespace prod is crash looping"), section("*Alert labels*\n• alertname `KubePodCrashLooping`\n• namespace `prod`\n• pod `wallet-api-5f7c9d8b6-q8zrt`"), context("Source: prod-eu")])]), "firing", "Pod wallet-api-5f7c9d8b6-q8zrt in namespace prod is crash looping", "wallet-api", "prod"),
    Row("incident_io", by_app("incident.io", text="", blocks=[section("*<https://app.incident.test/incidents/512|INC-512 Payments are failing for cards>*"), section("", "*Status:*\nInvestigating", "*Severity:*\nMajor", "*Affected service:*\npayments", "*Environment:*\nProduction")]), "firing", "INC-512 Payments are failing for cards", "payments", "production"),
    Row("grafana", gf("[RESOLVED] Slow queries (orders-db prod)", "**Resolved**\n\nValue: C=0\nLabels:\n - alertname = Slow queries\n - env = prod\n - service = orders-db\n", "36a64f"), "resolved", "Slow queries", "orders-db", "prod"),
    Row("alertmanager", am("[FIRING:1] IngressHigh5xx (prod ingress-nginx critical)", "*Alert:* 5xx above 5% \n*Description:* backend responds 502\n*Details:*\n • *app:* `storefront`\n • *env:* `prod`\n • *startsAt:* `2026-11-22T12:35:30Z`"), "firing", "IngressHigh5xx", "storefront", "prod", "2026-11-22T12:35:30Z", terms=("IngressHigh5xx", "502")),
    Row("generic", post("Störung: Bestell-API (Produktion) antwortet nicht, Zeitüberschreitung nach 30 s", H), "firing", "Störung: Bestell-API (Produktion) antwortet nicht, Zeitüberschreitung nach 30 s", "?", "?"),
    Row("generic", post("monit alert -- Does not exist nginx on web-2.prod.acme.test\nDate: Sun, 22 Nov 2026 12:38:00\nAction: restart", "monit"), "firing", "Does not exist nginx on web-2.prod.acme.test", "?", "?", "?"),
    Row("generic", post("", "Sensu", attachments=[attachment("check-http failed on entity shop-prod-1", "danger", text="CheckHttp CRITICAL: 503, 19 bytes", fields={"Status": "Critical", "Entity": "shop-prod-1", "Check": "check-http", "Occurrences": "3"})]), "firing", "check-http failed on entity shop-prod-1", "?", "?", terms=("503",)),
)

NEWS = (
    nothing("generic", post("Terraform apply for prod finished: 3 added, 0 changed, 0 destroyed", H)),
    nothing("generic", post("Canary analysis for web: no errors found", H)),
    nothing("generic", post("Daily summary: 3 alerts fired yesterday, all resolved", H)),
)
