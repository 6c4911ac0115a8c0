"""Whatever a sender posts: it is read or not, and nothing in it acts in Slack or GitLab."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtrace_core.model import Outcome
from tests.hostile.claims import hold
from tests.hostile.mutations import messages


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(messages(), st.sampled_from(Outcome))
def test_no_message_raises_or_acts(message: dict[str, Any], outcome: Outcome) -> None:
    """Five hundred mutations of real shapes."""
    hold(message, outcome)
