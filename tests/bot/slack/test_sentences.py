"""Sentences of the card that need no whole card to be tried."""

from dataclasses import replace

from backtrace_core.model import ChangeRef, DeploymentStatus
from backtrace_core.rank import rank
from backtrace_core.trace import trace
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
