"""Which service and which environment an alert, or a question, is about; what it states is never replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from backtrace_core.alerts import parse_alert
from backtrace_core.model import WINDOW, Alert, Scope, Service
from backtrace_core.question import Question, read_question
from backtrace_core.scope import Catalog, looks_like_environment, scope_of, why_no_scope
from tests.core.builders import T0, WEB, alert

PAY = Service("pay", "shop/pay", ("staging", "production"), ("checkout",))
ALONE, TWO = Catalog((WEB,)), Catalog((WEB, PAY))


def place(asked: Alert, catalog: Catalog) -> tuple[str, str] | None:
    scope = scope_of(asked, catalog)
    return (scope.service.name, scope.environment) if scope else None


def posted(text: str, catalog: Catalog, **parts: Any) -> Alert:
    message = {"type": "message", "ts": f"{T0.timestamp():.6f}", "bot_id": "B1", "text": text, **parts}
    asked = parse_alert(message, catalog)
    assert asked is not None
    return asked


def by_alertmanager(title: str, text: str) -> dict[str, Any]:
    return {"username": "Alertmanager", "attachments": [{"title": title, "text": text, "color": "danger"}]}


def test_a_service_is_found_by_name_alias_and_project_in_any_case() -> None:
    """All three ways of naming it work; what is unknown is not guessed."""
    found = [TWO.find(word) for word in ("PAY", "Checkout", "shop/pay/", "Shop/Web")]

    assert [service.name for service in found if service] == ["pay", "pay", "pay", "web"]
    assert TWO.find("mail") is None
    assert TWO.find(" ") is None


def test_defaults_are_for_alerts_that_state_nothing() -> None:
    """One service alone is meant where none is named, and its first environment where none is named."""
    nowhere = replace(alert("Errors"), service=None)
    scope = scope_of(nowhere, ALONE)

    assert isinstance(scope, Scope)
    assert scope.since == nowhere.onset.earliest - WINDOW
    assert place(nowhere, ALONE) == ("web", "production")
    assert place(replace(nowhere, service="pay"), TWO) == ("pay", "staging")
    assert place(nowhere, TWO) is None


def test_abbreviated_environments_are_understood() -> None:
    """``prod`` is the service's production."""
    assert place(replace(alert("Errors"), service="pay", environment="prod"), TWO) == ("pay", "production")


@pytest.mark.parametrize(
    ("service", "environment", "reason"),
    [
        ("web", "staging", "web has no environment staging that Backtrace knows: it has production."),
        ("web", "review/45-x", "web has no environment review/45-x that Backtrace knows: it has production."),
        (None, "mars", "web has no environment mars that Backtrace knows: it has production."),
        ("payments", "production", "It is about payments, which is no service that Backtrace knows."),
        ("shop/payments", None, "It is about shop/payments, which is no service that Backtrace knows."),
    ],
)
def test_what_is_stated_and_not_known_gives_words_and_no_scope(
    service: str | None, environment: str | None, reason: str
) -> None:
    """Production must not answer for staging, nor the only service for another one."""
    asked = replace(alert("Errors"), service=service, environment=environment)

    assert scope_of(asked, ALONE) is None
    assert why_no_scope(asked, ALONE).startswith(reason)


def test_no_reason_where_there_is_a_scope() -> None:
    """The reason is empty exactly where an answer can be given, and short whatever the alert says."""
    hostile = replace(alert("Errors"), service="x\n" * 5000)

    assert why_no_scope(alert("Errors"), ALONE) == ""
    assert why_no_scope(replace(alert("Errors"), service=None), TWO).startswith("It is not clear which service")
    assert len(why_no_scope(hostile, TWO)) < 300
    assert "\n" not in why_no_scope(hostile, TWO)


@pytest.mark.parametrize(
    "text",
    [
        "service: payments\nenv: production\nweb calls it",
        "*Service:* `payments`\nweb is slow",
        "app=payments web",
        "Project: payments\nTypeError in web",
        "service: Payment API\nweb calls it",
    ],
)
def test_a_label_that_names_an_unknown_service_is_not_outvoted_by_words(text: str) -> None:
    """Another service's alert mentions ours; it stays another service's alert."""
    for message in (posted(f"[ALERT] Errors\n{text}", TWO), posted("", TWO, **by_alertmanager("[FIRING:1] E", text))):
        assert place(message, TWO) is None
        assert place(message, ALONE) is None


@pytest.mark.parametrize(
    "text",
    [
        "job: node\nservice: web",
        "service: kube-state-metrics\njob: kube-state-metrics\ndeployment: web",
        "service: node-exporter\nnamespace: monitoring\nweb is full",
        "app: shop\nservice: web",
        "service: web, severity: critical",
        "Service: everything that people need and then some is slow\nweb",
    ],
)
def test_labels_that_are_no_service_hide_none(text: str) -> None:
    """Who measures is not what is measured, an umbrella is not the service, and prose is no label."""
    assert place(posted(f"[ALERT] Errors\n{text}", TWO), TWO) == ("web", "production")


def test_gitlabs_alert_of_an_unknown_project_is_not_the_only_services() -> None:
    """GitLab always names the project."""
    fields = [{"title": "Status", "value": "Triggered"}]
    asked = posted("Alert firing in shop/payments", ALONE, attachments=[{"title": "5xx", "fields": fields}])

    assert place(asked, ALONE) is None
    assert "shop/payments" in why_no_scope(asked, ALONE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ALERT] web errors\nenv: staging", None),
        ("[ALERT] web errors (staging)", None),
        ("[ALERT] web errors in review/45-login", None),
        ("[ALERT] web errors\nenvironment: prod, region: eu", ("web", "production")),
        ("[ALERT] web errors\nenvironment: -", ("web", "production")),
        ("[ALERT] web errors\nWe are testing a fix, live chat is open", ("web", "production")),
    ],
)
def test_the_environment_of_an_alert(text: str, expected: tuple[str, str] | None) -> None:
    """A label or a word of the heading states it; prose further down does not."""
    assert place(posted(text, ALONE), ALONE) == expected


def asked_for(text: str, catalog: Catalog = TWO) -> Question | str:
    return read_question(text, T0, UTC, catalog)


@pytest.mark.parametrize(
    "word", ["staging", "testing", "dev", "preprod", "pre-prod", "qa", "canary", "review/45-login"]
)
def test_a_question_about_an_environment_that_the_service_lacks_is_refused_in_words(word: str) -> None:
    """Production's answer, with its button, would be to another question."""
    for text in (f"web {word} 500s", f"web 500s on {word}", f"web errors in {word} since 2h"):
        answer = asked_for(text)

        assert isinstance(answer, str)
        assert word in answer
        assert "production" in answer


def test_a_question_without_a_service_keeps_its_environment() -> None:
    """The only service is meant, and it has no staging: no scope."""
    for text in ("staging 500s", "payments staging 500s"):
        question = asked_for(text, ALONE)

        assert isinstance(question, Question)
        assert place(question.alert, ALONE) is None


def test_words_of_the_symptom_are_no_environment() -> None:
    """A page for reviews, or a test that fails, is what is wrong, not where."""
    for text in (
        "web review page broken",
        "web test orders fail",
        "web errors while testing cards",
        "pay staging 500s",
    ):
        question = asked_for(text)

        assert isinstance(question, Question)
        assert place(question.alert, TWO) is not None


def test_a_question_about_an_unknown_project_of_a_known_group_is_refused() -> None:
    """``shop/payments`` is no part of a symptom where ``shop/web`` is a service; a path of the code may be."""
    answer = asked_for("shop/payments 500s", ALONE)

    assert isinstance(answer, str)
    assert "shop/payments" in answer
    assert isinstance(asked_for("shop/cart.py raises KeyError", ALONE), Question)


@pytest.mark.parametrize(
    ("word", "is_one"),
    [
        ("staging-eu", True),
        ("stg-us-east-1", True),
        ("eu-west-1-qa", True),
        ("uat-apac", True),
        ("prod-eu", False),
        ("qa-bot", False),
        ("dev-tools", False),
        ("mail-eu", False),
    ],
)
def test_an_environment_of_a_region_is_no_production(word: str, *, is_one: bool) -> None:
    """What stands for another environment in some region is stated; production in a region stays production."""
    assert looks_like_environment(word) is is_one


def test_an_alert_of_staging_in_a_region_is_not_about_production() -> None:
    """It is said that this environment is not known, and nothing is offered to be rolled back."""
    message = {"ts": "1795351416.1", "bot_id": "B1", "text": "ALERT web: 5xx rate 12% for 5m, staging-eu"}
    catalog = Catalog((Service("web", "shop/web"),))
    alert = parse_alert(message, catalog)

    assert alert is not None
    assert alert.environment == "staging-eu"
    assert scope_of(alert, catalog) is None


ONE = Catalog((Service("web", "shop/web", aliases=("login",)),))
LEADING = [
    ("ALERT payments: p99 above 3s", "payments"),
    ("[ALERT][payments][production] error budget burns", "payments"),
    ("payments-api (prod): 5xx above 5%", "payments-api"),
    ("🚨 payments @ production: 12% of requests fail", "payments"),
    ("[FIRING] high latency (service: payments, env: prod)", "payments"),
]
NO_SERVICE = [
    "ALERT disk: 95% full",
    "ALERT redis: out of memory",
    "ALERT login: 500s",
    "CRITICAL: errors (prod): 12%",
    "[critical][prod] p99 above 3s",
    "[us-east-1][prod] requests fail",
    "latency (prod): p99 above 3s",
    "Timeouts on POST /login in web",
    "ERROR root: KeyError",
]


@pytest.mark.parametrize(("text", "name"), LEADING)
@pytest.mark.parametrize("catalog", [ONE, Catalog((*ONE.services, Service("billing", "shop/billing")))])
def test_what_names_another_service_in_front_is_not_about_ours(text: str, name: str, catalog: Catalog) -> None:
    """Also where only one is configured; it is said what to do if it is one of these after all."""
    asked = posted(text, catalog)

    assert scope_of(asked, catalog) is None
    why = why_no_scope(asked, catalog)
    assert why.startswith(f"It is about {name}, which is no service that Backtrace knows.")
    assert why.endswith("add it to the settings: an alias, or a [[service]].")


@pytest.mark.parametrize("text", NO_SERVICE)
def test_what_is_wrong_or_part_of_many_names_no_service(text: str) -> None:
    """The only service is meant then."""
    assert place(posted(text, ONE), ONE) == ("web", "production")
