"""Which input would help most, where the evidence is not enough."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.model import Frame, Outcome
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
            "or a system that it depends on"
        )
