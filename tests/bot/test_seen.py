"""What a submit is compared with: all that its presser decided upon, and nothing that changes by itself."""

from dataclasses import replace

import pytest

from backtrace_core.model import Caution, Place, RollbackLeg, RollbackPlan
from bot.workflows.checking import Checked, CheckedLeg
from tests.core.builders import before, deployment

TARGET, LIVE = deployment(1, before(300)), deployment(2, before(9))
PLAN = RollbackPlan(TARGET, LIVE)
LEG = CheckedLeg(RollbackLeg(Place("shop/web", "production"), "deploy", "production", PLAN), 1001, ref="main")
HELD = Caution("The resource group production is held: job reindex of tomas waits for it already", "https://g/1")


def seen(leg: CheckedLeg, *cautions: Caution) -> str:
    return Checked(replace(PLAN, cautions=(*leg.against, *cautions)), "mara", legs=(leg,)).seen


@pytest.mark.parametrize(
    "changed",
    [
        seen(replace(LEG, ref="v2")),
        seen(replace(LEG, newest_job_id=1002)),
        seen(replace(LEG, against=(Caution("A deploy freeze is on, until 21 Nov 08:00 UTC"),))),
        seen(replace(LEG, against=(HELD,))),
        seen(LEG, Caution("Deployment 3 (abc) is still running")),
        seen(LEG, Caution("While it was live 2 h ago, this fired: CartErrors")),
    ],
)
def test_what_the_presser_decides_upon_is_in_it(changed: str) -> None:
    """The branch, the job, a freeze, a held group, what is under way, what fired in the target's own time."""
    assert changed != seen(LEG)


def test_what_changes_by_itself_is_not() -> None:
    """Minutes pass, and the queue before a resource group moves on: the presser knows as much as before."""
    fired = [Caution(f"While it was live {age} ago, this fired: CartErrors") for age in ("59 min", "1 h", "2 days")]
    moved_on = Caution("The resource group production is held: job seed and 2 more wait for it", "https://g/2")

    assert len({seen(LEG, one) for one in fired}) == 1
    assert seen(replace(LEG, against=(HELD,))) == seen(replace(LEG, against=(moved_on,)))
