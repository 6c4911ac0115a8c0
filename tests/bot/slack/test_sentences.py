"""Sentences of the card that need no whole card to be tried."""

from dataclasses import replace

import pytest

from backtrace_core.model import Candidate, ChangeKind, ChangeRef, Deployment, DeploymentStatus, Evidence, Suspect
from backtrace_core.rank import rank
from backtrace_core.trace import trace
from bot.slack.evidence import fact_line
from bot.slack.sentences import deployed_when, lineage, went_live
from tests.core.builders import alert, before, change, deployment, harvest


def ref(iid: int, title: str) -> ChangeRef:
    return ChangeRef(
        f"shop/web!{iid}", f"!{iid}", title, f"https://gitlab.acme.test/shop/web/-/merge_requests/{iid}", "vani"
    )


def test_a_backport_says_of_what_and_a_revert_what_it_takes_back():
    """With links, and with foreign titles escaped."""
    both = replace(change(50, "Both"), came_from=(ref(45, "<!channel> now"),), reverts=(ref(40, "Old"),))

    assert lineage(both) == (
        "Backport of <https://gitlab.acme.test/shop/web/-/merge_requests/45|!45 &lt;!channel&gt; now>"
        " · Reverts <https://gitlab.acme.test/shop/web/-/merge_requests/40|!40 Old>"
    )
    assert lineage(change(45, "Plain")) == ""


def test_a_deployment_that_failed_is_never_said_to_have_gone_live():
    """The card says that the change was on its way, and that the deployment failed."""
    broken = replace(deployment(2, before(20)), status=DeploymentStatus.FAILED)
    found = harvest((broken, (change(45, "Tighten"),)), (deployment(1, before(hours=30)), ()))
    suspect = rank(trace(found, alert("Errors")), alert("Errors"), found).suspects[0]

    assert "was on its way to production with" in went_live(suspect, alert("Errors"), "!45")
    assert "which failed" in went_live(suspect, alert("Errors"), "!45")
    assert deployed_when(broken, alert("Errors")) == "in a deployment that failed"


@pytest.mark.parametrize(
    ("shipped", "says"),
    [
        (deployment(2, before(6)), "before the question. It went live <!date^"),
        (replace(deployment(2, before(20)), status=DeploymentStatus.FAILED), "which failed. That was <!date^"),
        (replace(deployment(2, before(20)), started_at=before(-9), finished_at=None), "The rollout began <!date^"),
        (replace(deployment(2, before(20)), started_at=before(20), finished_at=before(-5)), "later, <!date^"),
    ],
)
def test_each_time_says_whose_it_is(shipped: Deployment, says: str):
    """Behind "before the alert" a bare time is taken for the alert's."""
    asked = replace(alert("Errors"), sender="question")
    told = went_live(Suspect(Candidate(change(45, "Tighten"), shipped, ()), (), 0.9), asked, "!45")

    assert says in told
    assert "(<!date" not in told


def test_the_time_of_what_came_by_no_deployment_stands_where_it_happened():
    """A flag was changed then."""
    flag = replace(change(45, "new_totals"), kind=ChangeKind.FEATURE_FLAG, merged_at=before(9))
    told = went_live(Suspect(Candidate(flag, None, ()), (), 0.9), alert("Errors"), "flag")

    assert "it was changed <!date^" in told
    assert told.endswith("9 min before the alert.")


def test_an_absolute_path_is_linked_as_a_whole() -> None:
    """Its first slash is a part of it, and no text before a link."""
    fact = Evidence("frame_in_hunk", 1.0, "The stack trace passes /srv/web/a.py:42, inside its lines", "https://x/y")

    assert fact_line(fact) == "The stack trace passes <https://x/y|/srv/web/a.py:42>, inside its lines"
