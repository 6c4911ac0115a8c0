"""Deployments that failed or were cancelled: their scripts may have changed the environment all the same."""

from dataclasses import replace

from backtrace_core.history import live
from backtrace_core.model import Deployment, DeploymentStatus
from backtrace_core.rank import rank
from backtrace_core.rollback import possible_targets
from backtrace_core.trace import trace
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

GOOD = deployment(1, before(hours=30), version="good")
CULPRIT = change(45, "Tighten session expiry", changed("auth/session.py", lines("def is_expired(): raise KeyError")))
ALERT = alert("KeyError in is_expired", "auth/session.py")


def failed(number: int, minutes: float, version: str) -> Deployment:
    return replace(deployment(number, before(minutes), version=version), status=DeploymentStatus.FAILED)


def test_a_change_that_only_a_failed_deployment_brought_is_a_candidate():
    """The card says that the deployment failed, and it is never what is live."""
    broken = failed(2, 20, "bad")
    found = harvest((broken, (CULPRIT,)), (GOOD, ()))
    candidates = trace(found, ALERT)

    assert [(c.change.iid, c.deployment.id) for c in candidates] == [(45, 2)]
    says = [e.says for e in rank(candidates, ALERT, found).suspects[0].evidence]
    assert "Its deployment failed 20 min before the alert, but its job may have changed production" in says
    assert live(found.deployments) == GOOD


def test_it_weighs_less_than_a_deployment_that_succeeded():
    """Most that fail leave things as they were."""
    other = change(46, "Tighten session expiry more", changed("auth/session.py", lines("def is_expired(): pass")))
    good = deployment(3, before(20), version="next")
    found = harvest((failed(2, 20, "bad"), (CULPRIT,)), (good, (other,)), (GOOD, ()))
    ranking = rank(trace(found, ALERT), ALERT, found)
    weights = {s.candidate.change.iid: w for s in ranking.suspects for e in s.evidence
               if (w := e.weight) and e.rule == "deployed_before_onset"}  # fmt: skip

    assert weights[45] < weights[46]


def test_a_success_of_the_same_version_counts_instead():
    """The change is live then, and the deployment that made it so is the one to go back from."""
    again = deployment(3, before(10), version="bad")
    found = harvest((again, (CULPRIT,)), (failed(2, 20, "bad"), (CULPRIT,)), (GOOD, ()))

    assert [c.deployment.id for c in trace(found, ALERT)] == [3]


def test_what_a_later_success_replaced_is_gone():
    """Its script's doing was overwritten before the trouble began."""
    fine = deployment(3, before(60), version="fine")
    found = harvest((fine, ()), (failed(2, 120, "bad"), (CULPRIT,)), (GOOD, ()))

    assert trace(found, ALERT) == ()


def test_cancelled_before_it_began_is_no_deployment():
    """Nothing ran."""
    broken = replace(failed(2, 20, "bad"), status=DeploymentStatus.CANCELED, started_at=None)
    found = harvest((broken, (CULPRIT,)), (GOOD, ()))

    assert trace(found, ALERT) == ()


def test_it_is_never_gone_back_to():
    """The way back from a failed deployment is to repeat the last good one."""
    found = harvest((failed(2, 20, "bad"), (CULPRIT,)), (failed(4, 40, "other"), ()), (GOOD, ()))
    suspects = rank(trace(found, ALERT), ALERT, found).suspects

    assert possible_targets(found, suspects) == (GOOD,)
