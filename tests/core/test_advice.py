"""Which input would help most, where the evidence is not enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.model import Frame, Gap, Outcome
from backtrace_core.rank import rank
from backtrace_core.ranking_model import shipped
from backtrace_core.trace import trace
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

CART = change(46, "Cart totals", changed("cart/totals.py", lines("round(x)")))
SEEN = replace(alert("CouponErrors", "coupon negative"), frames=(Frame("shop/coupon.py", 5, "apply"),))
FOUND = harvest((deployment(7, before(6)), (CART,)))
UNSURE = replace(shipped(), none_base=shipped().none_base - 1)
"""Neither is it likely that the change did it, nor that none did."""


def test_when_it_began_is_asked_of_those_who_did_not_say() -> None:
    """A stated start is known, and once somebody has ruled a change out the hour is not what is missing."""
    unsaid = rank(trace(FOUND, SEEN), SEEN, FOUND, model=UNSURE)
    said = replace(SEEN, started_at=before(0))
    known = rank(trace(FOUND, said), said, FOUND, model=UNSURE)
    ruled_out = rank(trace(FOUND, SEEN), SEEN, FOUND, frozenset({"shop/web!45"}), model=UNSURE)

    assert [r.outcome for r in (unsaid, known, ruled_out)] == [Outcome.NOT_ENOUGH] * 3
    assert unsaid.advice == "Knowing when it began would help most, for example /backtrace web since 14:00"
    for ranking, which in ((known, "No change"), (ruled_out, "No other change")):
        assert ranking.advice == (
            f"{which} stands out. What does not ship with web may have changed: settings, data, traffic, "
            "or a system that it depends on."
        )


@pytest.mark.parametrize(
    ("text", "asked_for"),
    [
        ("web is down", "says little. It would help most to know what fails: a path, an endpoint, an error message"),
        (
            "web is down https://runbooks.acme.test/web/down.md",
            "know what fails: a path, an endpoint, an error message",
        ),
        ("TypeError in checkout", "says little. It would help most to know the error's whole message, or its stack"),
        ("GET /cart 500", "says little. It would help most to know the error's whole message, or its stack trace."),
        ("customers complain: vouchers expire though renewed", "A stack trace, or the path that fails, would help"),
        ("/vouchers gives 502 to customers whose vouchers were renewed twice", "A stack trace would help most."),
    ],
)
def test_nobody_is_asked_for_what_they_said(text: str, asked_for: str) -> None:
    """Whoever named a path, an endpoint or an error is asked for the next thing that would help."""
    asked = replace(alert(text), text=text)

    assert asked_for in rank(trace(FOUND, asked), asked, FOUND, model=replace(UNSURE, no_change_from=1.0)).advice


def test_of_what_was_left_unread_nobody_is_asked_for_a_diff() -> None:
    """Of very many changes only some are read: GitLab would give the others, and nobody can help it. Else the likeliest
    one that could not be read is asked for."""
    unread = (replace(CART, files=()), change(47, "Vouchers expire", closes="Vouchers of customers"))
    asked = alert("VoucherErrors", "customers complain that vouchers expire though renewed")
    refused = Gap("GitLab", "diff of !46, !47", "too large to show")
    left = Gap("GitLab", "diff of !46, !47 and 254 more", "only 20 of 299 changes are read in full")
    model = replace(UNSURE, named_from=1.0)
    of_refused, of_left = (
        rank(trace(found, asked), asked, found, model=model).advice
        for found in (harvest((deployment(7, before(6)), unread), gaps=(gap,)) for gap in (refused, left))
    )

    assert of_refused == "It would help most to see what !47 changes: its diff could not be read."
    assert of_left == "A stack trace, or the path that fails, would help most."
