"""What a service depends on: ranked beside its own changes, marked as another's, never gone back to from here."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.model import Candidate, Gap, Harvest, Lineage, Outcome, Service
from backtrace_core.others import candidates_of_others, gaps_of_others, scopes_beside
from backtrace_core.rank import rank
from backtrace_core.ranking_model import shipped
from backtrace_core.trace import trace
from tests.core.builders import WEB, alert, before, change, changed, deployment, harvest, lines, set_of

WEB_ON_PAY = replace(WEB, depends_on=("Payments", "mail"))
PAYMENTS = Service("payments", "shop/payments", ("production", "staging"))
ASKED = alert("CheckoutErrors", "charge_card raises CardDeclined in checkout")
CARD = replace(change(12, "Retry charge_card on CardDeclined"), project="shop/payments")
CHECKOUT = change(
    44, "Charge_card on CardDeclined in checkout", changed("checkout/pay.py", lines("charge_card(CardDeclined)"))
)


def own(*changes: tuple[int, float], of: tuple = ()) -> Harvest:
    rows = tuple((deployment(number, before(minutes)), of) for number, minutes in changes)
    found = harvest(*rows)
    return replace(found, scope=replace(found.scope, service=WEB_ON_PAY))


def theirs(minutes: float = 10) -> Harvest:
    row = replace(deployment(90, before(minutes)), project="shop/payments")
    found = harvest((row, (CARD,)))
    return replace(found, scope=replace(found.scope, service=PAYMENTS), environment=None)


def ranked(mine: Harvest, *others: Harvest) -> tuple[tuple[Candidate, ...], object]:
    candidates = (*trace(mine, ASKED), *candidates_of_others(others, ASKED))
    return candidates, rank(candidates, ASKED, mine)


def test_a_change_of_another_service_is_marked_and_shown_with_its_project() -> None:
    """The number alone would be this service's."""
    (found,) = candidates_of_others((theirs(),), ASKED)

    assert (found.service, found.change.label, found.change.key) == ("payments", "shop/payments!12", "shop/payments!12")


def test_equal_changes_rank_the_own_one_first_and_say_why() -> None:
    """Both fit alike; that it is another service's speaks a little against it, in words."""
    twin = replace(CHECKOUT, project="shop/payments", iid=12)
    row = replace(deployment(90, before(10)), project="shop/payments")
    other = harvest((row, (twin,)))
    other = replace(other, scope=replace(other.scope, service=PAYMENTS))
    mine = own((5, 10), of=(CHECKOUT,))
    candidates, ranking = ranked(mine, other)

    first, second = ranking.suspects[:2]
    assert [first.candidate.service, second.candidate.service] == [None, "payments"]
    assert "Belongs to payments, on which web depends" in [fact.says for fact in second.evidence]
    assert len(candidates) == 2


def test_files_that_are_not_read_on_purpose_make_no_answer_uncertain() -> None:
    """Of another service no file is read: that must not turn "no change" into "not enough"."""
    words = alert("DiskFull", "node exporter says volume sda fills with 98 percent since backup stalled")
    other = replace(CARD, title="Tidy")
    row = replace(deployment(90, before(60)), project="shop/payments")
    found = harvest((row, (other,)))
    found = replace(found, scope=replace(found.scope, service=PAYMENTS))
    mine = own((5, 60), of=(CHECKOUT,))
    candidates = (*trace(mine, words), *candidates_of_others((found,), words))

    assert rank(candidates, words, mine, model=replace(shipped(), no_change_from=0.5)).outcome is Outcome.NO_CHANGE


def test_another_services_deployment_is_not_gone_back_to_from_here() -> None:
    """The card says whose it is; going back is for those who run it."""
    mine = own((5, 600))
    _, ranking = ranked(mine, theirs())
    named = tuple(suspect for suspect in ranking.suspects if suspect.candidate.service)
    legs, plan = set_of((mine,), named, Lineage())

    assert legs == ()
    assert plan.target is None
    assert plan.why_none == "Another service shipped it, payments: going back is for those who run it."


def test_going_back_for_the_own_suspect_leaves_the_others_and_says_so() -> None:
    """Of a shortlist with both only the own place goes back."""
    mine = harvest((deployment(1, before(600)), ()), (deployment(5, before(10)), (CHECKOUT,)))
    mine = replace(mine, scope=replace(mine.scope, service=WEB_ON_PAY))
    _, ranking = ranked(mine, theirs())
    legs, plan = set_of((mine,), ranking.suspects, Lineage(undone=((1, (CHECKOUT.key,)),)))

    assert plan.target is not None
    assert plan.target.id == 1
    assert len(legs) == 1
    assert "shop/payments!12 belongs to payments: going back here leaves it there" in [c.says for c in plan.cautions]


def test_the_same_environment_of_what_is_depended_on_is_looked_at() -> None:
    """One level, the services that are named, in the alert's environment; without it they are left out."""
    scope = own((5, 10)).scope
    services = (WEB_ON_PAY, PAYMENTS, Service("search", "shop/search"))
    folder = replace(scope, environment="production/*")

    assert [(s.service.name, s.environment) for s in scopes_beside(scope, services)] == [("payments", "production")]
    assert [s.environment for s in scopes_beside(replace(scope, environment="staging"), services)] == ["staging"]
    assert [s.environment for s in scopes_beside(folder, services)] == ["production"]
    assert scopes_beside(replace(scope, environment="qa"), services) == ()
    assert scopes_beside(scope, (WEB_ON_PAY,)) == ()


def test_what_could_not_be_read_of_another_service_hides_nothing_of_the_own() -> None:
    """One gap a service, without the words that mean a missing list of the own service."""
    found = replace(theirs(), gaps=(Gap("GitLab", "success deployments", "502"), Gap("GitLab", "commits", "502")))

    assert gaps_of_others((found, theirs())) == (Gap("GitLab", "all that payments shipped", "502"),)
    mine = replace(own((5, 60)), gaps=gaps_of_others((found,)))
    assert rank((), ASKED, mine).outcome is Outcome.NO_CHANGE
