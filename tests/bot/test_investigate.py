"""From the alert to the verdict and its plan, and the plan once more as the world stands later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from backtrace_core.model import Alert, Change, Deployment, Frame, Gap, Harvest, Lineage, Outcome, Scope, Service
from backtrace_core.retrying import Attempt, Retrying
from backtrace_core.spoken_of import KnownEnvironment
from bot.gitlab.client import GitLabError, GitLabRefused
from bot.investigate import investigate, replan
from tests.core.builders import alert, before, change, changed, deployment, harvest, lineage, lines

SESSION = change(45, "Tighten session expiry", changed("auth/session.py", lines("check_expiry(token)")))
CART = change(44, "Cart totals", changed("cart/totals.py", lines("round(x)")))
SHIPPED = ((deployment(1, before(300)), (CART,)), (deployment(2, before(6)), (SESSION,)))
ASKED = alert("LoginErrors", "session check fails in auth/session.py")


class Told:
    """A source that knows one harvest and one lineage, and keeps what it was asked."""

    def __init__(self, found: Harvest, git: Lineage) -> None:
        self.found, self.git = found, git
        self.theirs: Harvest | Exception = GitLabError("502 Bad Gateway")
        self.skimmed: list[str] = []
        self.asked: list[tuple[tuple[str, frozenset[str]], ...]] = []
        self.jobs: dict[int, Attempt] = {}
        self.looked_at: list[int] = []

    async def harvest(self, scope: Scope, alert: Alert | None = None) -> Harvest:  # noqa: ARG002 - the port's form
        assert scope == self.found.scope
        return self.found

    async def skim(self, scope: Scope) -> Harvest:
        self.skimmed.append(scope.service.name)
        if isinstance(self.theirs, Exception):
            raise self.theirs
        return self.theirs

    async def environments(self, projects: Iterable[str]) -> tuple[KnownEnvironment, ...]:  # noqa: ARG002
        return ()

    async def lineage(self, harvest: Harvest, changes: tuple[Change, ...], targets: tuple[Deployment, ...]) -> Lineage:
        assert harvest.deployments == self.found.deployments
        self.asked.append(tuple((c.key, c.shas) for c in changes))
        known = {t.id for t in targets}
        return replace(self.git, undone=tuple(row for row in self.git.undone if row[0] in known))

    async def retrying(self, harvest: Harvest, targets: tuple[Deployment, ...]) -> Retrying:
        assert harvest.deployments == self.found.deployments
        self.looked_at += [target.id for target in targets]
        return Retrying({one.id: self.jobs[one.id] for one in targets if one.id in self.jobs})


async def test_the_suspect_is_asked_about_although_the_fresh_harvest_lacks_it() -> None:
    """A harvest that could not read the merge request again must not make every target free of it."""
    shas = frozenset({"a" * 40, "b" * 40})
    shipped = (SHIPPED[0], (SHIPPED[1][0], (replace(SESSION, shas=shas),)))
    source = Told(harvest(*shipped), lineage(*shipped))
    verdict = await investigate(ASKED, source.found.scope, source, frozenset())
    source.found = replace(source.found, changes=(CART,), facts=())
    source.git = Lineage(contains=frozenset({(1, SESSION.key)}))
    plan = (await replan(verdict, source)).plan

    assert verdict.outcome is Outcome.NAMED
    assert verdict.rollback is not None
    assert verdict.rollback.target is not None
    assert source.asked == [((SESSION.key, shas),)] * 2
    assert plan is not None
    assert plan.target is None


@pytest.mark.parametrize(
    ("what", "why", "unsafe"),
    [
        ("running deployments", "502 Bad Gateway", True),
        ("success deployments", "rate limited by GitLab", True),
        ("deployment 12", "GitLab's answer has an unexpected form", True),
        ("environment production", "the token may not read it", True),
        ("commits of deployment 7", "502 Bad Gateway", True),
        ("compare of deployment 7", "502 Bad Gateway", True),
        ("older deployments", "only the newest 100 are read", False),
        ("commits of deployment 7", "only the newest 40 are compared", False),
        ("merge requests of deployment 7", "502 Bad Gateway", False),
        ("diff of !45", "too large", False),
        ("commits of !45", "502 Bad Gateway", False),
        ("work items of !45", "the token may not read it", False),
    ],
)
async def test_a_plan_comes_with_the_gaps_that_make_it_unsafe(what: str, why: str, *, unsafe: bool) -> None:
    """What is live, what runs and what was deployed must be known before anything is started."""
    source = Told(harvest(*SHIPPED), lineage(*SHIPPED))
    verdict = await investigate(ASKED, source.found.scope, source, frozenset())
    gap = Gap("GitLab", what, why)
    source.found = replace(source.found, gaps=(gap,))
    replanned = await replan(verdict, source)

    assert replanned.plan == verdict.rollback
    assert replanned.gaps == ((gap,) if unsafe else ())


async def test_the_jobs_of_older_targets_are_looked_at_where_the_nearest_fails() -> None:
    """Once for all of them; what can't be read is not asked about for ever."""
    older = tuple((deployment(n, before(400 + 10 * (9 - n))), ()) for n in (7, 8, 9))
    shipped = (*older, *SHIPPED)
    source = Told(harvest(*shipped), lineage(*shipped))
    archived = deployment(1, before(300)).job
    assert archived is not None
    source.jobs = {1: Attempt(replace(archived, archived=True)), 9: Attempt(None)}
    verdict = await investigate(ASKED, source.found.scope, source, frozenset())

    assert source.looked_at == [1, 9, 8, 7]
    assert verdict.rollback is not None
    assert verdict.rollback.target is not None
    assert verdict.rollback.target.id == 8


async def test_no_change_has_no_plan() -> None:
    """Where no change explains it there is nothing to go back from, and nothing is asked."""
    source = Told(harvest(*SHIPPED), lineage(*SHIPPED))
    verdict = await investigate(ASKED, source.found.scope, source, frozenset())
    cleared = replace(verdict, outcome=Outcome.NO_CHANGE)
    source.asked.clear()

    assert (await replan(cleared, source)).plan is None
    assert source.asked == []


async def test_what_shipped_later_is_counted_and_what_was_ruled_out_is_minded() -> None:
    """The card can say how many changes came too late, and asks for no hour once somebody ruled a change out."""
    seen = replace(alert("CouponErrors", "coupon negative"), frames=(Frame("shop/coupon.py", 5, "apply"),))
    shipped = (*SHIPPED, (deployment(3, before(-9)), (change(46, "Late", changed("late.py")),)))
    source = Told(harvest(*shipped), lineage(*shipped))
    verdict = await investigate(seen, source.found.scope, source, frozenset())
    again = await investigate(seen, source.found.scope, source, frozenset({CART.key}))

    assert (verdict.looked_at.changes, verdict.looked_at.left_out_later) == (2, 1)
    assert (again.looked_at.changes, again.looked_at.left_out_later) == (1, 1)
    assert (verdict.ruled_out, again.ruled_out) == ((), (CART.ref,))
    assert "when it began" in verdict.advice
    assert again.advice
    assert "when it began" not in again.advice


async def test_what_a_service_depends_on_is_ranked_with_it() -> None:
    """Another service's change is a suspect as its own; where it can't be read the answer comes all the same."""
    found = harvest(*SHIPPED)
    beside = replace(found.scope, service=Service("payments", "shop/payments"))
    source = Told(found, lineage(*SHIPPED))
    card = replace(change(12, "Declined cards"), project="shop/payments")
    row = replace(deployment(90, before(10)), project="shop/payments")
    unread = await investigate(ASKED, found.scope, source, frozenset(), (beside,))
    source.theirs = replace(harvest((row, (card,))), scope=beside)
    verdict = await investigate(ASKED, found.scope, source, frozenset(), (beside,))

    assert source.skimmed == ["payments"] * 2
    assert unread.gaps == (Gap("GitLab", "all that payments shipped", "502 Bad Gateway"),)
    assert {s.candidate.change.label: s.candidate.service for s in verdict.suspects}["shop/payments!12"] == "payments"
    assert verdict.looked_at.changes == unread.looked_at.changes
    assert verdict.named[0].candidate.change.key == SESSION.key


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (GitLabRefused(403, "403 Forbidden"), "the token may not read it"),
        (TimeoutError(), "not read in time"),
        (KeyError("id"), "GitLab's answer has an unexpected form"),
        (IndexError("list index out of range"), "GitLab's answer has an unexpected form"),
        (OverflowError("date value out of range"), "GitLab's answer has an unexpected form"),
        (AttributeError("'NoneType' object has no attribute 'get'"), "GitLab's answer has an unexpected form"),
    ],
)
async def test_nothing_odd_of_another_service_costs_the_answer(odd: Exception, why: str) -> None:
    """Whatever reading it raised is a gap in plain words, and the service's own culprit is named."""
    source = Told(harvest(*SHIPPED), lineage(*SHIPPED))
    source.theirs = odd
    beside = replace(source.found.scope, service=Service("payments", "shop/payments"))
    verdict = await investigate(ASKED, source.found.scope, source, frozenset(), (beside,))

    assert verdict.named[0].candidate.change.key == SESSION.key
    assert verdict.gaps == (Gap("GitLab", "all that payments shipped", why),)
