"""Sentry, GitLab, Rollbar, Bugsnag."""

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

def sentry(title: str, culprit: str, value: str, tags: str, state: str, project: str, *more: dict[str, Any], circle: str = "red") -> dict[str, Any]:
    blocks = [section(f":{circle}_circle: <https://lin.sentry.io/issues/77/?referrer=slack&amp;alert_rule_id=1|*{title}*>")]
    blocks += [context(culprit)] if culprit else []
    blocks += [section(f"```{value}```")] if value else []
    blocks += [*more]
    blocks += [section(tags)] if tags else []
    blocks += [context(state), buttons(Resolve="https://lin.sentry.io/r"), context(f"Project: <https://lin.sentry.io/p|{project}>    Alert: <https://lin.sentry.io/alerts/rules/x/1/|all>    Short ID: X-1")]
    return by_app("Sentry", "A011MFBJEUU", text=f"[{project}] {title}", blocks=blocks)


def metric(head: str, text: str, colour: str = "FA4747") -> dict[str, Any]:
    link = f"<https://lin.sentry.io/alerts/rules/details/5/?alert=1&amp;referrer=metric_alert_slack|*{head}*>"
    return by_app("Sentry", "A011MFBJEUU", text=link, attachments=[{"color": colour, "blocks": [section(text)], "id": 1, "fallback": "[no preview available]"}])


def gl(text: str, *attachments: dict[str, Any]) -> dict[str, Any]:
    return by_app("GitLab", text=text, attachments=list(attachments))


def gl_alert(project: str, title: str, status: str, start: str) -> dict[str, Any]:
    fields = {"Severity": "High", "Events": "1", "Status": status, "Start time": start}
    link = f"https://gitlab.lin.test/{project}/-/alert_management/3/details"
    return gl(f"Alert firing in {project}", attachment(title, "C95823", title_link=link, fields=fields))


def rollbar(pretext: str, title: str, text: str = "", **fields: str) -> dict[str, Any]:
    return by_app("Rollbar", attachments=[attachment(title, pretext=pretext, text=text, title_link="https://rollbar.com/lin/cart/items/9/", fields=fields)])


def bugsnag(pretext: str, title: str, **fields: str) -> dict[str, Any]:
    return post(name="Bugsnag", attachments=[attachment(title, "E74C3C", pretext=pretext, title_link="https://app.bugsnag.com/lin/cart-web/errors/9f?e=1", fields=fields)])


_NEW = "State: *New*   First Seen: *2 minutes ago*"
_PIPELINE = attachment("Pipeline #9 has failed in 02:10", title_link="https://gitlab.lin.test/p/-/pipelines/9", fields={"Branch": "main", "Failed stage": "test"})
_JOB = "<https://gitlab.lin.test/lin/cart|lin/cart> with job <https://gitlab.lin.test/j|#1> by Al"

ROWS = (
    Row("sentry", sentry("OperationalError", "ledger.tasks.settle", "(psycopg2.errors.UniqueViolation) duplicate key, SQLSTATE 23505", "environment: `stg`  level: `fatal`  ", _NEW, "ledger-worker"), "firing", "OperationalError", "ledger-worker", "stg", terms=("OperationalError", "23505")),
    Row(
        "sentry",
        sentry("Error: ECONNREFUSED", "connect(app/lib/redis)", "connect ECONNREFUSED 127.0.0.1:6379", "release: `cart@3.1.0`  environment: `live`", "Events: *9*   State: *Ongoing*   First Seen: *3 days ago*", "cart-web"),
        "firing",
        "Error: ECONNREFUSED",
        "cart-web",
        "live",
        terms=("ECONNREFUSED",),
        frames=(("redis", None),),
    ),
    Row("sentry", sentry("App\\Exceptions\\PriceMissing", "App\\Http\\Controllers\\CartController::show", "no price | sku &lt;A-1&gt;", "", _NEW, "shop-php"), "firing", "App\\Exceptions\\PriceMissing", "shop-php", terms=("PriceMissing", "no price")),
    Row("sentry", edited(sentry("KeyError", "cart.views in add", "'total'", "environment: `prod`  ", "State: *Resolved*   First Seen: *2 hours ago*", "cart", section("*Issue resolved by <@U2>*"), circle="white")), "resolved", "KeyError", "cart", "prod", terms=("KeyError",), frames=(("views", None),)),
    Row("sentry", edited(sentry("KeyError", "cart.views in add", "'total'", "environment: `prod`  ", "State: *Archived*   First Seen: *2 hours ago*", "cart", section("*Issue archived by <@U2>*"), circle="white")), "firing", "KeyError", "cart", "prod", terms=("KeyError",), frames=(("views", None),)),
    Row("sentry", edited(sentry("KeyError", "cart.views in add", "'total'", "", "State: *Ongoing*   First Seen: *2 hours ago*", "cart", section("*Issue assigned to #cart by <@U2>*"))), "firing", "KeyError", "cart", terms=("KeyError",), frames=(("views", None),)),
    Row("sentry", sentry("N+1 Query", "/api/v1/orders/{id}", "SELECT orders_item.id FROM orders_item", "environment: `production`", "State: *New*   First Seen: *1 minute ago*", "orders"), "firing", "N+1 Query", "orders", "production"),
    Row("sentry", sentry("Monitor failure: nightly-invoices", "", "A missed check-in was detected", "environment: `production`  ", "State: *Regressed*   First Seen: *20 days ago*", "invoices"), "firing", "Monitor failure: nightly-invoices", "invoices", "production", terms=("nightly-invoices",)),
    Row("sentry", metric("Critical: p95 of checkout-web", "2100 in the last 10 minutes\n<!date^1795350600^Started: {date_pretty} at {time} | Sentry Incident>"), "firing", "p95 of checkout-web", "checkout-web", at="2026-11-22T12:30:00Z", terms=("p95",)),
    Row("sentry", metric("Warning: 5xx (production) | auth-api", "12 events\n<!date^1795350600^Started: {date_pretty}|x>", "EBC000"), "firing", "5xx (production) | auth-api", "auth-api", "production", "2026-11-22T12:30:00Z", ("5xx",)),
    nothing("sentry", by_app("Sentry", "A011MFBJEUU", text="Release cart@3.2.0 was deployed to production", blocks=[section("Release *cart@3.2.0* was deployed to production")])),
    nothing("sentry", by_app("Sentry", "A011MFBJEUU", text="Weekly report: errors went up", blocks=[header("Weekly report"), section("Errors: 900")])),
    Row("gitlab", gl_alert("lin/checkout-api", "[prod] Checkout: 5xx (ratio) &gt; 2%", "Triggered", "November 2nd, 2026 9:05AM UTC"), "firing", "[prod] Checkout: 5xx (ratio) > 2%", "lin/checkout-api", "prod", "2026-11-02T09:05:00Z", ("5xx",)),
    Row("gitlab", gl_alert("lin/infra/ledger", "LedgerLag", "Acknowledged", "November 21st, 2026 11:59PM UTC"), "firing", "LedgerLag", "lin/infra/ledger", None, "2026-11-21T23:59:00Z", ("LedgerLag",)),
    Row("gitlab", gl_alert("lin/infra/ledger", "LedgerLag", "Resolved", "November 22nd, 2026 12:05AM UTC"), "resolved", "LedgerLag", "lin/infra/ledger", None, "2026-11-22T00:05:00Z", ("LedgerLag",)),
    Row("gitlab", gl("[<https://gitlab.lin.test/lin/cart|lin/cart>] Incident <https://gitlab.lin.test/lin/cart/-/issues/incident/5|#5 Cart: total is NaN> opened by Al (al)", attachment("#5 Cart: total is NaN", text="since noon")), "firing", "#5 Cart: total is NaN", "lin/cart"),
    Row("gitlab", gl("[<https://gitlab.lin.test/lin/cart|lin/cart>] Incident <https://gitlab.lin.test/lin/cart/-/issues/incident/5|#5 Cart: total is NaN> reopened by Al (al)"), "firing", "#5 Cart: total is NaN", "lin/cart"),
    nothing("gitlab", gl("[<https://gitlab.lin.test/lin/cart|lin/cart>] Issue <https://gitlab.lin.test/i|#6 Error page is ugly> opened by Al (al)", attachment("#6 Error page is ugly"))),
    nothing("gitlab", gl("", _PIPELINE)),
    nothing("gitlab", gl("<https://gitlab.lin.test/lin/cart|Cart>: Pipeline <https://gitlab.lin.test/p|#9> of branch <https://gitlab.lin.test/b|main> by Al (al) has failed in 02:10")),
    nothing("gitlab", gl("Deploy to stg/eu canceled", attachment(text=_JOB))),
    nothing("gitlab", gl("Deploy to live failed", attachment(text=_JOB))),
    nothing("gitlab", gl("Al (al) pushed to branch <https://gitlab.lin.test/b|fix-error> of <https://gitlab.lin.test/lin/cart|lin/cart> (<https://gitlab.lin.test/c|Compare changes>)", attachment(text="<https://gitlab.lin.test/x|1a2b3c4d>: Catch TimeoutError - Al"))),
    nothing("gitlab", gl("Al (al) commented on <https://gitlab.lin.test/m|merge request !7> in <https://gitlab.lin.test/lin/cart|lin/cart>: *Fix crash*", attachment(text="does it fail with HTTP 500?"))),
    nothing("gitlab", gl("Al (al) approved merge request <https://gitlab.lin.test/m|!7 *Fix crash of cart*> in <https://gitlab.lin.test/lin/cart|lin/cart>")),
    Row(
        "rollbar",
        rollbar("[cart] staging - Reactivated Error", "#9 KeyError: 'total'", "```Traceback (most recent call last):\n  File \"/app/cart/views.py\", line 31, in add\n    x['total']\nKeyError: 'total'```", Environment="staging"),
        "firing",
        "#9 KeyError: 'total'",
        "cart",
        "staging",
        terms=("KeyError",),
        frames=(("views.py", 31),),
    ),
    Row("rollbar", rollbar("[checkout-api] live - 100th Occurrence", "#10 Uncaught ReferenceError: gtag is not defined"), "firing", "#10 Uncaught ReferenceError: gtag is not defined", "checkout-api", "live", terms=("ReferenceError",)),
    Row("rollbar", rollbar("[checkout-api] prod - Resolved Error", "#10 ReferenceError"), "resolved", "#10 ReferenceError", "checkout-api", "prod"),
    nothing("rollbar", rollbar("[cart] Al commented on", "#9 KeyError: 'total'")),
    nothing("rollbar", by_app("Rollbar", text="[cart] Deployed to production by Al: 9f3c2ab", attachments=[attachment("Deploy 9f3c2ab", "2eb886", title_link="https://rollbar.com/lin/cart/deploys/1/")])),
    Row(
        "bugsnag",
        bugsnag("*New error* in *staging* from <https://app.bugsnag.com/lin/cart-web|cart-web> in *CartController#add*", "ActiveRecord::RecordNotUnique: PG::UniqueViolation", Location="app/models/cart.rb:14 - add!"),
        "firing",
        "ActiveRecord::RecordNotUnique: PG::UniqueViolation",
        "cart-web",
        "staging",
        terms=("ActiveRecord::RecordNotUnique",),
        frames=(("cart.rb", 14),),
    ),
    Row(
        "bugsnag",
        bugsnag("*100th event* in *production* from <https://app.bugsnag.com/lin/cart-web|cart-web>", "java.lang.OutOfMemoryError: Java heap space", **{"Stack trace": "```com.lin.cart.Cart.grow(Cart.java:9)\ncom.lin.cart.Main.main(Main.java:3)```"}),
        "firing",
        "java.lang.OutOfMemoryError: Java heap space",
        "cart-web",
        "production",
        terms=("OutOfMemoryError",),
        frames=(("Cart.java", 9), ("Main.java", 3)),
    ),
    Row("bugsnag", bugsnag("*Error fixed* in *production* from <https://app.bugsnag.com/lin/cart-web|cart-web>", "TypeError: x is null"), "resolved", "TypeError: x is null", "cart-web", "production"),
    nothing("bugsnag", bugsnag("*Al* commented on an error in *production* from <https://app.bugsnag.com/lin/cart-web|cart-web>", "TypeError: x is null")),
)
