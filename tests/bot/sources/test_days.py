"""What is live, what shipped and where to go back to, through the embedded GitLab from a real git repository."""

from pathlib import Path

import pytest

from backtrace_core.history import here, live
from backtrace_core.model import DeploymentStatus
from backtrace_core.rollback_lines import lines_of
from sandbox.gitlab import GitLabOptions
from tests.bot.sources.days import Days, before, carried, seen


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path)


async def test_an_older_pipelines_job_that_was_played_later_is_live(days: Days):
    """Its row has the smaller id and pipeline, and was made days ago; what it took away is live no more."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 90)
    two = days.merge(2, one, 30)
    days.deploy(10, root, 150)
    days.deploy(11, one, 1, created_at=before(89), played_by="cy")
    days.deploy(12, two, 20)

    async with seen(days) as found:
        now = live(here(found.harvest))
        assert now is not None
        assert (now.id, now.deployer and now.deployer.username) == (11, "cy")
        assert [row.id for row in found.harvest.deployments] == [11, 12, 10]


async def test_running_blocked_and_created_ones_are_never_live(days: Days):
    """A query for finished ones returns none of them: each status is asked for by itself, and stands apart."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 5)
    two = days.merge(2, one, 4)
    days.deploy(10, root, 150)
    days.deploy(11, one, 0.01, status="running", finished_at=None)
    days.deploy(12, two, 0.01, status="blocked", started_at=None, finished_at=None)
    days.deploy(13, two, 0.01, status="created", started_at=None, finished_at=None)

    async with seen(days) as found:
        now = live(here(found.harvest))
        assert now is not None
        assert now.id == 10
        assert {row.id: row.status.value for row in found.harvest.deployments} == {
            10: "success", 11: "running", 12: "blocked", 13: "created",
        }  # fmt: skip
        assert found.carried() == {"!1": 11}


@pytest.mark.parametrize("tier", ["production", "other"])
async def test_a_foldered_environment_has_its_changes(tmp_path: Path, tier: str):
    """GitLab links nothing to ``live/eu`` unless it is production; git tells what it brought, and the way back."""
    days = Days(tmp_path, "live/eu", tier)
    root = days.commit("root", hours=200)
    days.deploy(10, root, 150)
    days.deploy(11, days.merge(1, root, 5), 1)

    async with seen(days) as found:
        assert found.carried() == {"!1": 11}
        assert found.harvest.gaps == ()
        plan = await found.way_back("!1")
    assert plan.target is not None
    assert plan.target.id == 10


async def test_before_the_worker_ran_git_tells(days: Days):
    """In the seconds after a success GitLab has linked nothing yet."""
    root = days.commit("root", hours=200)
    days.deploy(10, root, 150)
    days.deploy(11, days.merge(1, root, 5), 0.001)

    assert await carried(days, GitLabOptions(link_after=None)) == {"!1": 11}


@pytest.mark.parametrize("linked", [2.0, None])
async def test_squashed_and_fast_forwarded_merges_are_named(days: Days, linked: float | None):
    """A squash on the main line, and a branch of two commits merged by fast-forward: on older servers GitLab links
    neither. Each is its merge request, no commit stands for itself."""
    root = days.commit("root", hours=200)
    branch = days.commit("branch", root, hours=9)
    squash = days.commit("squash", root, hours=8)
    first = days.commit("first", squash, hours=7)
    head = days.commit("second", first, hours=6)
    days.merge_request(1, 8, branch, squash_commit_sha=squash)
    days.merge_request(2, 5, head, base_sha=squash)
    days.deploy(10, root, 150)
    days.deploy(11, head, 1)

    async with seen(days, GitLabOptions(link_after=linked)) as found:
        assert found.carried() == {"!1": 11, "!2": 11}
        plan = await found.way_back("!2")
    assert plan.target is not None
    assert plan.target.id == 10


async def test_the_first_deployment_of_an_environment_is_capped_and_says_so(days: Days):
    """GitLab links all that was ever merged: the newest hundred are read, and the card can tell."""
    tip = days.commit("root", hours=200)
    for iid in range(1, 131):
        tip = days.merge(iid, tip, 150 - iid)
    days.deploy(10, tip, 1)

    async with seen(days) as found:
        assert len(found.carried()) == 100
        assert "!130" in found.carried()
        assert ("merge requests of deployment 10", "only 100 are read") in {
            (gap.what, gap.why) for gap in found.harvest.gaps
        }


async def test_an_outside_tools_deployments_are_traced_and_not_retried(days: Days):
    """No job: they end when they were touched last; who made the row deployed it, and nothing can be gone back to."""
    root = days.commit("root", hours=200)
    days.deploy(10, root, 150, has_job=False, started_at=None)
    days.deploy(11, days.merge(1, root, 5), 1, has_job=False, started_at=None)

    async with seen(days) as found:
        row = found.harvest.deployments[0]
        assert (row.id, row.finished_at, row.job) == (11, before(1), None)
        assert row.deployer is not None
        assert row.deployer.username == "bo"
        assert found.carried() == {"!1": 11}
        plan = await found.way_back("!1")
    assert plan.target is None
    assert "can be retried" in plan.why_none
    assert any("10" in caution.says and caution.url for caution in plan.cautions)


async def test_who_played_the_job_deployed(days: Days):
    """Bo's pipeline offered the job, Cy pressed it."""
    root = days.commit("root", hours=200)
    days.deploy(10, root, 150)
    days.deploy(11, days.merge(1, root, 5), 1, user="bo", played_by="cy")

    async with seen(days) as found:
        deployer = found.harvest.deployments[0].deployer
    assert deployer is not None
    assert deployer.username == "cy"


async def test_several_jobs_of_one_pipeline_bring_the_change_once(days: Days):
    """Two regions of one environment, one after the other: the change counts by the job that brought it first, and
    that job's own last version is where to go back to; the other job goes back with it."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 5)
    for number, sha, hours in ((10, root, 150), (20, one, 1)):
        days.deploy(number, sha, hours, job_id=8000 + number, pipeline=900 + number)
        days.deploy(number + 1, sha, hours - 0.1, job_id=8001 + number, pipeline=900 + number)

    async with seen(days, jobs={8010: "eu", 8011: "us", 8020: "eu", 8021: "us"}) as found:
        assert found.carried() == {"!1": 20}
        plan = await found.way_back("!1")
        lines = lines_of((found.harvest,), found.suspects("!1"))
    assert plan.target is not None
    assert (plan.target.id, plan.target.job and plan.target.job.name) == (10, "eu")
    assert {line.job for line in lines} == {"eu", "us"}


@pytest.mark.parametrize("status", ["failed", "canceled"])
async def test_what_broke_off_counts_but_is_no_way_back(days: Days, status: str):
    """Its job may have changed production: !1 is a candidate by it, though what is live never had it."""
    root = days.commit("root", hours=200)
    days.deploy(10, root, 150)
    days.deploy(11, days.merge(1, root, 5), 1, status=status)

    async with seen(days) as found:
        now = live(here(found.harvest))
        assert now is not None
        assert now.id == 10
        assert found.harvest.deployments[0].status is DeploymentStatus(status)
        assert found.carried() == {"!1": 11}


async def test_what_failed_first_and_then_succeeded_came_once(days: Days):
    """The same version, retried: the change counts by the success."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 5)
    days.deploy(10, root, 150)
    days.deploy(11, one, 2, pipeline=911, status="failed")
    days.deploy(12, one, 1, pipeline=911)

    assert await carried(days) == {"!1": 12}


async def test_what_failed_before_the_trouble_counts_though_it_succeeded_after(days: Days):
    """The retry came as a cure, after the onset: what the failed attempt changed may be the cause."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 5)
    days.deploy(10, root, 150)
    days.deploy(11, one, 1, pipeline=911, status="failed")
    days.deploy(12, one, -0.1, pipeline=911)

    assert await carried(days) == {"!1": 11}
