"""Several deploy jobs to one environment: each goes back by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from backtrace_core.history import rolled_back_from
from backtrace_core.model import Candidate, Change, Deployment, Suspect
from backtrace_core.rollback import last_deployment_plan, possible_targets
from tests.core.builders import before, change, changed, chosen, deployment, harvest, lineage

BAD = change(45, "Bad", changed("a.py"))
GOOD = change(44, "Good", changed("b.py"))


def by(job: str, number: int, finished: datetime, version: str, pipeline: int) -> Deployment:
    row = deployment(number, finished, version=version, pipeline=pipeline)
    assert row.job is not None
    return replace(row, job=replace(row.job, name=job))


def suspect(change: Change, deployment: Deployment) -> Suspect:
    return Suspect(Candidate(change, deployment, ()), (), 0.9)


WEB_A, WORKER_A = by("deploy-web", 1, before(198), "a", 100), by("deploy-worker", 2, before(199), "a", 100)
WEB_B, WORKER_B = by("deploy-web", 3, before(9), "b", 101), by("deploy-worker", 4, before(6), "b", 101)
SHIPPED = ((WEB_A, (GOOD,)), (WORKER_A, ()), (WEB_B, (BAD,)), (WORKER_B, ()))


def test_only_the_same_deploy_job_goes_back() -> None:
    """Retrying the worker's job would leave the bad version of the web in place; the newest target is the web's own."""
    found = harvest(*SHIPPED)

    assert [t.id for t in possible_targets(found, (suspect(BAD, WEB_B),))] == [1]


def test_the_plan_speaks_of_the_same_job() -> None:
    """What is replaced is the web's own deployment; the worker's is a leg of its own (test_rollback_set)."""
    plan = chosen(harvest(*SHIPPED), (suspect(BAD, WEB_B),), lineage(*SHIPPED))

    assert plan.target == WEB_A
    assert plan.replaces == WEB_B
    assert plan.cautions == ()


def test_a_sibling_that_went_back_does_not_make_the_environment_back() -> None:
    """The worker has the old version again, the web does not: the web still has to go back."""
    worker_back = (by("deploy-worker", 5, before(2), "a", 100), ())
    plan = chosen(harvest(*SHIPPED, worker_back), (suspect(BAD, WEB_B),), lineage(*SHIPPED))

    assert plan.target == WEB_A
    assert plan.why_none == ""


def test_a_slow_sibling_is_no_rollback() -> None:
    """An older pipeline's worker that finishes after the next pipeline's web went back from nothing."""
    slow_worker = by("deploy-worker", 6, before(8), "a", 100)

    assert rolled_back_from((by("deploy-web", 0, before(300), "a", 99), WEB_A, WEB_B, slow_worker)) == {}


def test_the_last_deployment_goes_back_by_its_own_job() -> None:
    """What finished last is the worker: its own older deployment is the target."""
    plan = last_deployment_plan(harvest(*SHIPPED), lineage(*SHIPPED))

    assert plan.target == WORKER_A
    assert plan.replaces == WORKER_B
