"""Rules that point at a change keep silent on ordinary alerts: everyday words stand in some change by chance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.evidence.literal_in_lines import RULE as LITERAL
from backtrace_core.model import Change, FileDiff, Frame
from backtrace_core.rank import rank
from backtrace_core.ties import points
from backtrace_core.trace import trace
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

ORDINARY = (
    "High error rate: checkout",
    "Error: checkout",
    "There is no response from checkout",
    "Service down: checkout",
    "No data: checkout",
    "[FIRING:1] HighLatency checkout",
    "Module not found in checkout",
    "ValueError: value must be positive",
    "TypeError: value is not a number",
    "RuntimeError: the request timed out",
    "TimeoutError: the page must be given",
    "Table was slow, the key has expired",
    "The flag has been switched",
    "The setting was changed",
    'job failed user=""   host="" code="7"',
    'bad row "a"   "b"',
    "Memory usage above 90% on payments",
    "5xx responses above the limit",
    "Pod payments restarts: payments",
    "Health check failed: status unknown",
    "Latency is missing its target: orders",
    "No orders for 10 minutes: orders",
    "Unknown error: orders",
)


def moved(old: str, new: str) -> FileDiff:
    return replace(changed(new), old_path=old, renamed_file=True)


CHANGES: tuple[Change, ...] = (
    change(1, "Put carts into their own folder", moved("src/checkout.py", "src/cart/checkout.py")),
    change(2, "Move orders", moved("lib/orders.js", "src/orders.js")),
    change(3, "Describe the API", changed("api/openapi.json", lines('"description": "The page must be given"'))),
    change(4, "Set limits", changed("etc/web.yml", lines("limit: 5", "status: unknown number value request"))),
    change(5, "Work", changed("a.py", lines("if not ready:", "    has = 1", "    was = 2", "    host=lookup()"))),
    change(6, "Payments", moved("payments.py", "shop/payments.py")),
)


@pytest.mark.parametrize("title", ORDINARY)
def test_no_pointer_on_an_ordinary_alert(title: str) -> None:
    """Neither at moved files, nor at settings, nor at lines with a word of the alert."""
    asked = alert(title, frames=(Frame("shop/app.py", 10, "run"),))
    found = harvest((deployment(7, before(6)), CHANGES))
    suspects = rank(trace(found, asked), asked, found).suspects

    assert [e.says for s in suspects for e in s.evidence if points(e) or e.rule == LITERAL] == []
