"""GitLab's own incidents, read into an alert."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backtrace_core.alerts.gitlab_incident import (
    alert_of_incident,
    label_of_url,
    moment,
    services_of,
    told_by_hook,
    told_by_row,
)
from backtrace_core.model import AlertStatus, Service, Severity
from backtrace_core.scope import Catalog

WEB = Service("web", "shop/web", incident_project="shop/incidents")
PAY = Service("payments", "shop/pay", incident_project="shop/incidents")
BOTH = Catalog((WEB, PAY))
AT = "2026-11-20T02:06:00Z"


def hook(kind: str = "work_item", project: str = "shop/web", **told: Any) -> dict[str, Any]:
    attributes = {
        "id": 301,
        "iid": 23,
        "title": "Checkout error rate above 5%",
        "description": "TypeError in cart.total\n<!-- of ours -->",
        "created_at": AT,
        "updated_at": AT,
        "author_id": 51,
        "confidential": False,
        "state": "opened",
        "action": "open",
        "severity": "critical",
        "type": "Incident",
        "url": "https://gitlab.test/shop/web/-/issues/incident/23",
        "labels": [],
    }
    place = {"id": 7, "path_with_namespace": project}
    return {"object_kind": kind, "user": {"id": 1}, "project": place, "object_attributes": attributes | told}


@pytest.mark.parametrize("kind", ["issue", "work_item", "incident", "confidential_issue"])
def test_the_type_decides_not_the_object_kind(kind: str) -> None:
    """The kind under which incidents come changed several times between versions."""
    told = told_by_hook(hook(kind))

    assert told is not None
    assert (told.key, told.label, told.by, told.author_id) == ("gitlab-7-23", "shop/web#23", 1, 51)


@pytest.mark.parametrize(
    "payload", [{}, {"object_kind": "deployment"}, hook(type="Issue"), hook(type="Task"), hook() | {"project": None}]
)
def test_everything_else_is_none(payload: dict[str, Any]) -> None:
    """Plain issues, tasks, other hooks."""
    assert told_by_hook(payload) is None


def test_hook_and_row_tell_the_same() -> None:
    """So that the poll repeats nothing that a hook has told."""
    told = told_by_hook(hook())
    row = hook()["object_attributes"] | {"type": "INCIDENT", "project_id": 7, "severity": "CRITICAL"}
    asked = told_by_row(row, "shop/web")

    assert told is not None
    assert asked is not None
    assert asked.key == told.key
    assert alert_of_incident(asked, BOTH).text == alert_of_incident(told, BOTH).text


def test_what_is_read() -> None:
    """Severity, service by project, times; comments are not part of the text."""
    told = told_by_hook(hook())
    assert told is not None
    alert = alert_of_incident(told, BOTH)

    assert (alert.service, alert.severity, alert.status) == ("web", Severity.CRITICAL, AlertStatus.FIRING)
    assert alert.received_at == datetime(2026, 11, 20, 2, 6, tzinfo=UTC)
    assert alert.onset.latest - alert.onset.earliest == timedelta(minutes=15)
    assert "of ours" not in alert.text
    assert "TypeError" in alert.error_terms


@pytest.mark.parametrize(
    ("more", "service"),
    [
        ({"labels": [{"title": "service::payments"}]}, "payments"),
        ({"labels": [{"title": "web"}]}, "web"),
        ({"title": "payments is down"}, "payments"),
        ({}, None),
    ],
)
def test_a_project_of_several_services(more: dict[str, Any], service: str | None) -> None:
    """A label, or a word of the title, tells which one is meant; nobody guesses."""
    told = told_by_hook(hook(project="shop/incidents", **more))

    assert told is not None
    assert alert_of_incident(told, BOTH).service == service
    assert services_of("Shop/Incidents", BOTH) == (WEB, PAY)


@pytest.mark.parametrize("said", ["2026-11-20 02:06:00 UTC", "2026-11-20 03:06:00 +0100", AT])
def test_three_forms_of_time(said: str) -> None:
    """Hooks have all of them."""
    assert moment(said) == datetime(2026, 11, 20, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://gitlab.test/shop/web/-/issues/incident/23", "shop/web#23"),
        ("https://gitlab.test/shop/web/-/issues/23", "shop/web#23"),
        ("https://gitlab.test/shop/web/-/work_items/23#note_1", "shop/web#23"),
        ("https://gitlab.test/shop/web/-/merge_requests/23", ""),
    ],
)
def test_an_incident_has_several_addresses(url: str, label: str) -> None:
    """All of them mean the same one."""
    assert label_of_url(url) == label
