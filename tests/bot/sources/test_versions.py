"""What is in the versions that an alert says, and in what was live: git's answer, from a real repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtrace_core.model import Version
from tests.bot.sources.days import Days, Seen, seen
from tests.core.builders import alert
from tests.sandbox.gitlab.small_world import T0


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path)


def version(found: Seen, sha: str) -> Version | None:
    return next((version for version in found.harvest.versions if version.sha == sha), None)


def labels(found: Seen, keys: frozenset[str]) -> set[str]:
    return {change.label for change in found.harvest.changes if change.key in keys}


async def test_a_version_has_what_came_before_it_and_lacks_what_came_later(days: Days):
    """Merges and squashes alike; the branch's own commits of a squash are not known to anybody."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 30)
    squashed = days.commit("squashed", one, hours=20)
    days.merge_request(2, 20, days.commit("lost", one, hours=21), squash_commit_sha=squashed)
    three = days.merge(3, squashed, 5)
    days.deploy(10, root, 150)
    days.deploy(11, one, 29)
    days.deploy(12, squashed, 19)
    days.deploy(13, three, 4)
    asked = alert("Errors", f"release: {squashed[:9]}", at=T0)

    async with seen(days, asked=asked) as found:
        said, live = version(found, squashed), version(found, three)
        assert said is not None
        assert live is not None
        assert (said.said, live.said) == (squashed[:9], "")
        assert said.url == next(row.url for row in found.harvest.deployments if row.id == 12)
        assert (labels(found, said.has), labels(found, said.lacks)) == ({"!1", "!2"}, {"!3"})
        assert (labels(found, live.has), labels(found, live.lacks)) == ({"!1", "!2", "!3"}, set())


async def test_a_version_that_was_never_deployed_is_known_by_its_commit(days: Days):
    """A canary has it, of which this GitLab knows no deployment."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 30)
    two = days.merge(2, one, 20)
    days.deploy(10, root, 150)
    days.deploy(11, two, 19)

    async with seen(days, asked=alert("Errors", f"git_sha={one}", at=T0)) as found:
        said = version(found, one)
        assert said is not None
        assert said.url == found.change("!1").url
        assert (labels(found, said.has), labels(found, said.lacks)) == ({"!1"}, {"!2"})


async def test_of_a_branch_that_the_window_left_nothing_is_known(days: Days):
    """The hotfix was built upon the old version: the commits from what is live back have no !1, and so say nothing."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 30)
    hotfix = days.merge(2, root, 5)
    days.deploy(10, root, 150)
    days.deploy(11, one, 29)
    days.deploy(12, hotfix, 4)

    async with seen(days, asked=alert("Errors", at=T0)) as found:
        live = version(found, hotfix)
        assert live is not None
        assert (labels(found, live.has), labels(found, live.lacks)) == ({"!2"}, set())


async def test_what_somebody_went_back_past_is_not_in_what_is_live(days: Days):
    """From !2 past !1 to the root: of the newest pipeline the commits are known, so git can say it."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 30)
    two = days.merge(2, one, 5)
    days.deploy(10, root, 150)
    days.deploy(11, one, 29)
    days.deploy(12, two, 4)
    days.deploy(13, root, 3, pipeline=910)

    async with seen(days, asked=alert("Errors", at=T0)) as found:
        live = version(found, root)
        assert live is not None
        assert (labels(found, live.has), labels(found, live.lacks)) == (set(), {"!1", "!2"})


async def test_a_backport_is_in_the_version_that_has_it(days: Days):
    """!1 came to the release branch as a cherry-pick: another commit, the same change."""
    root = days.commit("root", hours=200)
    one = days.merge(1, root, 30)
    picked = days.commit("picked", root, hours=5, message=f"Work 1\n\n(cherry picked from commit {one})")
    days.deploy(10, root, 150)
    days.deploy(11, one, 29)
    days.deploy(12, picked, 4)

    async with seen(days, asked=alert("Errors", at=T0)) as found:
        live = version(found, picked)
        assert live is not None
        assert "!1" in labels(found, live.has)


async def test_of_a_version_from_long_before_the_window_nothing_is_known(days: Days):
    """Nothing is asked for it: what git has not said already stays unsaid."""
    old = days.commit("old", hours=500)
    root = days.commit("root", old, hours=400)
    base = days.commit("base", root, hours=200)
    days.deploy(8, old, 490)
    days.deploy(9, root, 390)
    days.deploy(10, base, 150)
    days.deploy(11, days.merge(1, base, 30), 29)

    async with seen(days, asked=alert("Errors", f"version: {old}", at=T0)) as found:
        assert version(found, old) is None
        assert version(found, found.harvest.deployments[0].sha) is not None


async def test_without_an_alert_there_is_no_version(days: Days):
    """A harvest for going back asks for none."""
    root = days.commit("root", hours=200)
    days.deploy(10, root, 150)
    days.deploy(11, days.merge(1, root, 30), 29)

    async with seen(days) as found:
        assert found.harvest.versions == ()
