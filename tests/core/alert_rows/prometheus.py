"""Alertmanager and Grafana."""

from __future__ import annotations

from typing import Any

from tests.core.alert_rows.shapes import Row, attachment, by_app, context, edited, header, nothing, post, section

# fmt: off

_AM = "https://am.lin.test/#/alerts?receiver=ops"
_GF = "https://grafana.lin.test/alerting/grafana/k1/view?orgId=1"


def am(title: str, text: str | None = None, name: str = "Alertmanager", colour: str = "a30200") -> dict[str, Any]:
    more = {} if text is None else {"text": text}
    return post(name=name, attachments=[attachment(title, colour, title_link=_AM, **more)])


def gf(title: str, text: str = "", colour: str = "D63232", name: str = "Grafana", **more: Any) -> dict[str, Any]:
    made = attachment(title, colour, title_link=_GF, text=text, footer="Grafana v11.5.0", **more)
    return post(name=name, attachments=[made])


def _labels(**labels: str) -> str:
    return "Labels:\n" + "".join(f" - {key} = {value}\n" for key, value in labels.items())


_USER = "*Alert:* Too many restarts - `warning`\n*Description:* container billing.worker restarted 7 times\n*Details:*\n • *alertname:* `KubeContainerRestarts`\n • *container:* `app`\n • *namespace:* `billing`\n • *pod:* `billing-worker-5f6d8c9b7d-x2vqp`\n • *app:* `billing-worker`\n • *env:* `eu-prod`\n"
_TWO = f"{_labels(alertname='HTTP5xx', environment='stg', service='gateway')}Annotations:\n - summary = upstream answered HTTP 502\nSource: <https://prom.lin.test/graph?g0.expr=x|graph>\n"
_STARTED = f"{_labels(alertname='DbDown', service='ledger-db')}StartsAt: 2026-11-22 12:31:07 +0000 UTC\n"
_CHANGED = "*Status:* resolved\n*Summary:* p95 of checkout-api is fine again\n*service:* checkout-api\n*environment:* prod\n*Started:* 2026-11-22T12:10:00.123Z\n*Ended:* 2026-11-22T12:39:00Z"
_MIXED = f"**Firing**\n\nValue: A=12\n{_labels(alertname='Queue depth', service='mailer', env='prod')}Annotations:\n - summary = queue mail-out has 9000 messages\nSource: <{_GF}>\n\n**Resolved**\n\nValue: A=1\n{_labels(alertname='Queue depth', service='mailer-bulk', env='prod')}Annotations:\nSource: <{_GF}>\n"
_GONE = f"**Resolved**\n\nValue: A=0.1\n{_labels(alertname='Login errors', service='auth', environment='live')}"

ROWS = (
    Row("alertmanager", am("[FIRING:4] KubeJobFailed (nightly-export prd batch/nightly warning)"), "firing", "KubeJobFailed", "?", "prd", terms=("KubeJobFailed",)),
    Row("alertmanager", am("[RESOLVED] InstanceDown api-gateway:9100 staging (node-exporter critical)", colour="2eb886"), "resolved", "InstanceDown api-gateway:9100 staging", "?", "staging", terms=("InstanceDown",)),
    Row("alertmanager", am("[FIRING:2, RESOLVED:1] CheckoutErrors checkout-api (live page)"), "firing", "CheckoutErrors checkout-api", "checkout-api", "live", terms=("CheckoutErrors",)),
    Row("alertmanager", am("[FIRING:1] KubeContainerRestarts for billing-worker", _USER), "firing", "KubeContainerRestarts for billing-worker", "billing-worker", "eu-prod", terms=("KubeContainerRestarts",)),
    Row("alertmanager", am("[FIRING:2] HTTP5xx", _TWO), "firing", "HTTP5xx", "gateway", "stg", terms=("HTTP 502",)),
    Row("alertmanager", am("[FIRING:1] DbDown", _STARTED), "firing", "DbDown", "ledger-db", at="2026-11-22T12:31:07Z", terms=("DbDown",)),
    Row("alertmanager", am("RESOLVED: CheckoutLatency checkout-api", _CHANGED, colour="2eb886"), "resolved", "CheckoutLatency checkout-api", "checkout-api", "prod", at="2026-11-22T12:10:00Z"),
    Row("alertmanager", edited(post(name="Alertmanager", attachments=[attachment("FIRING (3) → PARTIAL RESOLVE (1)→ RESOLVED: OomKills", "2eb886")])), "resolved", "OomKills", terms=("OomKills",)),
    Row("alertmanager", edited(post(name="Alertmanager", attachments=[attachment("FIRING (3) → PARTIAL RESOLVE (1): OomKills")])), "firing", "OomKills", terms=("OomKills",)),
    Row("alertmanager", edited(am("[RESOLVED] SlowQueries ledger (prod)", colour="2eb886"), am("[FIRING:1] SlowQueries ledger (prod)")), "resolved", "SlowQueries ledger", "?", "prod", terms=("SlowQueries",)),
    Row("alertmanager", am(":fire: [FIRING:1] critical | HighMemory | cart-api", "*Summary:* memory of `cart-api` is 97%\n*cluster:* eu-prod-2\n*env:* production"), "firing", "critical | HighMemory | cart-api", "cart-api", "production", terms=("HighMemory",)),
    Row("alertmanager", am(":white_check_mark: [RESOLVED] HighMemory cart-api", colour="2eb886", name="Prometheus"), "resolved", "HighMemory cart-api", "cart-api", terms=("HighMemory",)),
    Row(
        "alertmanager",
        by_app(
            "Alertmanager",
            text="[FIRING:1] SearchDown",
            blocks=[header("[FIRING:1] SearchDown"), section("*Severity:* critical\n*Service:* search-api\n*Env:* prod"), section("```elasticsearch.exceptions.ConnectionTimeout: ConnectionTimeout caused by - ReadTimeoutError```"), context("Started <!date^1795350900^{date_short} {time}|2026-11-22 12:35 UTC>")],
        ),
        "firing",
        "SearchDown",
        "search-api",
        "prod",
        at="2026-11-22T12:35:00Z",
        terms=("ReadTimeoutError", "ConnectionTimeout"),
    ),
    nothing("alertmanager", am("[FIRING:1] DeadMansSwitch (monitoring none)")),
    nothing("alertmanager", am("[FIRING:1] InfoInhibitor kube-system (info)")),
    Row("grafana", gf("[FIRING:1, RESOLVED:1] Queue depth Mail (prod)", _MIXED), "firing", "Queue depth Mail", "mailer", "prod", terms=("queue",)),
    Row("grafana", gf("[RESOLVED] Login errors (live auth)", _GONE, "36a64f"), "resolved", "Login errors", "auth", "live"),
    Row(
        "grafana",
        gf("[FIRING:2] DatasourceError Payments (prom-1 A)", f"**Firing**\n\nValue: [no value]\n{_labels(alertname='DatasourceError', rulename='Refund errors', service='refunds')}Annotations:\n - Error = failed to execute query A: dial tcp 10.0.0.1:9090: connect: connection refused\n"),
        "firing",
        "DatasourceError Payments",
        "refunds",
        None,
        terms=("DatasourceError", "connection refused"),
    ),
    Row("grafana", gf("[Alerting] Panel: Disk / on billing-db"), "firing", "Panel: Disk / on billing-db", "billing-db", terms=("Disk",)),
    Row("grafana", gf("[No Data] Orders per minute", colour="ffc107"), "firing", "Orders per minute", terms=("Orders",)),
    Row("grafana", gf("[OK] Orders per minute", colour="36a64f"), "resolved", "Orders per minute", terms=("Orders",)),
    Row(
        "grafana",
        gf("🔥 FIRING: Fehlerquote Kasse (Produktion)", f"**Firing**\n{_labels(alertname='Fehlerquote Kasse', service='kasse-web', env='Produktion')}Annotations:\n - summary = `PaymentGatewayException` häuft sich\n"),
        "firing",
        "Fehlerquote Kasse",
        "kasse-web",
        "Produktion",
        terms=("PaymentGatewayException",),
    ),
    Row(
        "grafana",
        by_app(
            "Grafana",
            attachments=[
                attachment("[FIRING:1] p95 of checkout (checkout-api)", "D63232", text=f"**Firing**\n{_labels(alertname='p95 of checkout', service='checkout-api', deployment_environment='prod')}Annotations:\n - description = POST /v2/pay is slow since 2026-11-22T12:20:00Z\nSource: <{_GF}>", footer="Grafana v12.0.0")
            ],
        ),
        "firing",
        "p95 of checkout",
        "checkout-api",
        "prod",
        at="2026-11-22T12:20:00Z",
        terms=("p95",),
    ),
    nothing("grafana", post("Grafana image renderer is not available, see the dashboard for the panel", "Grafana")),
    nothing("grafana", post("Weekly report: Shop overview", "Grafana", attachments=[attachment("Shop overview.pdf", "36a64f", title_link="https://grafana.lin.test/d/1")])),
)
