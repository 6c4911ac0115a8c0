"""What is said of a change by the company of its words is silent where anybody who opens it would see otherwise."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.evidence.context import Context, context_of
from backtrace_core.evidence.like_another import like_another
from backtrace_core.evidence.same_subject import same_subject
from backtrace_core.likeness import COLUMNS, LIKE_ANOTHER, SAME_SUBJECT
from backtrace_core.model import Alert, Candidate, Change
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

OTHERS = tuple(change(90 + n, f"Other {n}", changed(f"part{n}/thing.go", lines("x := 1"))) for n in range(5))


def test_a_change_most_of_whose_words_the_alert_says_is_not_about_other_things() -> None:
    """Whatever company its words keep: everybody would see that the sentence is false."""
    small, large = (
        change(n, "Coupon percent", changed(path)) for n, path in ((1, "basket.py"), (2, "a/pages/lists/seen.go"))
    )
    asked = alert("CouponErrors", "coupon percent negative in basket")

    assert same_subject(*_with(small, asked, SAME_SUBJECT, -1.0)) is None
    against = same_subject(*_with(large, asked, SAME_SUBJECT, -1.0))
    assert against is not None
    assert against.says == "Speaks mostly of other things than the alert"


def test_two_changes_without_a_common_word_are_not_called_alike() -> None:
    """They may lie close by the company that their words keep, but nobody who opens both would see why."""
    basket, cookie = change(3, "Coupons of a basket", changed("coupon.py")), change(4, "Cookies", changed("cookie.py"))
    near = change(5, "Baskets", changed("list.go"))
    asked = alert("CouponErrors", "coupon is gone")

    assert like_another(*_with(cookie, asked, LIKE_ANOTHER, 1.0, basket)) is None
    alike = like_another(*_with(near, asked, LIKE_ANOTHER, 1.0, basket))
    assert alike is not None
    assert alike.says.startswith("Is like ")


def _with(
    one: Change, asked: Alert, rule: str, strength: float, like: Change = OTHERS[0]
) -> tuple[Candidate, Alert, Context]:
    """As if the rule had measured so much."""
    shipped = deployment(7, before(6))
    candidates = tuple(Candidate(each, shipped, ()) for each in (one, like, *OTHERS[1:]))
    context = context_of(candidates, asked, harvest((shipped, tuple(each.change for each in candidates))))
    found = context.likeness
    strengths = found.strengths.copy()
    strengths[found.rows[one.key], COLUMNS.index(rule)] = strength
    among = {key: strengths[found.rows[key]] for key in found.among}
    likeness = replace(found, strengths=strengths, among=among, others={one.key: like.key})
    return candidates[0], asked, replace(context, likeness=likeness)
