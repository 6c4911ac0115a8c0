"""Why a message is given to no reader."""

from __future__ import annotations

from typing import Any

import pytest

from backtrace_core.alerts import read_message
from backtrace_core.alerts.notices import deploy_notice
from tests.core.test_alerts import CATALOG, post

ALERT = post(text="error in web")


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"subtype": "message_changed"}, "holds no message"),
        (post(text="x", subtype="channel_join"), "its subtype is channel_join"),
        ({**ALERT, "bot_id": 7}, "Nobody knows who wrote it"),
        ({**ALERT, "bot_id": None, "user": "U1"}, "A person wrote it"),
        (post(text="x", metadata={"event_type": "backtrace_card"}), "Backtrace's own"),
        ({**ALERT, "ts": "yesterday"}, "no moment"),
        ({"subtype": "message_changed", "message": ALERT, "previous_message": ALERT}, "previews"),
    ],
)
def test_it_is_said_why(event: dict[str, Any], why: str) -> None:
    """Each reason in its own words."""
    reading = read_message(event, CATALOG)

    assert reading.alert is None
    assert why in reading.why_none


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Application web has been synced to production", ("web", "production")),
        ("Successfully deployed ledger v1.4.0 to prod", ("ledger", "prod")),
        ("web was deployed", ("web", None)),
    ],
)
def test_deployments_in_other_words_than_gitlabs(text: str, place: tuple[str, str | None]) -> None:
    """Service and environment as they are written; no environment where none is named."""
    notice = deploy_notice(post(text=text), CATALOG)

    assert notice is not None
    assert (notice.service, notice.environment) == place
