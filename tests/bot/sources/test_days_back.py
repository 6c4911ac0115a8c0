"""After going back, and after what follows it: what is live, what shipped, what is good to go back to."""

from pathlib import Path

import pytest

from backtrace_core.history import here, live
from backtrace_core.model import Lineage
from backtrace_core.rollback import last_deployment_plan, possible_targets
from tests.bot.sources.days import Days, seen


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path)


def gone_back(days: Days) -> tuple[str, str]:
    """10 good, 11 ships !1, which somebody went back from with 12, in the pipeline of 10."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 30)
    days.deploy(10, root, 150)
    days.deploy(11, one, 20)
    days.deploy(12, root, 10, pipeline=910)
    return root, one


async def test_after_going_back_the_old_version_is_live_and_nothing_shipped(days: Days):
    """The rollback brought nothing, and what it took away explains no trouble that began later."""
    gone_back(days)

    async with seen(days) as found:
        now = live(here(found.harvest))
        assert now is not None
        assert now.id == 12
        assert found.carried() == {}
        assert "already rolled back" in last_deployment_plan(found.harvest, Lineage()).why_none


async def test_the_next_deployment_ships_again_what_was_gone_back_from(days: Days):
    """GitLab keeps !1 with the deployment that people left; it came again by 13, beside !2. Good is what they went
    back to, by its newest row, never the one that they left."""
    _, one = gone_back(days)
    days.deploy(13, days.merge(2, one, 5), 1)

    async with seen(days) as found:
        assert found.carried() == {"!1": 13, "!2": 13}
        for label in ("!1", "!2"):
            plan = await found.way_back(label)
            assert plan.target is not None
            assert plan.target.id == 12
            assert {ref.label for ref in plan.undoes} == {"!1", "!2"}


@pytest.mark.parametrize("way", ["a new pipeline", "an outside tool"])
async def test_going_back_otherwise_than_by_retry_is_seen(days: Days, way: str):
    """People run a new pipeline for the old version, or a tool deploys it: !1 is gone all the same, and no way back."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 30)
    has_job = way == "a new pipeline"
    days.deploy(10, root, 150, has_job=has_job)
    days.deploy(11, one, 20, has_job=has_job)
    days.deploy(12, root, 10, has_job=has_job)

    async with seen(days) as found:
        assert found.carried() == {}
        assert possible_targets(found.harvest, ()) == (found.harvest.deployments[2],)


async def test_a_hotfix_branch_between_two_main_deployments_shifts_nothing(days: Days):
    """Deployed from a branch that main lacks: !1 came with main's next deployment, and the hotfix is the way back."""
    root = days.commit("root", hours=200)
    hotfix = days.merge(5, root, 30)
    days.deploy(10, root, 150)
    days.deploy(11, hotfix, 20, ref="hotfix")
    days.deploy(12, days.merge(1, root, 5), 1)

    async with seen(days) as found:
        assert found.carried() == {"!5": 11, "!1": 12}
        plan = await found.way_back("!1")
    assert plan.target is not None
    assert plan.target.id == 11


async def test_a_bad_version_that_was_deployed_again_brings_its_change_again(days: Days):
    """The same version in the same pipeline, after going back: its link list is empty, and yet !1 is what came."""
    _, one = gone_back(days)
    days.deploy(13, one, 1, pipeline=911)

    async with seen(days) as found:
        assert found.carried() == {"!1": 13}
        plan = await found.way_back("!1")
    assert plan.target is not None
    assert plan.target.id == 12
