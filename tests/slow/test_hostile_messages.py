"""The claims of ``tests/hostile`` over so many messages that also the rare combinations come up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backtrace_core.model import Outcome
from tests.hostile.claims import hold
from tests.hostile.mutations import messages

pytestmark = pytest.mark.slow


@pytest.mark.timeout(1200)
@settings(
    max_examples=20_000,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(messages(), st.sampled_from(Outcome))
def test_twenty_thousand_messages(message: dict[str, Any], outcome: Outcome) -> None:
    """No exception, no markup, no block that Slack refuses."""
    hold(message, outcome)
