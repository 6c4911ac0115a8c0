"""The walk back, the weighing: properties that hold for any incident."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtrace_core.graph import graph_of
from backtrace_core.migrations import is_migration
from backtrace_core.model import Change, DeploymentStatus, Gap, LookedAt, Outcome, Relation, Verdict
from backtrace_core.rank import rank
from backtrace_core.ranking_model import shipped
from backtrace_core.slim import slim
from backtrace_core.trace import shipped_later, trace
from backtrace_core.words import stem, words_in
from tests.core.builders import T0, alert, before, change, changed, deployment, harvest, lines

SESSION = change(45, "Tighten session expiry", changed("auth/session.py", lines("ttl = 300")), closes="Tighten session")
CART = change(46, "Cart totals", changed("cart/totals.py", lines("round(x)")))
SURE_OF_NONE = replace(shipped(), no_change_from=0.5)
"""Says "no change explains this" as soon as that is likelier than not."""


def test_a_path_leads_from_the_environment_to_author_and_work_item() -> None:
    """Each candidate has the hops that link it, each with a page."""
    found = harvest((deployment(7, before(6)), (SESSION,)))
    (candidate,) = trace(found, alert("Errors"))

    assert [fact.relation for fact in candidate.path] == [
        Relation.IN_ENVIRONMENT,
        Relation.DEPLOYED_TO,
        Relation.HAS_FILE,
        Relation.AUTHORED,
        Relation.CLOSES,
    ]
    assert all(fact.url for fact in candidate.path)


def test_only_what_began_before_the_onset_is_a_candidate() -> None:
    """After the onset nothing can have caused it, unless it was under way; before the window nobody looks."""
    after = replace(deployment(8, T0), started_at=T0, finished_at=T0)
    under_way = deployment(9, before(-1))
    long_ago = deployment(6, before(hours=80))
    late = change(47, "Late", changed("d.py"))
    found = harvest((after, (CART,)), (under_way, (SESSION,)), (long_ago, (late,)))

    assert [c.change.label for c in trace(found, alert("Errors"))] == ["!45"]


def test_what_shipped_after_the_onset_alone_is_counted() -> None:
    """Left out is what came later; what had come before it, and came again, or came too early, is not."""
    tidy, late = change(47, "Tidy", changed("d.py")), change(48, "Late", changed("e.py"))
    early = (deployment(1, before(hours=90)), (tidy,))
    found = harvest(early, (deployment(2, before(6)), (SESSION,)), (deployment(3, before(-9)), (SESSION, tidy, late)))
    other = replace(deployment(4, before(-9)), environment="staging")
    failed = replace(deployment(5, before(-9)), status=DeploymentStatus.FAILED)

    assert shipped_later(found, alert("Errors")) == (late,)
    assert shipped_later(harvest((other, (late,)), (failed, (CART,))), alert("Errors")) == ()


def test_a_change_counts_by_its_first_deployment() -> None:
    """Deployed again with the next version it is no newer."""
    first, again = (deployment(1, before(hours=90)), (SESSION,)), (deployment(2, before(6)), (SESSION, CART))

    assert [c.change.label for c in trace(harvest(first, again), alert("Errors"))] == ["!46"]


def test_a_fact_that_two_sources_state_stands_once() -> None:
    """The first source's page is kept."""
    (fact, *_) = harvest((deployment(7, before(6)), ())).facts
    graph = graph_of((fact, replace(fact, source="Orbit")))

    assert graph.out_of(fact.subject, fact.relation) == (fact,)
    assert graph.into(fact.object, fact.relation) == (fact,)


@given(st.permutations([SESSION, CART, change(3, "C", changed("c.py")), change(4, "D", changed("d.py"))]))
def test_the_order_in_which_facts_arrive_changes_nothing(changes: list[Change]) -> None:
    """The same harvest in another order gives the same suspects in the same order; probabilities add up to one."""
    asked = alert("LoginErrors", "session lost")
    found = harvest((deployment(7, before(6)), tuple(changes)))
    ranking = rank(trace(found, asked), asked, found)
    sums = sum(s.probability for s in ranking.suspects) + ranking.probability_none

    assert [s.candidate.change.label for s in ranking.suspects] == ["!45", "!3", "!4", "!46"]
    assert abs(sums - 1) < 1e-9


def test_diffs_are_left_out_of_the_answer() -> None:
    """Paths stay for the card, hunks don't: nobody who reads a verdict needs code."""
    asked = alert("LoginErrors", "session lost")
    found = harvest((deployment(7, before(6)), (SESSION,)))
    (suspect,) = map(slim, rank(trace(found, asked), asked, found).suspects)

    assert [file.path for file in suspect.candidate.change.files] == ["auth/session.py"]
    assert suspect.candidate.change.files[0].hunks == ()


def test_removing_the_facts_removes_the_name() -> None:
    """The same deployment and alert, with another title and path: nobody is named."""
    asked = alert("LoginErrors", "session lost")
    blank = replace(SESSION, title="Tidy", files=(changed("a/b.py"),), work_items=())
    named, other = (
        rank(trace(found, asked), asked, found)
        for found in (harvest((deployment(7, before(6)), (c, CART))) for c in (SESSION, blank))
    )

    assert named.outcome is Outcome.NAMED
    assert other.outcome is not Outcome.NAMED


def test_an_unread_diff_asks_for_it() -> None:
    """A change of the last hours that could not be read may be the culprit: the advice asks for its diff."""
    gap = Gap("GitLab", "diff of !46", "too large to show")
    hidden = replace(CART, files=())
    asked = alert("CouponErrors", "coupon percent negative for tenant basket")
    late = harvest((deployment(7, before(6)), (hidden,)), gaps=(gap,))
    early = harvest(
        (deployment(7, before(hours=40)), (hidden,)), (deployment(8, before(hours=9)), (SESSION,)), gaps=(gap,)
    )
    ranking, calm = (rank(trace(found, asked), asked, found, model=SURE_OF_NONE) for found in (late, early))

    assert ranking.outcome is Outcome.NOT_ENOUGH
    assert "!46" in ranking.advice
    assert calm.outcome is Outcome.NO_CHANGE


def test_no_change_explains_it_only_where_that_was_true_often_enough() -> None:
    """That "none" is likelier than any change hides them all: below the learned probability nobody claims it."""
    found = harvest((deployment(8, before(hours=9)), (SESSION,)))
    asked = alert("CouponErrors", "coupon percent negative for tenant basket")
    none = rank(trace(found, asked), asked, found).probability_none
    below, from_it_on = (
        rank(trace(found, asked), asked, found, model=replace(shipped(), no_change_from=none + more))
        for more in (0.001, -0.001)
    )

    assert none > 0.5
    assert (below.outcome, from_it_on.outcome) == (Outcome.NOT_ENOUGH, Outcome.NO_CHANGE)
    assert below.advice


def test_a_change_that_speaks_of_what_fails_is_shown() -> None:
    """Of a young project nobody can say how rare a word is: the change need not be named, but it stands on the card."""
    titles = ("Fix it", "Make checkout faster", "Tidy up", "Retry the checkout payment", "To trunk", "Merge by hand")
    changes = [change(n, title, changed(f"src/file{n}.py", lines(f"x = {n}"))) for n, title in enumerate(titles, 1)]
    found = harvest(*((deployment(n, before(60 * (7 - n))), (one,)) for n, one in enumerate(changes, 1)))
    asked = alert("checkout payment fails, customers complain")
    ranking = rank(trace(found, asked), asked, found)

    assert ranking.suspects[0].candidate.change.title == "Retry the checkout payment"
    assert ranking.outcome is not Outcome.NO_CHANGE


def test_where_people_ruled_out_what_fitted_nothing_is_claimed() -> None:
    """That no change explains it is said only where nobody took one off the candidates."""
    found = harvest((deployment(8, before(hours=9)), (SESSION,)))
    asked = alert("CouponErrors", "coupon percent negative for tenant basket")
    cleared = rank(trace(found, asked), asked, found, model=SURE_OF_NONE)
    left = rank(trace(found, asked), asked, found, frozenset({CART.key}), model=SURE_OF_NONE)
    nothing_left = rank((), asked, found, frozenset({CART.key}))

    assert cleared.outcome is Outcome.NO_CHANGE
    assert [one.outcome for one in (left, nothing_left)] == [Outcome.NOT_ENOUGH] * 2
    assert left.probability_none == cleared.probability_none
    assert left.advice


def test_what_no_change_explains_more_likely_has_no_shortlist() -> None:
    """Two changes may hold more than half together: where "none" beats either of them, nobody is shown as likely."""
    twin = change(44, "Session cookie flags", changed("auth/session.py", lines("cookie.secure = True")))
    asked = alert("LoginErrors", "login fails: session lost")
    found = harvest((deployment(7, before(6)), (SESSION, twin, CART)))
    doubting = replace(shipped(), none_base=shipped().none_base + 0.9)
    ranking = rank(trace(found, asked), asked, found, model=doubting)

    first, second = (suspect.probability for suspect in ranking.suspects[:2])
    assert first < ranking.probability_none < 0.5 < first + second
    assert ranking.outcome is Outcome.NOT_ENOUGH


def test_a_shortlist_holds_only_those_that_cannot_be_told_apart() -> None:
    """The third suspect of the list is none of the two, and must not push the target farther back."""
    twin = change(44, "Session cookie flags", changed("auth/session.py", lines("cookie.secure = True")))
    asked = alert("LoginErrors", "login fails: session lost")
    found = harvest((deployment(7, before(6)), (SESSION, twin, CART)))
    ranking = rank(trace(found, asked), asked, found)
    verdict = Verdict(
        alert=asked,
        scope=found.scope,
        environment=None,
        outcome=ranking.outcome,
        suspects=ranking.suspects,
        probability_none=ranking.probability_none,
        rollback=None,
        looked_at=LookedAt(1, 3, T0, ""),
        gaps=(),
        decided_at=T0,
    )

    assert ranking.outcome is Outcome.SHORTLIST
    assert {s.candidate.change.label for s in verdict.named} == {"!44", "!45"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("db/migrate/20261120101500_add_slot.rb", True),
        ("shop/migrations/0042_slot.py", True),
        ("shop/migrations/__init__.py", False),
        ("alembic/versions/ab12_slot.py", True),
        ("src/main/resources/db/migration/V7__slot.sql", True),
        ("priv/repo/migrations/20261120_slot.exs", True),
        ("tests/migrations/test_slot.py", False),
        ("docs/migrations/howto.md", False),
        ("shop/migrate.py", False),
    ],
)
def test_migrations_are_told_by_path(path: str, *, expected: bool) -> None:
    """The folders that the common tools prescribe, and nothing that only sounds like them."""
    assert is_migration(path) is expected


def test_words_inside_names() -> None:
    """Snake, kebab, camel and paths fall apart into folded words; stop words and numbers go."""
    text = "src/auth/SessionExpiry.py HTTPRetryQueries order-items 404 the errors"

    assert list(words_in(text)) == ["auth", "session", "expiri", "retri", "queri", "order", "item"]
    assert [stem(word) for word in ("Classes", "boxes", "status", "gas")] == ["class", "box", "status", "gas"]
