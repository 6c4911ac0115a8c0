from __future__ import annotations

from datetime import timedelta

import pygit2

from sandbox.worlds.model import World
from tests.sandbox.worlds.conftest import T0
from tests.sandbox.worlds.history import contains, diff_of, files_at, landed, opened, paths_of


def test_as_many_as_the_story_says(worlds: dict[str, World]) -> None:
    """At least 40 merge requests by 8 people, 14 successful production deployments, over four days."""
    world = worlds["login"]
    bots = {user.username for user in world.users if user.bot}
    authors = {change.author for change in world.merge_requests} - bots
    live = [d for d in world.deployments if d.environment == "production" and d.status == "success"]

    assert len(world.merge_requests) >= 40
    assert len(authors) == 8
    assert len(live) == 14
    assert {d.status for d in world.deployments} == {"success", "failed", "canceled"}
    assert len({change.merged_at.date() for change in world.merge_requests}) == 4


def test_the_alert_comes_six_minutes_after_four_merge_requests(worlds: dict[str, World]) -> None:
    """The last deployment ended six minutes before the alert and shipped four merge requests, also the culprit."""
    world = worlds["login"]
    assert world.expect is not None
    bad, good = (
        next(d for d in world.deployments if d.id == wanted)
        for wanted in (world.expect.deployment, world.expect.target)
    )
    shipped = [c for c in world.merge_requests if contains(world, bad, c) and not contains(world, good, c)]

    assert bad.finished_at == T0.replace(microsecond=0) - timedelta(minutes=6)
    assert [change.iid for change in shipped] == [42, 44, 45, 46]


def test_the_culprit(worlds: dict[str, World]) -> None:
    """!45 by vani closes work item #1 of the same title and is the only one in the window to touch auth/session.py."""
    world = worlds["login"]
    culprit = next(change for change in world.merge_requests if change.iid == 45)
    touching = [change.iid for change in world.merge_requests if "auth/session.py" in paths_of(world, change)]

    assert (culprit.title, culprit.author, culprit.closes) == ("Tighten session expiry", "vani", (1,))
    assert world.issues[0].iid == 1
    assert world.issues[0].title == culprit.title
    assert world.issues[0].closed_at is not None
    assert touching == [45]
    message = opened(world)[landed(culprit)].peel(pygit2.Commit).message
    assert message.startswith("Merge branch '1-tighten-session-expiry' into 'main'\n\nTighten session expiry\n\n")
    assert message.endswith("See merge request shop/web!45")


def test_the_alert_names_a_line_that_the_culprit_wrote(worlds: dict[str, World]) -> None:
    """The frame in the alert is a line of the culprit's diff."""
    world = worlds["login"]
    culprit = next(change for change in world.merge_requests if change.iid == 45)
    text = world.alert.firing["attachments"][0]["text"]
    number = int(text.split("line ")[1].split(",")[0])
    bad = next(d for d in world.deployments if world.expect is not None and d.id == world.expect.deployment)
    text_of = files_at(world.project.repository, bad.sha)["auth/session.py"]

    assert "login error rate jumped 5x" in text
    assert f"+{text_of.splitlines()[number - 1]}" in diff_of(world, culprit).splitlines()


def test_what_is_live_does_not_follow_the_ids(worlds: dict[str, World]) -> None:
    """One production deployment of an older pipeline ended after one of a newer pipeline."""
    live = [d for d in worlds["login"].deployments if d.environment == "production" and d.finished_at]
    by_finish = sorted(live, key=lambda d: (d.finished_at is not None, d.finished_at))

    assert [d.id for d in by_finish] != [d.id for d in sorted(live, key=lambda d: d.id)]
