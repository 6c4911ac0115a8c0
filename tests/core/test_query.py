"""What an alert asks: how much each of its words is worth."""

from __future__ import annotations

from backtrace_core.query import Query, query_of
from tests.core.builders import alert, harvest


def asked(title: str, text: str = "") -> Query:
    return query_of(alert(title, text), harvest().scope)


def test_what_is_said_again_is_worth_more() -> None:
    """A word that an alert repeats weighs more than one that it says once, but not without end."""
    once = asked("Coupons vanish from baskets")
    again = asked("Coupons vanish from baskets. Coupons of gold members. Coupons, coupons, coupons.")
    endless = asked(" ".join(["Coupons vanish from baskets."] + ["coupons"] * 500))

    assert again.weights["coupon"] > once.weights["coupon"] == once.weights["basket"]
    assert endless.weights["coupon"] == again.weights["coupon"] < 2 * once.weights["coupon"]


def test_copied_words_are_worth_more() -> None:
    """What stands in quotes, in a path or in a name of code was copied from where the trouble is."""
    query = asked('Baskets stay empty: "ledger closed" by shop/coupons.py in apply_discount')

    assert query.weights["ledger"] == query.weights["coupon"] == query.weights["discount"] > query.weights["basket"]


def test_plans_are_worth_less_than_what_was_seen() -> None:
    """A sentence about what will be done says little of the trouble; its words still count as said."""
    query = asked("Baskets stay empty. Reverting the banner until Monday.")

    assert query.weights["banner"] < query.weights["basket"] / 2
    assert query.said["banner"] == query.said["basket"]


def test_a_plan_that_repeats_what_was_seen_takes_nothing_away() -> None:
    """A word counts by the best sentence that has it."""
    query = asked("Baskets stay empty. Will fix the baskets.")

    assert query.weights["basket"] > query.weights["empti"]
