"""The incidents that the core must get right, from trace to rollback plan."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.model import Frame, Gap, Harvest, Outcome, RollbackPlan
from backtrace_core.rank import Ranking, rank
from backtrace_core.rollback import last_deployment_plan
from backtrace_core.trace import trace
from tests.core.builders import (
    Shipped,
    alert,
    before,
    change,
    changed,
    chosen,
    deployment,
    harvest,
    lineage,
    lines,
    sha,
)

CART = change(11, "Round prices in the cart", changed("cart/totals.py", lines("total = round(total, 2)")))
SEARCH = change(12, "Faster suggestions", changed("search/suggest.py", lines("return top(matches, 8)")))
DOCS = change(13, "Explain the deploy steps", changed("docs/deploy.md", lines("Press play.")))
SESSION = change(
    45,
    "Tighten session expiry",
    changed(
        "auth/session.py",
        lines(
            "if session.age > SESSION_TTL:",
            "    raise SessionExpired(user)",
            at=40,
            heading="def check_expiry(session):",
        ),
    ),
    changed("tests/auth/test_session.py", lines("assert expired(old_session)")),
    closes="Tighten session expiry",
)
NEWSLETTER = change(46, "Newsletter footer", changed("mail/footer.html", lines("<p>Unsubscribe</p>")))
COUPONS = change(47, "Show coupon names", changed("cart/coupons.py", lines("name = coupon.name")))
ICONS = change(48, "New icons", changed("static/icons.svg", lines("<svg/>")))


def worked_out(
    shipped: tuple[Shipped, ...], *said: str, frames: tuple[Frame, ...] = ()
) -> tuple[Ranking, RollbackPlan, Harvest]:
    asked = alert(*said, frames=frames)
    found = harvest(*shipped)
    ranking = rank(trace(found, asked), asked, found)
    count = {Outcome.NAMED: 1, Outcome.SHORTLIST: 3}.get(ranking.outcome, 0)
    return ranking, chosen(found, ranking.suspects[:count], lineage(*shipped)), found


def quiet_days() -> tuple[Shipped, ...]:
    """Twelve deployments over three days, each with two changes of some other part of the shop."""
    parts = ("search", "mail", "stock", "invoice", "wishlist", "review")
    days = []
    for index in range(12):
        part, other = parts[index % 6], parts[(index + 1) % 6]
        changes = (
            change(100 + 2 * index, f"Tidy {part} rows", changed(f"{part}/rows.py", lines(f"{part}_rows.sort()"))),
            change(101 + 2 * index, f"Log {other} calls", changed(f"{other}/log.py", lines(f"log.debug({other})"))),
        )
        days.append((deployment(index + 1, before(hours=66 - 5 * index)), changes))
    return tuple(days)


LOGIN = (
    *quiet_days(),
    (deployment(14, before(6)), (SESSION, NEWSLETTER, COUPONS, ICONS)),
)


def test_login_is_named_by_the_word_that_its_annotation_and_the_title_share() -> None:
    """Among four changes of one deployment the one on the failing path is named, and the target is the row before."""
    ranking, plan, _ = worked_out(LOGIN, "LoginErrorRate", "login error rate jumped 5x, session check fails")

    assert ranking.outcome is Outcome.NAMED
    assert ranking.suspects[0].candidate.change.label == "!45"
    assert any('Its title says "session", and so does the alert' in e.says for e in ranking.suspects[0].evidence)
    assert plan.target is not None
    assert plan.target.id == 12
    assert {ref.label for ref in plan.undoes} == {"!45", "!46", "!47", "!48"}


def test_login_is_named_by_a_frame() -> None:
    """A stack frame inside the changed lines is enough, whatever the words say."""
    frame = Frame("/srv/app/auth/session.py", 41, "check_expiry")
    ranking, _, _ = worked_out(LOGIN, "web 5xx", frames=(frame,))

    assert ranking.outcome is Outcome.NAMED
    assert ranking.suspects[0].candidate.change.label == "!45"
    assert "auth/session.py:41" in ranking.suspects[0].evidence[0].says


def test_login_without_any_shared_fact_names_nobody() -> None:
    """The same deployment, an alert of three words: time alone names nobody."""
    ranking, plan, _ = worked_out(LOGIN, "web is broken")

    assert ranking.outcome is Outcome.NOT_ENOUGH
    assert "/backtrace web" in ranking.advice
    assert plan.target is not None  # of no suspects: what was live before the last deployment


def test_checkout_names_the_migration_and_warns() -> None:
    """Latency after a migration is traced to it, and the plan says that going back leaves the migration in place."""
    culprit = change(
        60,
        "Store the delivery slot with each order",
        changed("checkout/migrations/0042_order_slot.py", lines("migrations.AddField('order', 'delivery_slot')")),
        changed("checkout/orders.py", lines("Order.objects.filter(delivery_slot=slot)")),
    )
    shipped = (*quiet_days(), (deployment(14, before(20)), (NEWSLETTER, culprit, ICONS)))
    ranking, plan, _ = worked_out(shipped, "CheckoutLatencyP99", "checkout p99 is 4.8s, threshold 2s")

    assert ranking.outcome is Outcome.NAMED
    assert ranking.suspects[0].candidate.change.label == "!60"
    assert plan.target is not None
    assert any("0042_order_slot.py" in caution.says for caution in plan.cautions)


def test_outage_names_nobody() -> None:
    """A provider that is down is no change's fault, although something was deployed within the hour."""
    shipped = (*quiet_days(), (deployment(14, before(50)), (SEARCH, NEWSLETTER, ICONS)))
    said = "POST https://api.cardpay.test/v2/charges answers 503, connection refused; payment provider unreachable"
    ranking, _, _ = worked_out(shipped, "PaymentErrorsHigh", said)

    assert ranking.outcome is Outcome.NO_CHANGE
    assert ranking.probability_none > 0.65
    assert ranking.advice == ""


def test_slow_burn_goes_back_past_the_middle() -> None:
    """The leak came two deployments before the latest: it is named, and the target is the one before the leak."""
    leak = change(
        70,
        "Keep rendered recommendations in memory",
        changed("recommend/cache.py", lines("RENDERED: dict[str, str] = {}", "RENDERED[key] = html")),
    )
    shipped = (
        (deployment(20, before(hours=60)), (CART,)),
        (deployment(21, before(hours=30)), (leak, COUPONS)),
        (deployment(22, before(hours=9)), (SEARCH,)),
        (deployment(23, before(70)), (NEWSLETTER, ICONS)),
    )
    said = "web memory grows without end, container OOMKilled, heap is full of rendered recommendations"
    ranking, plan, _ = worked_out(shipped, "WebMemoryHigh", said)

    assert ranking.outcome is Outcome.NAMED
    assert ranking.suspects[0].candidate.change.label == "!70"
    assert plan.target is not None
    assert plan.target.id == 20
    assert plan.replaces is not None
    assert plan.replaces.id == 23


def test_rolling_counts_and_can_be_cancelled() -> None:
    """A change whose deployment still runs is a candidate; the target is what is live, and the run can be cancelled."""
    shipped = (*quiet_days(), (deployment(14, None), (SESSION, NEWSLETTER)))
    ranking, plan, _ = worked_out(shipped, "LoginErrorRate", "SessionExpired raised on POST /login")

    assert ranking.outcome is Outcome.NAMED
    assert ranking.suspects[0].candidate.change.label == "!45"
    assert plan.cancel is not None
    assert plan.cancel.id == 14
    assert plan.target is not None
    assert plan.replaces is not None
    assert plan.target.id == plan.replaces.id == 12


def test_shortlist_goes_back_to_before_all_of_them() -> None:
    """Two changes of two deployments that match alike are both shown, and the target is free of both."""
    twin = replace(SESSION, iid=44, sha=sha("twin"), title="Loosen session expiry")
    shipped = (
        (deployment(30, before(hours=5)), (CART, ICONS)),
        (deployment(31, before(24)), (twin, COUPONS)),
        (deployment(32, before(6)), (SESSION, NEWSLETTER)),
    )
    ranking, _, found = worked_out(shipped, "LoginErrorRate", "login fails: session lost")
    plan = chosen(found, ranking.suspects[:2], lineage(*shipped))

    assert ranking.outcome is Outcome.SHORTLIST
    assert {s.candidate.change.label for s in ranking.suspects[:2]} == {"!44", "!45"}
    assert plan.target is not None
    assert plan.target.id == 30


def test_nothing_deployed_is_no_change() -> None:
    """With nothing shipped in the window and nothing hidden, no change explains it."""
    shipped = ((deployment(1, before(hours=24 * 9)), (SESSION,)),)
    ranking, _, _ = worked_out(shipped, "LoginErrorRate", "session check fails")

    assert ranking.outcome is Outcome.NO_CHANGE
    assert ranking.suspects == ()
    assert ranking.probability_none == 1.0


def test_a_hidden_list_of_deployments_is_not_no_change() -> None:
    """What could not be read must not be reported as absent."""
    gap = Gap("GitLab", "the deployments of production", "502 Bad Gateway")
    found = harvest(gaps=(gap,))
    asked = alert("LoginErrorRate", "session check fails")
    ranking = rank(trace(found, asked), asked, found)

    assert ranking.outcome is Outcome.NOT_ENOUGH
    assert "the deployments of production" in ranking.advice


def test_last_deployment_plan_needs_no_suspect() -> None:
    """With thin evidence the last deployment can still be undone."""
    plan = last_deployment_plan(harvest(*LOGIN), lineage(*LOGIN))

    assert plan.target is not None
    assert plan.target.id == 12
    assert plan.replaces is not None
    assert plan.replaces.id == 14
