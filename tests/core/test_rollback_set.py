"""A rollback is a set: what runs the suspect's change goes back, wherever and by whichever job; the rest stays."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.model import (
    Candidate,
    Change,
    Deployment,
    DeploymentStatus,
    GoingBack,
    Harvest,
    Lineage,
    Place,
    RollbackLeg,
    Service,
    Suspect,
)
from backtrace_core.places import narrowed, united
from backtrace_core.rollback_lines import further_places, lines_of, may_have_further
from backtrace_core.rollback_set import unread_leg
from backtrace_core.spoken_of import KnownEnvironment
from tests.core.builders import WEB, before, change, changed, deployment, harvest, lineage, set_of
from tests.core.test_places import CART, EU, SESSION, US, WHOLE, alone, in_place, regions
from tests.core.test_sibling_jobs import BAD, GOOD, SHIPPED, WEB_A, WEB_B, WORKER_A, WORKER_B, by, suspect

IN_EU = Suspect(Candidate(SESSION, in_place(deployment(3, before(20), version="b"), EU), ()), (), 0.9)
IN_BOTH = frozenset({(3, SESSION.key), (4, SESSION.key)})


def targets(legs: tuple[RollbackLeg, ...]) -> dict[str, int | None]:
    return {leg.label: leg.plan.target.id if leg.plan.target else None for leg in legs}


def test_each_environment_goes_back_to_its_own_target() -> None:
    """eu, where it came first, and us, each to what was live there before."""
    legs, plan = set_of((regions(),), (IN_EU,), Lineage(contains=IN_BOTH, undone=((1, (SESSION.key,)),)))

    assert targets(legs) == {EU: 1, US: 2}
    assert plan.target is not None
    assert (plan.target.id, [leg.plan.replaces and leg.plan.replaces.id for leg in legs]) == (1, [3, 4])


def test_an_environment_that_does_not_run_it_stays() -> None:
    """us went back already, or never had it: git says that what is live there is free of it."""
    legs, plan = set_of((regions(),), (IN_EU,), Lineage(contains=frozenset({(3, SESSION.key)})))

    assert targets(legs) == {EU: 1}
    assert not any(US in caution.says for caution in plan.cautions)


def test_where_git_can_not_say_whether_it_runs_nothing_is_offered_and_that_is_said() -> None:
    """A target that may contain it is none; eu goes back all the same, and the card says that us does not."""
    unknown = frozenset({(4, SESSION.key), (2, SESSION.key)})
    legs, plan = set_of((regions(),), (IN_EU,), Lineage(frozenset({(3, SESSION.key)}), unknown))

    assert targets(legs) == {EU: 1, US: None}
    assert any(caution.says.startswith("production/us does not go back with it") for caution in plan.cautions)


def test_no_target_has_another_suspect_that_no_fact_places_there() -> None:
    """A hotfix branch took !46 to us and left !45 out: 9, which it replaced, has !45, and 2 alone is free of both."""
    other = change(46, "Other", changed("b.py"))
    shipped = ((deployment(1, before(300)), (CART,)), (deployment(3, before(20), version="x"), (SESSION,)))
    eu = alone(EU, *shipped, (deployment(5, before(15), version="xa"), (other,)))
    mixed, hotfix = deployment(9, before(60), version="ux"), deployment(10, before(10), version="ua")
    us = alone(US, (deployment(2, before(290), version="u0"), (CART,)), (mixed, ()), (hotfix, (other,)))
    named = (suspect(SESSION, eu.deployments[1]), suspect(other, eu.deployments[0]))
    git = Lineage(frozenset({(3, SESSION.key), (5, SESSION.key), (5, other.key), (9, SESSION.key), (10, other.key)}))

    assert targets(set_of((eu, us), named, git)[0]) == {EU: 1, US: 2}


def test_each_deploy_job_goes_back_by_itself() -> None:
    """The worker deployed the same version in the same pipeline: web and worker go back together."""
    legs, plan = set_of((harvest(*SHIPPED),), (suspect(BAD, WEB_B),), _all_of(SHIPPED))

    assert targets(legs) == {"production (deploy-web)": 1, "production (deploy-worker)": 2}
    assert plan.target == WEB_A
    assert not any("alone" in caution.says for caution in plan.cautions)


def test_a_job_that_did_not_take_the_change_stays() -> None:
    """The worker still has its old version."""
    legs, _ = set_of((harvest(SHIPPED[0], SHIPPED[1], SHIPPED[2]),), (suspect(BAD, WEB_B),), lineage(*SHIPPED))

    assert targets(legs) == {"production": 1}


def test_suspects_that_two_jobs_brought_go_back_together() -> None:
    """Web brought one, the worker the other: each line goes back to before the suspects that it runs."""
    suspects = (suspect(BAD, WEB_B), suspect(GOOD, WORKER_B))
    older = by("deploy-worker", 0, before(400), "z", 99), by("deploy-web", 9, before(402), "z", 99)
    shipped = (*((row, ()) for row in older), *SHIPPED)
    runs_good = frozenset((row.id, GOOD.key) for row in (WEB_A, WORKER_A, WEB_B, WORKER_B))
    git = Lineage(runs_good | {(3, BAD.key), (4, BAD.key)})
    legs, _ = set_of((harvest(*shipped),), suspects, git)

    assert targets(legs) == {"production (deploy-web)": 9, "production (deploy-worker)": 0}


def test_suspects_of_two_projects_go_back_each_in_its_own() -> None:
    """A service of two projects: the label says which is which."""
    web = alone("production", (deployment(1, before(300)), (CART,)), (deployment(3, before(6)), (SESSION,)))
    twin = replace(SESSION, project="shop/worker")
    worker = alone(
        "production", (deployment(2, before(290)), ()), (deployment(4, before(3)), (twin,)), project="shop/worker"
    )
    whole = united(replace(web.scope, service=Service("web", "shop/web", projects=("shop/worker",))), (web, worker))
    rows = {row.id: row for row in whole.deployments}
    suspects = tuple(Suspect(Candidate(c, rows[n], ()), (), 0.4) for c, n in ((SESSION, 3), (twin, 4)))
    legs, _ = set_of((whole,), suspects, Lineage(frozenset({(3, SESSION.key), (4, twin.key)})))

    assert targets(legs) == {"shop/web production": 1, "shop/worker production": 2}


def test_an_environment_without_facts_is_asked_how_far_back_it_has_the_change() -> None:
    """It came to us before the window: git names the oldest row that has it, and the target lies before that one."""
    us = alone(US, *((deployment(n, before(60 * n), version=f"u{n}"), ()) for n in (11, 12, 13, 14)))
    eu = alone(EU, (deployment(1, before(300)), (CART,)), (deployment(3, before(20), version="b"), (SESSION,)))
    contains = frozenset({(3, SESSION.key), (11, SESSION.key), (12, SESSION.key)})
    legs, _ = set_of((eu, us), (IN_EU,), Lineage(contains))

    assert targets(legs) == {EU: 1, US: 13}


def test_what_is_being_rolled_out_elsewhere_is_cancelled_there() -> None:
    """us still runs the old version, and its deployment of the bad one is on its way."""
    us = alone(US, (deployment(2, before(290)), (CART,)), (deployment(4, None, version="b"), ()))
    eu = alone(EU, (deployment(1, before(300)), (CART,)), (deployment(3, before(20), version="b"), (SESSION,)))
    legs, _ = set_of((eu, us), (IN_EU,), Lineage(frozenset({(3, SESSION.key), (4, SESSION.key)})))

    assert targets(legs) == {EU: 1, US: 2}
    assert [leg.plan.cancel.id if leg.plan.cancel else None for leg in legs] == [None, 4]
    assert legs[1].plan.cancel is not None
    assert legs[1].plan.cancel.job is not None


def test_without_a_suspect_the_newest_place_goes_back_with_all_jobs_of_its_pipeline() -> None:
    """Undo the last deployment: what its pipeline deployed, in the place that it deployed to."""
    (only,) = lines_of((regions(),), ())
    jobs = lines_of((harvest(*SHIPPED),), ())

    assert only.place == Place("shop/web", US)
    assert [line.job for line in jobs] == ["deploy-worker", "deploy-web"]


def test_a_service_that_goes_back_by_a_pipeline_goes_back_as_a_place() -> None:
    """No job matters, and none is needed: what no job made is a target too."""
    told = replace(WEB, rollback=GoingBack.PIPELINE)
    made = tuple((replace(row, job=None), changes) for row, changes in SHIPPED)
    found = harvest(*made)
    found = replace(found, scope=replace(found.scope, service=told))
    legs, _ = set_of((found,), (suspect(BAD, replace(WEB_B, job=None)),), lineage(*SHIPPED))
    (leg,) = legs

    assert (leg.job, leg.label) == ("", "production")
    assert leg.plan.target is not None
    assert (leg.plan.target.id, leg.plan.target.job) == (1, None)


def test_a_pipeline_still_cancels_the_job_that_runs() -> None:
    """The place is one line, but what is cancelled is cancelled by its job."""
    running = deployment(4, None, version="b")
    found = harvest((deployment(1, before(300)), ()), (running, (BAD,)))
    found = replace(found, scope=replace(found.scope, service=replace(WEB, rollback=GoingBack.LINK)))
    (leg,), _ = set_of((found,), (suspect(BAD, running),), Lineage(frozenset({(4, BAD.key)})))

    assert leg.plan.cancel == running


def test_the_production_environments_of_the_settings_go_back_too() -> None:
    """By GitLab's tiers: not staging, nothing that the settings don't name, and only beside production."""
    service = Service("web", "shop/web", ("production", "live-us", "staging"))
    scope = replace(harvest().scope, service=service)
    known = tuple(
        KnownEnvironment("shop/web", name, tier)
        for name, tier in (
            ("production", "production"),
            ("live-us", "production"),
            ("staging", "staging"),
            ("other", "production"),
        )
    )

    assert further_places(scope, known, (Place("shop/web", "production"),)) == (Place("shop/web", "live-us"),)
    assert further_places(scope, known, (Place("shop/web", "staging"),)) == ()
    assert may_have_further(scope)
    assert not may_have_further(harvest().scope)
    assert not may_have_further(replace(scope, service=WHOLE, environment="production/*"))


def test_a_place_that_could_not_be_read_is_said_not_to_go_back() -> None:
    """Nobody knows whether it runs the change."""
    leg = unread_leg(Place("shop/web", US), "502 Bad Gateway")

    assert leg.plan.target is None
    assert "GitLab could not be asked what runs in production/us" in leg.plan.why_none


def test_a_created_row_of_another_environment_makes_no_leg() -> None:
    """A manual job that nobody played yet has changed nothing there."""
    waiting = replace(deployment(4, None, version="b"), status=DeploymentStatus.CREATED)
    us: Harvest = alone(US, (deployment(2, before(290)), (CART,)), (waiting, ()))
    eu = alone(EU, (deployment(1, before(300)), (CART,)), (deployment(3, before(20), version="b"), (SESSION,)))
    legs, _ = set_of((eu, us), (IN_EU,), Lineage(frozenset({(3, SESSION.key), (4, SESSION.key)})))

    assert targets(legs) == {EU: 1}


def _all_of(shipped: tuple[tuple[Deployment, tuple[Change, ...]], ...]) -> Lineage:
    """A straight history in which both jobs of a pipeline have its version."""
    bad = frozenset((row.id, BAD.key) for row in (WEB_B, WORKER_B))
    return replace(lineage(*shipped), contains=lineage(*shipped).contains | bad)


def test_changes_that_only_one_leg_undoes_are_listed_once() -> None:
    """What the set undoes is what any of its legs undoes."""
    extra = change(46, "Extra", changed("c.py"))
    git = Lineage(IN_BOTH, undone=((1, (SESSION.key,)), (2, (SESSION.key, extra.key))))
    _, plan = set_of((regions(),), (IN_EU,), git)

    assert [ref.key for ref in plan.undoes] == [SESSION.key, extra.key]


def test_the_scope_of_one_place_is_left_as_it_is() -> None:
    """The usual service: one line, the harvest itself."""
    found = harvest((deployment(1, before(300)), ()), (deployment(3, before(6)), (BAD,)))
    (line,) = lines_of((found,), (suspect(BAD, deployment(3, before(6))),))

    assert line.harvest is found
    assert narrowed(found.scope, line.place).environment == "production"
