"""What the worlds besides login claim, held against their data."""

from __future__ import annotations

from datetime import timedelta

from backtrace_core.migrations import is_migration
from backtrace_core.words import stem, words_in
from sandbox.worlds.model import Deployment, MergeRequest, World
from tests.sandbox.worlds.conftest import T0
from tests.sandbox.worlds.history import contains, diff_of, paths_of

PRODUCTION = "production"


def culprit_of(world: World) -> MergeRequest:
    return next(change for change in world.merge_requests if world.expect and change.iid == world.expect.culprit)


def live_of(world: World) -> list[Deployment]:
    """Successful production deployments, newest finish first."""
    live = [d for d in world.deployments if d.environment == PRODUCTION and d.status == "success"]
    return sorted(live, key=lambda d: d.finished_at or T0, reverse=True)


def test_the_names(worlds: dict[str, World]) -> None:
    """The worlds, under the names by which people ask for them, in the order of the telling."""
    expected = (
        "login",
        "checkout",
        "outage",
        "thin",
        "slow-burn",
        "rolling",
        "flag",
        "regions",
        "gitops",
        "library",
        "storm",
    )
    assert tuple(worlds) == expected
    assert all(world.name == name for name, world in worlds.items())


def test_checkout_ships_a_migration(worlds: dict[str, World]) -> None:
    """The culprit drops columns in a migration, in the newest deployment; the card has to name that file, and what of
    it can't be undone."""
    world = worlds["checkout"]
    culprit = culprit_of(world)
    migrations = [path for path in paths_of(world, culprit) if is_migration(path)]

    assert world.expect is not None
    assert world.expect.card_says == (*migrations, '"RunSQL"')
    assert "RemoveField" in diff_of(world, culprit)
    assert world.expect.deployment == live_of(world)[0].id
    assert contains(world, live_of(world)[0], culprit)


def test_outage_shipped_nothing_that_the_alert_speaks_of(worlds: dict[str, World]) -> None:
    """No word of the alert is in anything that was merged in the days before, and nothing was shipped just before."""
    world = worlds["outage"]
    alert = world.alert.firing["attachments"][0]
    said = set(words_in(f"{alert['title']} {alert['text']}")) - {"payment"}
    shipped = set()
    for change in world.merge_requests:
        touched = [line[1:] for line in diff_of(world, change).splitlines() if line.startswith(("+", "-"))]
        shipped |= set(words_in(" ".join([change.title, change.description, *touched])))

    assert {stem(word) for word in ("nordpay", "provider", "connection", "charge")} <= said
    assert not said & shipped
    assert live_of(world)[0].finished_at is not None
    assert T0 - live_of(world)[0].finished_at > timedelta(hours=2)


def test_outage_expects_nobody(worlds: dict[str, World]) -> None:
    """Nobody is named, nothing is to be rolled back, and the sender ends it."""
    expect = worlds["outage"].expect

    assert expect is not None
    assert (expect.outcome, expect.culprit, expect.author, expect.target) == ("no_change", None, None, None)
    assert "Roll back" in expect.card_does_not_say
    assert [step.kind for step in worlds["outage"].script] == ["resolve", "wait"]


def test_slow_burn_leaked_two_deployments_before_the_latest(worlds: dict[str, World]) -> None:
    """The leak went live with the third newest deployment; the target is the one before, not the one in the middle."""
    world = worlds["slow-burn"]
    latest, middle, leaking, before, *_ = live_of(world)
    culprit = culprit_of(world)

    assert world.expect is not None
    assert (world.expect.deployment, world.expect.target) == (leaking.id, before.id)
    assert [contains(world, d, culprit) for d in (latest, middle, leaking, before)] == [True, True, True, False]
    assert latest.finished_at is not None
    assert T0 - latest.finished_at < timedelta(hours=2)


def test_slow_burn_is_merged_without_merge_commits(worlds: dict[str, World]) -> None:
    """A fast-forward project: one squash commit for each merge request."""
    world = worlds["slow-burn"]

    assert world.project.merge_method == "ff"
    assert all(c.merge_commit_sha is None and c.squash_commit_sha for c in world.merge_requests)


def test_the_leak_is_named_by_its_file(worlds: dict[str, World]) -> None:
    """The heap snapshot names the map and the file that the culprit added; nobody else touches that file."""
    world = worlds["slow-burn"]
    text = world.alert.firing["text"]
    touching = [c.iid for c in world.merge_requests if "src/suggest/answers.ts" in paths_of(world, c)]

    assert "answersByPrefix (src/suggest/answers.ts)" in text
    assert "+const answersByPrefix" in diff_of(world, culprit_of(world))
    assert touching == [culprit_of(world).iid]


def test_rolling_has_not_ended(worlds: dict[str, World]) -> None:
    """The culprit's deployment runs when the alert fires, and runs on; the one before it is live."""
    world = worlds["rolling"]
    running = [d for d in world.deployments if d.status == "running"]

    assert world.expect is not None
    assert [d.id for d in running] == [world.expect.deployment]
    assert running[0].started_at is not None
    assert running[0].started_at < T0
    assert running[0].finished_at is None
    assert world.expect.target == live_of(world)[0].id


def test_rolling_is_posted_as_sentry_posts(worlds: dict[str, World]) -> None:
    """A red circle when it fires, a white one when it is resolved, and where it happened as ``module in function``."""
    world = worlds["rolling"]
    firing, resolved = world.alert.firing["blocks"], world.alert.resolved["blocks"]

    assert firing[0]["text"]["text"].startswith(":red_circle: <https://")
    assert resolved[0]["text"]["text"].startswith(":white_circle: <https://")
    assert firing[1]["elements"][0]["text"] == "pricing.tags in unit_price"
    assert "def unit_price" in diff_of(world, culprit_of(world))
