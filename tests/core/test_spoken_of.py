"""Which service an alert is about that names none, and which environment it means by a tier or an address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.model import Alert, Link, Service
from backtrace_core.scope import Catalog, may_need_gitlab, scope_of, why_no_scope
from backtrace_core.spoken_of import KnownEnvironment
from tests.core.builders import WEB, alert

SHOP = Service("shop", "acme/storefront", ("prod-eu", "stg-eu"), ("store-*",), urls=("https://shop.acme.test",))
PAY = Service("pay", "acme/pay", ("production/*",), ("checkout",), projects=("acme/pay-worker",))
BOTH = Catalog((SHOP, PAY))
LISTED = (
    KnownEnvironment("acme/storefront", "prod-eu", "production", "https://eu.shop.acme.test"),
    KnownEnvironment("acme/storefront", "stg-eu", "staging", "https://stg.shop.acme.test"),
    KnownEnvironment("acme/pay", "production/eu", "production", "https://pay.acme.test/api"),
)
ASKED = Catalog((SHOP, PAY), LISTED)


def unnamed(title: str, text: str = "", *links: str) -> Alert:
    return replace(alert(title, text), service=None, links=tuple(Link("Open", url) for url in links))


def place(asked: Alert, catalog: Catalog = BOTH) -> tuple[str, str] | None:
    scope = scope_of(asked, catalog)
    return (scope.service.name, scope.environment) if scope else None


@pytest.mark.parametrize(
    ("word", "name"),
    [("store-7f9c", "shop"), ("storefront", "shop"), ("acme/pay-worker", "pay"), ("pay-worker", "pay")],
)
def test_a_service_is_found_by_glob_by_any_project_and_by_a_projects_name(word: str, name: str) -> None:
    """Pods, further projects, and the project's name without its group."""
    found = BOTH.find(word)

    assert found is not None
    assert found.name == name


def test_an_alert_that_names_no_service_is_matched_by_words() -> None:
    """Whole words of the title first, then of the text; parts of words and paths of code are none."""
    assert place(unnamed("Errors in checkout", "the shop is slow")) == ("pay", "production/*")
    assert place(unnamed("Too many errors", "acme/pay-worker has a long queue")) == ("pay", "production/*")
    assert place(unnamed("Errors in payback and src/pay/x.py")) is None


def test_an_alert_that_names_no_service_is_matched_by_its_addresses() -> None:
    """An address in text or links; below it, not beside it; an address says more than a word."""
    assert place(unnamed("500s", "https://shop.acme.test/login fails, pay is fine")) == ("shop", "prod-eu")
    assert place(unnamed("500s", "", "https://SHOP.acme.test/")) == ("shop", "prod-eu")
    assert place(unnamed("500s", "https://shop.acme.test.evil.test/")) is None


def test_addresses_that_gitlab_knows_name_service_and_environment() -> None:
    """``external_url`` of an environment: the alert of staging's address is about staging."""
    asked = unnamed("500s", "https://stg.shop.acme.test/login")

    assert may_need_gitlab(asked, BOTH)
    assert place(asked) is None
    assert place(asked, ASKED) == ("shop", "stg-eu")
    assert place(unnamed("500s", "https://pay.acme.test/api/charge"), ASKED) == ("pay", "production/eu")
    assert place(unnamed("500s", "https://pay.acme.test/apis"), ASKED) is None


def test_what_fits_two_services_is_asked_back() -> None:
    """Nothing is guessed, and the answer says between which."""
    asked = unnamed("shop and pay are down")

    assert place(asked) is None
    assert why_no_scope(asked, BOTH) == "It is not clear which service this is about: it may be shop or pay."


def test_a_stated_tier_is_the_environment_of_that_tier() -> None:
    """``staging`` is stg-eu by GitLab's own word; without asking, and for a tier that it lacks, nothing is said."""
    staging, testing = (replace(alert("500s"), service="shop", environment=name) for name in ("staging", "testing"))

    assert may_need_gitlab(staging, BOTH)
    assert place(staging) is None
    assert place(staging, ASKED) == ("shop", "stg-eu")
    assert place(testing, ASKED) is None
    assert not may_need_gitlab(replace(staging, environment="mars"), BOTH)


@pytest.mark.parametrize(
    ("stated", "environments", "meant"),
    [
        ("production", ("production/*",), "production/*"),
        ("prod", ("production/eu", "production/us"), "production/*"),
        (None, ("production/eu", "production/us"), "production/*"),
        (None, ("production/eu", "staging"), "production/eu"),
        ("production/us", ("production/*",), "production/us"),
        ("production", ("production/eu", "staging"), "production/eu"),
        ("staging", ("production/*",), None),
    ],
)
def test_a_folder_of_environments_is_one_service(
    stated: str | None, environments: tuple[str, ...], meant: str | None
) -> None:
    """production/eu and production/us are its production; one that is stated in full is that one."""
    service = replace(WEB, environments=environments)

    assert (place(replace(alert("500s"), environment=stated), Catalog((service,))) or ("", None))[1] == meant


def test_what_the_settings_tell_needs_no_gitlab() -> None:
    """The usual alert costs no request for its scope."""
    assert not may_need_gitlab(alert("500s"), Catalog((WEB,)))
    assert not may_need_gitlab(unnamed("pay is down"), BOTH)
